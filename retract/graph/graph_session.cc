// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/graph_session.h"

#include <chrono>
#include <thread>

#include "policy/base/fault_point.h"
#include "retract/graph/claims_challenge.h"
#include "retract/graph/graph_error.h"
#include "retract/graph/graph_url.h"
#include "retract/graph/guid.h"

namespace clawback {
namespace {

HttpRequest RequestOf(const GraphCall& call, const std::string& client_request_id) {
  HttpRequest request;
  request.method = call.method;
  request.target = call.target;
  request.headers = {{"Accept", "application/json"},
                     {"Prefer", "IdType=\"ImmutableId\""},
                     {"client-request-id", client_request_id},
                     {"return-client-request-id", "true"}};
  if (call.consistency == Consistency::kEventual) {
    request.headers.push_back({"ConsistencyLevel", "eventual"});
  }
  if (call.method == HttpMethod::kPost && !call.body.empty()) {
    request.content_type = "application/json";
    request.body = Secret(call.body);
  }
  request.max_response_bytes = call.max_response_bytes;
  request.begin_by = call.begin_by;
  return request;
}

// What only reads is asked so often in a row, a little later each time.
constexpr int kMostTries = 3;
constexpr milliseconds kFirstPause(100);

bool IsSuccess(int status) { return status >= 200 && status < 300; }

}  // namespace

Result<GraphSession::Attempt> GraphSession::Try(const GraphCall& call, const AccessToken& token) {
  const auto slot = limits_.Enter({tenant_id_, call.mailbox}, limits_.patience());
  if (!slot.ok()) return slot.error();
  const std::string client_request_id = NewGuid();
  HttpRequest request = RequestOf(call, client_request_id);
  request.peer = graph_;
  request.bearer = token;
  auto response = http_.Send(std::move(request));
  if (!response.ok()) {
    Error error = response.error();
    error.what += ", client-request-id " + client_request_id;
    return error;
  }
  return Attempt{*std::move(response), client_request_id};
}

Result<GraphSession::Attempt> GraphSession::TryTwice(const GraphCall& call) {
  for (int attempt = 1;; ++attempt) {
    const auto token = tokens_.Get();
    if (!token.ok()) return token.error();
    auto tried = Try(call, *token);
    if (!tried.ok() || tried->response.status != 401) return tried;
    if (attempt == 2 && IsTakenByDirectory(*token)) {
      tried->of_mailbox_alone = true;
      return tried;
    }
    tokens_.Discard(*token, ClaimsOf(tried->response.Header("WWW-Authenticate")));
    if (attempt == 2) return tried;
  }
}

// Whether it is one mailbox that refuses the token, or everything does: the first is
// final for that mailbox, the second will mend for all at once.
bool GraphSession::IsTakenByDirectory(const AccessToken& token) {
  const auto asked = Try({.target = AnyUserTarget(), .mailbox = std::string(kDirectory)}, token);
  return asked.ok() && (IsSuccess(asked->response.status) || asked->response.status == 403);
}

Error GraphSession::ErrorOf(const GraphCall& call, const Attempt& attempt) {
  Error error = GraphErrorOf(attempt.response, attempt.client_request_id, clock_.Now());
  if (attempt.of_mailbox_alone) return Within("the mailbox alone", std::move(error));
  if (error.kind != ErrorKind::kThrottled) return error;
  // The plant that the weather tests must catch: a client that comes back at once.
  if (FaultSetting("graph.retry-after") == "ignored") {
    return Error{ErrorKind::kThrottled, std::move(error.what), milliseconds(200)};
  }
  const bool of_app = attempt.response.Header("x-ms-throttle-scope").starts_with("Tenant");
  limits_.Pause({tenant_id_, of_app ? std::string() : call.mailbox}, error.retry_after);
  return error;
}

Result<TokenClaims> GraphSession::Claims() {
  const auto token = tokens_.Get();
  if (!token.ok()) return token.error();
  auto claims = ReadTokenClaims(**token);
  if (!claims) return Error{ErrorKind::kInvalid, "the token's claims cannot be read"};
  return *std::move(claims);
}

Result<HttpResponse> GraphSession::CallOnce(const GraphCall& call) {
  auto tried = TryTwice(call);
  if (!tried.ok()) return tried.error();
  if (IsSuccess(tried->response.status)) return std::move(tried->response);
  return ErrorOf(call, *tried);
}

// How long to wait before a question is put again at once; nullopt: not at all.
std::optional<milliseconds> GraphSession::ShortPause(const Error& error, int tries) const {
  if (tries >= kMostTries || ConcernsSignIn(error)) return std::nullopt;
  std::optional<milliseconds> pause = error.retry_after;
  if (!pause && error.kind == ErrorKind::kTransient) pause = kFirstPause * (1 << (2 * (tries - 1)));
  const bool may_mend = error.kind == ErrorKind::kThrottled || error.kind == ErrorKind::kTransient;
  if (!may_mend || !pause || *pause > limits_.short_pause()) return std::nullopt;
  return pause;
}

Result<HttpResponse> GraphSession::Call(const GraphCall& call) {
  const auto began = clock_.Monotonic();
  for (int tries = 1;; ++tries) {
    auto answer = CallOnce(call);
    if (answer.ok() || call.method != HttpMethod::kGet) return answer;
    const auto pause = ShortPause(answer.error(), tries);
    const bool slow = clock_.Monotonic() - began > kMostTries * limits_.short_pause();
    if (!pause || slow) return answer;
    std::this_thread::sleep_for(*pause);
  }
}

}  // namespace clawback
