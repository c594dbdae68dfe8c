// SPDX-License-Identifier: Apache-2.0
// HTTP/1.1 on a loopback port, with TLS or without: one thread a connection, kept
// open between requests. Made for tests and rehearsals, so that a slow or hanging
// answer holds up nobody else; not for the open network.
#ifndef CLAWBACK_TESTS_PRACTICE_HTTP_SERVER_H_
#define CLAWBACK_TESTS_PRACTICE_HTTP_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "policy/base/result.h"
#include "tests/practice/http.h"

namespace clawback::practice {

class HttpServer {
 public:
  // Called from many threads at once; may block.
  using Handler = std::function<HttpReply(const HttpRequest&)>;

  // Listens on 127.0.0.1:port (0: any free one). certificate_file: a PEM with
  // certificate and key; empty: plain HTTP.
  static Result<std::unique_ptr<HttpServer>> Start(std::uint16_t port,
                                                   const std::string& certificate_file,
                                                   Handler handler);
  // Ends every connection and waits for its thread.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  std::uint16_t port() const;

 private:
  struct State;
  explicit HttpServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_HTTP_SERVER_H_
