// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_RETRACT_GRAPH_GRAPH_SESSION_H_
#define CLAWBACK_RETRACT_GRAPH_GRAPH_SESSION_H_

#include <cstddef>
#include <optional>
#include <string>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/graph/http_client.h"
#include "retract/graph/mailbox_provider.h"
#include "retract/graph/request_limits.h"
#include "retract/graph/token_claims.h"
#include "retract/graph/token_source.h"

namespace clawback {

enum class Consistency { kDefault, kEventual };

struct GraphCall {
  HttpMethod method = HttpMethod::kGet;
  std::string target;
  std::string mailbox;    // object id; kDirectory where it is about none
  std::string body = "";  // JSON, of a kPost; empty: none
  Consistency consistency = Consistency::kDefault;
  std::size_t max_response_bytes = 8UL << 20;
  BeginBy begin_by = kAnyTime;
};

// One tenant's signed-in way to Graph: what every call needs, in one place. Immutable
// ids, a client-request-id for each attempt, a slot, the token, one new token after a
// 401, and the pause that Graph asks for: of the mailbox, or of the whole tenant where
// Graph says that the limit is the app's. What only reads is asked again at once after an
// error that may be gone by then, or after a short pause. Safe from any thread.
class GraphSession {
 public:
  GraphSession(HttpPeer graph, SignIn sign_in, HttpClient& http, RequestLimits& limits,
               const Clock& clock)
      : graph_(std::move(graph)),
        tenant_id_(sign_in.tenant_id),
        http_(http),
        limits_(limits),
        clock_(clock),
        tokens_(std::move(sign_in), http, clock) {}

  // A 2xx answer, or the error that the answer means. A mailbox that refuses two tokens
  // which the directory takes is a kRefused of its own; where the directory refuses
  // them too, the error ConcernsSignIn.
  Result<HttpResponse> Call(const GraphCall& call);

  // What the token in use says; asks for one if there is none. Errors: those of
  // TokenSource::Get, kInvalid (the token cannot be read).
  Result<TokenClaims> Claims();

  const WebOrigin& origin() const { return graph_.origin; }

 private:
  struct Attempt {
    HttpResponse response;
    std::string client_request_id;
    bool of_mailbox_alone = false;  // a 401 to a token that is good elsewhere
  };
  Result<Attempt> Try(const GraphCall& call, const AccessToken& token);
  Result<Attempt> TryTwice(const GraphCall& call);
  bool IsTakenByDirectory(const AccessToken& token);
  Result<HttpResponse> CallOnce(const GraphCall& call);
  std::optional<milliseconds> ShortPause(const Error& error, int tries) const;
  Error ErrorOf(const GraphCall& call, const Attempt& attempt);

  const HttpPeer graph_;
  const std::string tenant_id_;
  HttpClient& http_;
  RequestLimits& limits_;
  const Clock& clock_;
  TokenSource tokens_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_GRAPH_SESSION_H_
