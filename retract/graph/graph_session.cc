// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/graph_session.h"

#include <chrono>

#include "retract/graph/graph_error.h"
#include "retract/graph/guid.h"

namespace clawback {
namespace {

constexpr auto kPatience = std::chrono::seconds(60);
// Where Graph throttles without saying for how long.
constexpr milliseconds kPauseUnsaid = std::chrono::seconds(3);

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
  return request;
}

bool IsSuccess(int status) { return status >= 200 && status < 300; }

}  // namespace

Result<GraphSession::Attempt> GraphSession::Try(const GraphCall& call, const AccessToken& token) {
  const auto slot = limits_.Enter({tenant_id_, call.mailbox}, kPatience);
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
    tokens_.Discard(*token);
    if (attempt == 2) return tried;
  }
}

Result<HttpResponse> GraphSession::Call(const GraphCall& call) {
  auto tried = TryTwice(call);
  if (!tried.ok()) return tried.error();
  if (IsSuccess(tried->response.status)) return std::move(tried->response);
  Error error = GraphErrorOf(tried->response, tried->client_request_id, clock_.Now());
  if (error.kind == ErrorKind::kThrottled) {
    limits_.Pause({tenant_id_, call.mailbox}, error.retry_after.value_or(kPauseUnsaid));
  }
  return error;
}

}  // namespace clawback
