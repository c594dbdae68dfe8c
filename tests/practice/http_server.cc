// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/http_server.h"

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

namespace clawback::practice {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Failure = boost::system::error_code;

// As Graph: 4 MB of JSON are the most that a call may carry; control takes mail.
constexpr std::uint64_t kMaxBody = 256ULL << 20;

HttpRequest ToRequest(http::request<http::string_body>&& message) {
  HttpRequest request;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) {
    request.headers.Add(std::string(field.name_string()), std::string(field.value()));
  }
  request.body = std::move(message.body());
  return request;
}

http::response<http::string_body> ToResponse(const HttpReply& reply, unsigned version,
                                             bool keep_alive) {
  http::response<http::string_body> message;
  message.version(version);
  message.result(static_cast<unsigned>(reply.status));
  for (const HttpHeader& field : reply.headers.fields()) message.insert(field.name, field.value);
  message.keep_alive(keep_alive);
  // RFC 9110 8.6: no Content-Length with 204.
  if (reply.status != 204) {
    message.body() = reply.body;
    message.prepare_payload();
  }
  return message;
}

std::string Serialize(const http::response<http::string_body>& message) {
  std::string bytes;
  http::response_serializer<http::string_body> serializer(message);
  Failure failure;
  while (!failure && !serializer.is_done()) {
    serializer.next(failure, [&](Failure&, const auto& buffers) {
      bytes += beast::buffers_to_string(buffers);
      serializer.consume(beast::buffer_bytes(buffers));
    });
  }
  return bytes;
}

// Whether the connection may go on.
template <typename Stream>
bool Send(Stream& stream, const HttpReply& reply, const std::string& bytes) {
  Failure failure;
  switch (reply.sending) {
    case Sending::kWhole:
      asio::write(stream, asio::buffer(bytes), failure);
      return !failure;
    case Sending::kCutBefore:
      return false;
    case Sending::kStalled:
      std::this_thread::sleep_for(reply.slow_for);
      return false;
    case Sending::kCutWithin:
      asio::write(stream, asio::buffer(bytes.data(), bytes.size() - reply.body.size() / 2 - 1),
                  failure);
      return false;
    case Sending::kSlowly: {
      constexpr size_t kPieces = 10;
      const size_t piece = bytes.size() / kPieces + 1;
      for (size_t at = 0; at < bytes.size() && !failure; at += piece) {
        asio::write(stream, asio::buffer(bytes.data() + at, std::min(piece, bytes.size() - at)),
                    failure);
        std::this_thread::sleep_for(reply.slow_for / kPieces);
      }
      return !failure;
    }
  }
  return false;
}

template <typename Stream>
void Serve(Stream& stream, const HttpServer::Handler& handler) {
  beast::flat_buffer buffer;
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(kMaxBody);
    Failure failure;
    http::read_header(stream, buffer, parser, failure);
    if (failure) return;
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      asio::write(stream, asio::buffer(std::string_view("HTTP/1.1 100 Continue\r\n\r\n")), failure);
    }
    http::read(stream, buffer, parser, failure);
    if (failure) return;
    auto message = parser.release();
    const unsigned version = message.version();
    const bool keep_alive = message.keep_alive();
    const bool head = message.method() == http::verb::head;
    HttpReply reply = handler(ToRequest(std::move(message)));
    auto response = ToResponse(reply, version, keep_alive);
    if (head) response.body().clear();
    if (!Send(stream, reply, Serialize(response)) || !keep_alive) return;
  }
}

}  // namespace

struct HttpServer::State {
  struct Connection {
    explicit Connection(tcp::socket accepted) : socket(std::move(accepted)) {}
    tcp::socket socket;
    std::thread thread;
    std::atomic<bool> done{false};
  };

  asio::io_context io;
  std::optional<asio::ssl::context> tls;
  tcp::acceptor acceptor{io};
  Handler handler;
  std::atomic<bool> stopping{false};
  std::mutex mutex;
  std::list<Connection> connections;  // under mutex
  std::thread accepting;

  Status Listen(std::uint16_t port, const std::string& certificate_file);
  void Accept();
  void Run(Connection& connection);
  void Reap();
  void Stop();
};

Status HttpServer::State::Listen(std::uint16_t port, const std::string& certificate_file) try {
  if (!certificate_file.empty()) {
    tls.emplace(asio::ssl::context::tls_server);
    SSL_CTX_set_min_proto_version(tls->native_handle(), TLS1_2_VERSION);
    tls->use_certificate_chain_file(certificate_file);
    tls->use_private_key_file(certificate_file, asio::ssl::context::pem);
  }
  const tcp::endpoint endpoint(asio::ip::address_v4::loopback(), port);
  acceptor.open(endpoint.protocol());
  acceptor.set_option(tcp::acceptor::reuse_address(true));
  acceptor.bind(endpoint);
  acceptor.listen();
  return {};
} catch (const boost::system::system_error& error) {
  return Error{ErrorKind::kInvalid,
               (certificate_file.empty() ? std::string("listen") : certificate_file) + ": " +
                   error.code().message()};
}

void HttpServer::State::Accept() {
  while (!stopping) {
    tcp::socket socket(io);
    Failure failure;
    acceptor.accept(socket, failure);
    if (failure) continue;
    socket.set_option(tcp::no_delay(true), failure);
    const std::lock_guard lock(mutex);
    if (stopping) return;
    Reap();
    Connection& connection = connections.emplace_back(std::move(socket));
    connection.thread = std::thread([this, &connection] { Run(connection); });
  }
}

void HttpServer::State::Run(Connection& connection) {
  try {
    if (tls) {
      asio::ssl::stream<tcp::socket&> stream(connection.socket, *tls);
      stream.handshake(asio::ssl::stream_base::server);
      Serve(stream, handler);
    } else {
      Serve(connection.socket, handler);
    }
  } catch (const std::exception&) {
    // A handshake that fails is the client's business: it is told by TLS itself.
  }
  // The socket closes when the connection is reaped; the other side hears now.
  ::shutdown(connection.socket.native_handle(), SHUT_RDWR);
  connection.done = true;
}

void HttpServer::State::Reap() {
  for (auto at = connections.begin(); at != connections.end();) {
    if (!at->done) {
      ++at;
      continue;
    }
    at->thread.join();
    at = connections.erase(at);
  }
}

void HttpServer::State::Stop() {
  stopping = true;
  ::shutdown(acceptor.native_handle(), SHUT_RDWR);
  if (accepting.joinable()) accepting.join();
  const std::lock_guard lock(mutex);
  for (Connection& connection : connections) {
    ::shutdown(connection.socket.native_handle(), SHUT_RDWR);
  }
  for (Connection& connection : connections) connection.thread.join();
  connections.clear();
}

HttpServer::HttpServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
HttpServer::~HttpServer() { state_->Stop(); }

Result<std::unique_ptr<HttpServer>> HttpServer::Start(std::uint16_t port,
                                                      const std::string& certificate_file,
                                                      Handler handler) {
  auto state = std::make_unique<State>();
  state->handler = std::move(handler);
  if (Status listening = state->Listen(port, certificate_file); !listening.ok()) {
    return listening.error();
  }
  State* running = state.get();
  state->accepting = std::thread([running] { running->Accept(); });
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(state)));
}

std::uint16_t HttpServer::port() const { return state_->acceptor.local_endpoint().port(); }

}  // namespace clawback::practice
