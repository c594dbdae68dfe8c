// SPDX-License-Identifier: Apache-2.0
#include "tests/retract/graph/tls_server.h"

#include <netinet/in.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace clawback {
namespace {

using Memory = CHandle<BIO, BIO_free_all>;
using Session = CHandle<SSL, SSL_free>;

void Require(bool ok, const char* what) {
  if (!ok) throw std::runtime_error(what);
}

std::string TextOf(BIO* memory) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(memory, &bytes);
  return std::string(bytes, static_cast<std::size_t>(size));
}

void AddExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const CHandle<X509_EXTENSION, X509_EXTENSION_free> extension(
      X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str()));
  Require(extension && X509_add_ext(certificate, extension.get(), -1) == 1, "extension");
}

TestCertificate Certified(CHandle<EVP_PKEY, EVP_PKEY_free> key, std::string_view name,
                          const TestCertificate* issuer) {
  TestCertificate made;
  made.key = std::move(key);
  made.certificate.reset(X509_new());
  X509* certificate = made.certificate.get();
  Require(made.key && certificate != nullptr, "certificate");
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 24L * 3600);
  X509_set_pubkey(certificate, made.key.get());
  const std::string text(name);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
  X509* signer = issuer == nullptr ? certificate : issuer->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  if (issuer == nullptr) {
    AddExtension(certificate, signer, NID_basic_constraints, "critical,CA:TRUE");
  } else {
    const bool here = name == "localhost";
    AddExtension(certificate, signer, NID_subject_alt_name,
                 here ? "DNS:localhost,IP:127.0.0.1" : "DNS:" + text);
  }
  EVP_PKEY* signing_key = issuer == nullptr ? made.key.get() : issuer->key.get();
  Require(X509_sign(certificate, signing_key, EVP_sha256()) > 0, "signature");
  return made;
}

// Waits until socket can be read or it is time to end (false).
bool WaitForInput(int socket, int stop) {
  std::array<pollfd, 2> waiting = {{{socket, POLLIN, 0}, {stop, POLLIN, 0}}};
  while (::poll(waiting.data(), waiting.size(), -1) < 0 && errno == EINTR) {
  }
  return waiting[1].revents == 0;
}

std::size_t BodyLength(const std::string& head) {
  const char* found = ::strcasestr(head.c_str(), "\r\nContent-Length:");
  return found == nullptr ? 0 : std::strtoul(found + 17, nullptr, 10);
}

// One request, or nothing when the other side has gone.
std::string ReadRequest(SSL* session, int socket, int stop, std::string& received) {
  for (;;) {
    const std::size_t head_end = received.find("\r\n\r\n");
    if (head_end != received.npos) {
      const std::size_t size = head_end + 4 + BodyLength(received.substr(0, head_end + 2));
      if (received.size() >= size) {
        std::string request = received.substr(0, size);
        received.erase(0, size);
        return request;
      }
    }
    if (SSL_pending(session) == 0 && !WaitForInput(socket, stop)) return "";
    std::array<char, 4096> bytes{};
    const int got = SSL_read(session, bytes.data(), static_cast<int>(bytes.size()));
    if (got <= 0) return "";
    received.append(bytes.data(), static_cast<std::size_t>(got));
  }
}

}  // namespace

TestFolder::TestFolder() {
  std::string form = (std::filesystem::temp_directory_path() / "clawback-graph-XXXXXX").string();
  Require(::mkdtemp(form.data()) != nullptr, "mkdtemp");
  path_ = form;
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string TestFolder::Write(const std::string& name, std::string_view content) const {
  const auto path = path_ / name;
  std::ofstream(path, std::ios::binary) << content;
  std::filesystem::permissions(
      path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  return path.string();
}

std::string TestCertificate::CertificatePem() const {
  const Memory memory(BIO_new(BIO_s_mem()));
  Require(PEM_write_bio_X509(memory.get(), certificate.get()) == 1, "PEM");
  return TextOf(memory.get());
}

std::string TestCertificate::KeyPem() const {
  const Memory memory(BIO_new(BIO_s_mem()));
  Require(
      PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1,
      "PEM");
  return TextOf(memory.get());
}

TestCertificate MakeCertificate(std::string_view name, const TestCertificate* issuer) {
  return Certified(CHandle<EVP_PKEY, EVP_PKEY_free>(EVP_EC_gen("P-256")), name, issuer);
}

TestCertificate MakeAppCertificate(int bits) {
  return Certified(CHandle<EVP_PKEY, EVP_PKEY_free>(EVP_RSA_gen(static_cast<unsigned>(bits))),
                   "app", nullptr);
}

TestReply Json(int status, std::string_view body, std::string_view more_headers) {
  std::string bytes =
      "HTTP/1.1 " + std::to_string(status) +
      " Words\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n";
  bytes.append(more_headers).append("\r\n").append(body);
  return {std::move(bytes)};
}

TlsServer::TlsServer(const TestCertificate& certificate, Answer answer, int highest_tls)
    : context_(SSL_CTX_new(TLS_server_method())),
      answer_(std::move(answer)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  if (highest_tls < TLS1_2_VERSION) SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
  SSL_CTX_set_max_proto_version(context_.get(), highest_tls);
  SSL_CTX_use_certificate(context_.get(), certificate.certificate.get());
  SSL_CTX_use_PrivateKey(context_.get(), certificate.key.get());
  SSL_CTX_set_alpn_select_cb(context_.get(), OnAlpn, this);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  Require(::bind(listener_.get(), generic, length) == 0, "bind");
  Require(::listen(listener_.get(), 64) == 0, "listen");
  Require(::getsockname(listener_.get(), generic, &length) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread([this] { Accept(); });
}

TlsServer::~TlsServer() {
  ::eventfd_write(stop_.get(), 1);
  accepting_.join();
  for (std::thread& thread : serving_) thread.join();
}

std::vector<std::string> TlsServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::string TlsServer::offered_protocols() const {
  const std::lock_guard lock(mutex_);
  return offered_;
}

int TlsServer::OnAlpn(SSL*, const unsigned char**, unsigned char*, const unsigned char* offered,
                      unsigned length, void* user) {
  auto* server = static_cast<TlsServer*>(user);
  const std::lock_guard lock(server->mutex_);
  server->offered_.assign(reinterpret_cast<const char*>(offered), length);
  return SSL_TLSEXT_ERR_NOACK;
}

void TlsServer::Accept() {
  while (WaitForInput(listener_.get(), stop_.get())) {
    const int socket = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    ++connections_;
    serving_.emplace_back([this, socket] { Serve(socket); });
  }
}

void TlsServer::Serve(int socket) {
  const FileDescriptor owner(socket);
  // The client may go away while we write.
  sigset_t pipe;
  sigemptyset(&pipe);
  sigaddset(&pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
  // A client that never shakes hands must not keep the test from ending.
  const timeval patience{5, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  const Session session(SSL_new(context_.get()));
  SSL_set_fd(session.get(), socket);
  if (SSL_accept(session.get()) != 1) return;
  std::string received;
  for (;;) {
    const std::string request = ReadRequest(session.get(), socket, stop_.get(), received);
    if (request.empty()) return;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    const TestReply reply = answer_(request);
    for (std::size_t sent = 0; sent < reply.bytes.size();) {
      const int part = SSL_write(session.get(), reply.bytes.data() + sent,
                                 static_cast<int>(reply.bytes.size() - sent));
      if (part <= 0) return;
      sent += static_cast<std::size_t>(part);
    }
    if (reply.then == AfterReply::kStall) WaitForInput(stop_.get(), stop_.get());
    if (reply.then != AfterReply::kKeepOpen) return;
  }
}

}  // namespace clawback
