// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/smtp_client.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "tests/practice/text.h"

namespace clawback::practice {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using Failure = boost::system::error_code;

// A line of the message that begins with a dot gets another (RFC 5321 4.5.2).
std::string DotStuffed(const std::string& message) {
  std::string out;
  out.reserve(message.size() + 16);
  bool line_start = true;
  for (const char c : message) {
    if (line_start && c == '.') out += '.';
    out += c;
    line_start = c == '\n';
  }
  if (!out.ends_with("\r\n")) out += "\r\n";
  return out;
}

class Session {
 public:
  explicit Session(const SmtpServer& server)
      : server_(server), tls_(asio::ssl::context::tls_client) {
    SSL_CTX_set_min_proto_version(tls_.native_handle(), TLS1_2_VERSION);
    if (server.security == SmtpSecurity::kPlain) return;
    tls_.load_verify_file(server.ca_file);
    if (!server.client_certificate.empty()) {
      tls_.use_certificate_chain_file(server.client_certificate);
      tls_.use_private_key_file(server.client_certificate, asio::ssl::context::pem);
    }
  }

  void Connect() {
    tcp::resolver resolver(io_);
    const auto endpoints = resolver.resolve(server_.host, std::to_string(server_.port));
    stream_.emplace(io_, tls_);
    Await([&](auto done) {
      asio::async_connect(stream_->next_layer(), endpoints,
                          [done](const Failure& failure, const auto&) { done(failure); });
    });
  }

  void StartTls() {
    if (!pending_.empty()) throw std::runtime_error("STARTTLS: plain text follows the answer");
    stream_->set_verify_mode(asio::ssl::verify_peer);
    stream_->set_verify_callback(asio::ssl::host_name_verification(server_.server_name));
    SSL_set_tlsext_host_name(stream_->native_handle(), server_.server_name.c_str());
    Await([&](auto done) { stream_->async_handshake(asio::ssl::stream_base::client, done); });
    encrypted_ = true;
  }

  void Write(const std::string& bytes) {
    Await([&](auto done) {
      const auto written = [done](const Failure& failure, size_t) { done(failure); };
      if (encrypted_) {
        asio::async_write(*stream_, asio::buffer(bytes), written);
      } else {
        asio::async_write(stream_->next_layer(), asio::buffer(bytes), written);
      }
    });
  }

  // One answer, all its lines joined by '\n'.
  SmtpReply Read(const char* stage) {
    SmtpReply reply;
    reply.stage = stage;
    for (;;) {
      const std::string line = ReadLine();
      if (line.size() < 3) throw std::runtime_error(std::string(stage) + ": no SMTP answer");
      std::from_chars(line.data(), line.data() + 3, reply.code);
      reply.text +=
          (reply.text.empty() ? "" : "\n") + line.substr(std::min<size_t>(4, line.size()));
      if (line.size() == 3 || line[3] != '-') return reply;
    }
  }

  SmtpReply Ask(const char* stage, const std::string& command) {
    Write(command + "\r\n");
    return Read(stage);
  }

 private:
  // Runs one asynchronous call to its end or its deadline.
  template <typename Start>
  void Await(Start start) {
    std::optional<Failure> ended;
    io_.restart();
    start([&ended](const Failure& failure) { ended = failure; });
    io_.run_for(server_.timeout);
    if (!ended) {
      // The call holds references to our frame: end it before the frame goes.
      Failure ignored;
      stream_->next_layer().close(ignored);
      io_.run();
      throw std::runtime_error("timed out");
    }
    if (*ended) throw boost::system::system_error(*ended);
  }

  std::string ReadLine() {
    Await([&](auto done) {
      const auto read = [done](const Failure& failure, size_t) { done(failure); };
      if (encrypted_) {
        asio::async_read_until(*stream_, asio::dynamic_buffer(pending_), '\n', read);
      } else {
        asio::async_read_until(stream_->next_layer(), asio::dynamic_buffer(pending_), '\n', read);
      }
    });
    const size_t end = pending_.find('\n');
    std::string line(Trim(std::string_view(pending_).substr(0, end)));
    pending_.erase(0, end + 1);
    return line;
  }

  const SmtpServer& server_;
  asio::io_context io_;
  asio::ssl::context tls_;
  std::optional<asio::ssl::stream<tcp::socket>> stream_;
  bool encrypted_ = false;
  std::string pending_;
};

bool Good(const SmtpReply& reply) { return reply.code / 100 == 2; }

SmtpReply SendChunks(Session& session, const std::string& message) {
  constexpr size_t kChunk = 1 << 20;
  SmtpReply reply;
  for (size_t at = 0;; at += kChunk) {
    const std::string chunk = message.substr(at, kChunk);
    const bool last = at + kChunk >= message.size();
    session.Write("BDAT " + std::to_string(chunk.size()) + (last ? " LAST\r\n" : "\r\n") + chunk);
    const Time sent = SystemClock().Now();
    reply = session.Read("end");
    reply.end_of_data = sent;
    reply.message_sent = last;
    if (last || !Good(reply)) return reply;
  }
}

SmtpReply SendData(Session& session, const std::string& message) {
  SmtpReply reply = session.Ask("data", "DATA");
  if (reply.code != 354) return reply;
  session.Write(DotStuffed(message) + ".\r\n");
  const Time sent = SystemClock().Now();
  reply = session.Read("end");
  reply.end_of_data = sent;
  reply.message_sent = true;
  return reply;
}

SmtpReply Converse(Session& session, const SmtpServer& server, const std::string& mail_from,
                   const std::string& rcpt_to, const std::string& message) {
  const std::string hello = "EHLO NAM11-BN8-obe.outbound.protection.outlook.com";
  session.Connect();
  SmtpReply reply = session.Read("connect");
  if (!Good(reply)) return reply;
  reply = session.Ask("ehlo", hello);
  if (!Good(reply)) return reply;
  if (server.security == SmtpSecurity::kStartTls) {
    reply = session.Ask("starttls", "STARTTLS");
    if (!Good(reply)) return reply;
    session.StartTls();
    reply = session.Ask("ehlo", hello);
    if (!Good(reply)) return reply;
  }
  const bool chunks =
      server.transfer == SmtpTransfer::kChunks && reply.text.find("CHUNKING") != std::string::npos;
  reply =
      session.Ask("mail", "MAIL FROM:<" + mail_from + "> SIZE=" + std::to_string(message.size()));
  if (!Good(reply)) return reply;
  reply = session.Ask("rcpt", "RCPT TO:<" + rcpt_to + ">");
  if (!Good(reply)) return reply;
  reply = chunks ? SendChunks(session, message) : SendData(session, message);
  reply.replied = SystemClock().Now();
  return reply;
}

}  // namespace

Result<SmtpReply> SendBySmtp(const SmtpServer& server, const std::string& mail_from,
                             const std::string& rcpt_to, const std::string& message) try {
  Session session(server);
  SmtpReply reply = Converse(session, server, mail_from, rcpt_to, message);
  try {
    session.Write("QUIT\r\n");
  } catch (const std::exception&) {
    // The answer to the message is what counts.
  }
  return reply;
} catch (const std::exception& error) {
  return Error{ErrorKind::kTransient,
               "SMTP " + server.host + ":" + std::to_string(server.port) + ": " + error.what()};
}

}  // namespace clawback::practice
