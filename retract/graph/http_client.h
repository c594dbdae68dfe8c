// SPDX-License-Identifier: Apache-2.0
// HTTPS for many callers at once over few connections: HTTP/2 where the server
// offers it (RFC 9113), else HTTP/1.1 (RFC 9112). The source of this header is the
// only file that knows libcurl.
#ifndef CLAWBACK_RETRACT_GRAPH_HTTP_CLIENT_H_
#define CLAWBACK_RETRACT_GRAPH_HTTP_CLIENT_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"
#include "policy/base/secret.h"
#include "retract/graph/origin.h"

namespace clawback {

using std::chrono::milliseconds;

// The other side of a request and what must vouch for it.
struct HttpPeer {
  WebOrigin origin;
  std::string ca_file;  // PEM trust anchors besides the system's; empty: none
};

struct HttpHeader {
  std::string name;
  std::string value;
};

enum class HttpMethod { kGet, kPost };

struct HttpRequest {
  HttpMethod method = HttpMethod::kGet;
  HttpPeer peer;
  std::string target;                    // "/path?query", already encoded
  std::vector<HttpHeader> headers;       // nothing secret
  std::shared_ptr<const Secret> bearer;  // for Authorization; null: none
  std::string content_type;              // of the body of a kPost
  Secret body;
  std::size_t max_response_bytes = 8UL << 20;
  // Not sent later than this; checked last, on a connection that is ready.
  std::chrono::steady_clock::time_point begin_by = std::chrono::steady_clock::time_point::max();
};

struct HttpResponse {
  int status = 0;
  std::vector<HttpHeader> headers;
  std::string body;

  // The first header of that name in whatever case; empty where there is none.
  std::string_view Header(std::string_view name) const;
};

struct HttpTimeouts {
  milliseconds connect = std::chrono::seconds(10);
  milliseconds total = std::chrono::seconds(120);
  std::chrono::seconds stall{20};  // nothing moved for that long
};

// Safe from any thread. TLS 1.2 or newer, always verified; redirects are answers like
// any other; netrc, proxies of the environment, cookies and every protocol but https
// are off. To be made before other threads read the environment.
class HttpClient {
 public:
  explicit HttpClient(HttpTimeouts timeouts = {});
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  // Blocks until the whole answer, of whatever status, is here. Errors: kTransient
  // (no connection, untrusted certificate, cut, timeout: the server may have done
  // what was asked), kInvalid (bad target or header, unreadable ca_file, answer
  // larger than allowed). A request that was not begun in time is kTransient, and says so.
  Result<HttpResponse> Send(HttpRequest request);

  // Ends every Send, now and later, with kTransient.
  void Stop();

 private:
  class Loop;
  HttpTimeouts timeouts_;
  std::unique_ptr<Loop> loop_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_HTTP_CLIENT_H_
