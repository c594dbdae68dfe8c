// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/graph.h"

#include <charconv>
#include <thread>

#include "tests/practice/fault_reply.h"
#include "tests/practice/graph_batch.h"
#include "tests/practice/graph_mail.h"
#include "tests/practice/graph_users.h"

namespace clawback::practice {

namespace json = boost::json;

// A request that was let in, with whose mailbox it is for ("" where none).
struct Graph::Step {
  GraphRequest request;
  std::string user_id;
  std::string upn;
  std::string request_id;
  std::string client_request_id;
  std::optional<Fault> fault;
  ThrottleKey key;
  Throttle::Verdict verdict = Throttle::Verdict::kEnter;
  std::string retry_after;
  milliseconds latency{0};
};

namespace {

constexpr std::string_view kVersion = "/v1.0";

Answer Unauthorized(std::string_view message) {
  Answer answer = GraphError(401, "InvalidAuthenticationToken", message);
  answer.headers.Set("WWW-Authenticate",
                     "Bearer realm=\"\", "
                     "authorization_uri=\"https://login.microsoftonline.com/common/oauth2/"
                     "authorize\", client_id=\"00000003-0000-0000-c000-000000000000\"");
  return answer;
}

Answer Throttled(Throttle::Verdict verdict, const std::string& retry_after) {
  const bool of_app = verdict == Throttle::Verdict::kAppOver;
  Answer answer =
      of_app ? GraphError(429, "TooManyRequests", "Too many requests from this application.")
             : GraphError(429, "ApplicationThrottled",
                          "Application is over its MailboxConcurrency limit.");
  if (!retry_after.empty()) answer.headers.Set("Retry-After", retry_after);
  if (of_app) answer.headers.Set("x-ms-throttle-scope", "Tenant_Application/ReadWrite");
  return answer;
}

// Errors carry ids twice: in the headers and in the body (OData JSON 19.1).
void AddInnerError(json::value* body, const std::string& request_id,
                   const std::string& client_request_id, Time now) {
  if (!body->is_object()) return;
  auto* error = body->as_object().if_contains("error");
  if (!error || !error->is_object()) return;
  error->as_object()["innerError"] = json::object{{"date", SecondsTime(now).substr(0, 19)},
                                                  {"request-id", request_id},
                                                  {"client-request-id", client_request_id}};
}

HttpReply ToReply(Answer answer, const std::string& request_id,
                  const std::string& client_request_id, Time now) {
  HttpReply reply;
  reply.status = answer.status;
  reply.headers = std::move(answer.headers);
  if (answer.text) {
    reply.headers.Set("Content-Type", "text/plain");
    reply.body = std::move(*answer.text);
  } else if (!answer.body.is_null()) {
    if (answer.status >= 400) AddInnerError(&answer.body, request_id, client_request_id, now);
    reply.headers.Set("Content-Type", answer.status >= 400
                                          ? "application/json"
                                          : "application/json;odata.metadata=minimal;odata."
                                            "streaming=true;IEEE754Compatible=false;charset=utf-8");
    reply.body = json::serialize(answer.body);
  }
  return reply;
}

std::string ClientRequestId(const HttpRequest& request, const std::string& request_id) {
  const std::string_view given = request.headers.Get("client-request-id");
  return given.empty() ? request_id : std::string(given);
}

std::string CodeOf(const HttpReply& reply) {
  if (reply.status < 400) return {};
  boost::system::error_code failed;
  return ErrorCode(Ok(json::parse(reply.body, failed), reply.status));
}

std::int64_t RetryAttempt(const HttpRequest& request) {
  const std::string_view text = request.headers.Get("retry-attempt");
  std::int64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace

Answer Graph::Route(const GraphRequest& request) {
  Tenant* tenant = world_.FindTenant(request.caller.tenant_id);
  if (!tenant) return Unauthorized("The tenant of the token is not known.");
  if (IsMailRequest(request)) return AnswerMail(world_, *tenant, request);
  const std::string_view first = request.At(0);
  const size_t count = request.segments.size();
  const bool settings = count == 4 && request.At(2) == "settings" && request.At(3) == "exchange";
  const bool list_only = first == "organization" || first == "groups";
  if (first != "users" && !list_only) return UnknownSegment(first);
  if (list_only ? count > 1 : count > 2 && !settings) {
    return UnknownSegment(request.At(list_only ? 1 : 2));
  }
  if (request.http.method != "GET") return MethodNotAllowed();
  if (first == "organization") return ListOrganizations(world_, *tenant, request);
  if (first == "groups") return ListGroups(world_, *tenant, request);
  if (settings) return GetExchangeSettings(world_, *tenant, request);
  return count == 1 ? ListUsers(world_, *tenant, request) : GetUser(world_, *tenant, request);
}

// Whose mailbox it is, whether it may enter now, and which ordered fault it meets.
void Graph::Admit(Step* step) {
  const GraphRequest& request = step->request;
  const Locked lock = Lock(world_);
  Tenant* tenant = world_.FindTenant(request.caller.tenant_id);
  const User* user = tenant && request.At(0) == "users" ? tenant->FindUser(request.At(1)) : nullptr;
  if (user) {
    step->user_id = user->config.id;
    step->upn = user->config.address;
  }
  step->key = {request.caller.client_id + "/" + request.caller.tenant_id,
               user && IsMailRequest(request) ? step->user_id : ""};
  const auto now = clock_.Monotonic();
  step->verdict = world_.throttle.Enter(step->key, world_.settings, now);
  if (step->verdict != Throttle::Verdict::kEnter) {
    step->retry_after = world_.throttle.RetryAfter(step->key, world_.settings, now);
    return;
  }
  step->fault = world_.faults.Take("graph", request.http, step->user_id, step->upn);
  step->latency = world_.settings.latency;
  if (step->fault) step->latency += step->fault->latency;
}

HttpReply Graph::Carry(const Step& step) {
  const auto reply_with = [&](Answer answer) {
    return ToReply(std::move(answer), step.request_id, step.client_request_id, clock_.Now());
  };
  if (step.verdict != Throttle::Verdict::kEnter) {
    return reply_with(Throttled(step.verdict, step.retry_after));
  }
  const bool acts = !step.fault || step.fault->status == 0 ||
                    step.fault->moment == FaultMoment::kAfterAct ||
                    step.fault->body == FaultBody::kTruncated;
  HttpReply reply;
  if (acts) {
    const Locked lock = Lock(world_);
    reply = reply_with(Route(step.request));
  }
  if (step.fault) {
    Answer answer =
        GraphError(step.fault->status, FaultCode(*step.fault), FaultMessage(*step.fault));
    AddInnerError(&answer.body, step.request_id, step.client_request_id, clock_.Now());
    ApplyFault(*step.fault, answer.body, &reply);
  }
  return reply;
}

void Graph::Finish(const Step& step, const HttpReply& reply, const std::string& batch_id) {
  const HttpRequest& http = step.request.http;
  LoggedRequest logged{"graph",
                       http.method,
                       http.target,
                       reply.status,
                       CodeOf(reply),
                       step.request_id,
                       step.client_request_id,
                       batch_id,
                       step.user_id,
                       RetryAttempt(http),
                       clock_.Now(),
                       std::string(reply.headers.Get("Retry-After")),
                       std::string(reply.headers.Get("x-ms-throttle-scope")),
                       step.request.caller.tenant_id};
  const Locked lock = Lock(world_);
  world_.LogRequest(std::move(logged));
  if (step.verdict != Throttle::Verdict::kEnter) return;
  world_.throttle.Leave(step.key);
  const bool heard = reply.sending == Sending::kWhole || reply.sending == Sending::kSlowly;
  if (step.fault && step.fault->retry_after && reply.status >= 429 && heard) {
    world_.throttle.Pause(step.key, step.fault->throttle_scope.starts_with("Tenant"),
                          std::string(reply.headers.Get("Retry-After")), clock_.Monotonic());
  }
}

HttpReply Graph::Single(const HttpRequest& http, const AccessToken& caller,
                        const std::string& request_id, const std::string& batch_id) {
  auto segments = PathSegments(http.Path().substr(kVersion.size()));
  auto query = ParseForm(http.Query());
  if (!segments || !query) {
    return Settle(http, request_id,
                  GraphError(400, "BadRequest", "The URL is not encoded correctly."));
  }
  Step step;
  step.request = {http, caller, std::move(*segments), std::move(*query), clock_.Now()};
  step.request_id = request_id;
  step.client_request_id = ClientRequestId(http, request_id);
  Admit(&step);
  std::this_thread::sleep_for(step.latency);
  step.request.now = clock_.Now();
  HttpReply reply = Carry(step);
  Finish(step, reply, batch_id);
  return reply;
}

HttpReply Graph::Settle(const HttpRequest& request, const std::string& request_id, Answer answer) {
  const std::string client_request_id = ClientRequestId(request, request_id);
  HttpReply reply = ToReply(std::move(answer), request_id, client_request_id, clock_.Now());
  const Locked lock = Lock(world_);
  world_.LogRequest({"graph", request.method, request.target, reply.status, CodeOf(reply),
                     request_id, client_request_id, "", "", RetryAttempt(request), clock_.Now(), "",
                     ""});
  return reply;
}

HttpReply Graph::Batch(const HttpRequest& request, const AccessToken& caller,
                       const std::string& request_id) {
  return Settle(request, request_id, AnswerBatch(request.body, [&](const HttpRequest& part) {
                  const std::string part_id = NewGuid();
                  HttpReply reply = Single(part, caller, part_id, request_id);
                  reply.headers.Set("request-id", part_id);
                  return reply;
                }));
}

HttpReply Graph::Perform(const HttpRequest& request, const std::string& request_id) {
  const auto refuse = [&](Answer answer) { return Settle(request, request_id, std::move(answer)); };
  const std::string_view path = request.Path();
  if (!path.starts_with(kVersion) ||
      (path.size() > kVersion.size() && path[kVersion.size()] != '/')) {
    return refuse(
        GraphError(400, "BadRequest", "Invalid version: " + std::string(path.substr(0, 20))));
  }
  const std::string_view header = request.headers.Get("Authorization");
  if (!BeginsWith(header, "Bearer ")) return refuse(Unauthorized("Access token is empty."));
  std::optional<AccessToken> caller;
  {
    const Locked lock = Lock(world_);
    caller = ReadToken(Trim(header.substr(7)), world_.token_key);
  }
  if (!caller) {
    return refuse(Unauthorized("CompactToken parsing failed with error code: 80049217"));
  }
  if (caller->expires <= clock_.Now()) {
    return refuse(Unauthorized("Lifetime validation failed, the token is expired."));
  }
  const auto below = DecodePath(path.substr(kVersion.size()));
  if (below && *below == "/$batch") {
    if (request.method != "POST") return refuse(MethodNotAllowed());
    return Batch(request, *caller, request_id);
  }
  return Single(request, *caller, request_id, "");
}

HttpReply Graph::Handle(const HttpRequest& request) {
  const std::string request_id = NewGuid();
  HttpReply reply = Perform(request, request_id);
  reply.headers.Set("request-id", request_id);
  reply.headers.Set("client-request-id", ClientRequestId(request, request_id));
  reply.headers.Set("Date", HttpDate(clock_.Now()));
  reply.headers.Set("Cache-Control", "private");
  reply.headers.Set("Strict-Transport-Security", "max-age=31536000");
  reply.headers.Set("x-ms-ags-diagnostic",
                    R"({"ServerInfo":{"DataCenter":"Practice","Slice":"E","Ring":"0"}})");
  return reply;
}

}  // namespace clawback::practice
