// SPDX-License-Identifier: Apache-2.0
// A small HTTPS server on loopback that answers as a test tells it, with certificates
// of an authority made on the spot.
#ifndef CLAWBACK_TESTS_RETRACT_GRAPH_TLS_SERVER_H_
#define CLAWBACK_TESTS_RETRACT_GRAPH_TLS_SERVER_H_

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "policy/base/c_handle.h"
#include "retract/graph/origin.h"

namespace clawback {

class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  // Writes a file that only we may read; answers its path.
  std::string Write(const std::string& name, std::string_view content) const;

 private:
  std::filesystem::path path_;
};

struct TestCertificate {
  CHandle<EVP_PKEY, EVP_PKEY_free> key;
  CHandle<X509, X509_free> certificate;
  std::string CertificatePem() const;
  std::string KeyPem() const;
};

// A certificate with an elliptic key (quick to make): self-signed, or with an issuer
// signed by it; for localhost and 127.0.0.1 or for another name.
TestCertificate MakeCertificate(std::string_view name, const TestCertificate* issuer = nullptr);

// What an app signs in with: self-signed, RSA.
TestCertificate MakeAppCertificate(int bits = 2048);

// How a reply ends.
enum class AfterReply { kKeepOpen, kClose, kStall };

struct TestReply {
  std::string bytes;  // status line, headers, body
  AfterReply then = AfterReply::kKeepOpen;
};
TestReply Json(int status, std::string_view body, std::string_view more_headers = "");

class TlsServer {
 public:
  using Answer = std::function<TestReply(const std::string& request)>;
  // certificate outlives the server.
  TlsServer(const TestCertificate& certificate, Answer answer, int highest_tls = TLS1_3_VERSION);
  ~TlsServer();
  TlsServer(const TlsServer&) = delete;
  TlsServer& operator=(const TlsServer&) = delete;

  WebOrigin origin() const { return {"localhost", port_}; }
  std::string authority() const { return "localhost:" + std::to_string(port_); }
  std::vector<std::string> requests() const;  // whole, in order of arrival
  int connections() const { return connections_; }
  std::string offered_protocols() const;  // ALPN of the last handshake, as on the wire

 private:
  static int OnAlpn(SSL*, const unsigned char**, unsigned char*, const unsigned char* offered,
                    unsigned length, void* user);
  void Accept();
  void Serve(int socket);

  CHandle<SSL_CTX, SSL_CTX_free> context_;
  Answer answer_;
  FileDescriptor listener_;
  FileDescriptor stop_;  // readable when it is time to end
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::string offered_;
  std::list<std::thread> serving_;
  std::thread accepting_;
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_RETRACT_GRAPH_TLS_SERVER_H_
