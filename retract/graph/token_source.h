// SPDX-License-Identifier: Apache-2.0
// Access tokens of one tenant by the client credentials grant (RFC 6749 4.4; Microsoft
// identity platform, "OAuth 2.0 client credentials flow"). A token source belongs to
// one tenant's provider and knows no other, so a token cannot be had for another.
#ifndef CLAWBACK_RETRACT_GRAPH_TOKEN_SOURCE_H_
#define CLAWBACK_RETRACT_GRAPH_TOKEN_SOURCE_H_

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "policy/base/secret.h"
#include "retract/graph/http_client.h"
#include "retract/graph/sign_in.h"

namespace clawback {

using AccessToken = std::shared_ptr<const Secret>;

// Safe from any thread. http and clock outlive it.
class TokenSource {
 public:
  TokenSource(SignIn sign_in, HttpClient& http, const Clock& clock);

  // A token that is valid now. One caller at a time renews it, some minutes before its
  // end, while the others go on with the old one; only without a valid token do they
  // wait. References are read anew at each renewal. Errors: kRefused that
  // ConcernsSignIn (Entra ID's error and AADSTS numbers), kInvalid that does too (a
  // secret or key cannot be read), kTransient, kThrottled. After an error, a next
  // attempt is made only after a pause; meanwhile every caller gets the same error.
  Result<AccessToken> Get();

  // Graph would not have token: if it still is the current one, the next Get renews,
  // and asks for claims (JSON, from claims_challenge.h) where the answer named some.
  void Discard(const AccessToken& token, std::string claims = "");

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Issued {
    AccessToken token;
    Instant renew_at{};
    Instant valid_until{};
  };
  bool IsValid() const;
  void Renew(std::unique_lock<std::mutex>& lock);
  Result<Issued> AskSafely(const std::string& claims);
  Result<Issued> Ask(const std::string& claims);
  Result<Issued> Read(HttpResponse response, Instant asked);

  const SignIn sign_in_;
  HttpClient& http_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable renewed_;
  bool renewing_ = false;
  Issued current_;
  std::optional<Error> last_error_;
  Instant next_attempt_{};
  std::optional<Instant> last_discard_;
  std::string claims_;  // what Graph asked the next token for
};

// What an answer of the token endpoint that is no token means. Only Entra ID's error
// word and AADSTS numbers get into the text: the rest might quote what was sent.
Error TokenErrorOf(const HttpResponse& response, Time now);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_TOKEN_SOURCE_H_
