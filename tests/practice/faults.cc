// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/faults.h"

#include <map>

#include "policy/base/text.h"
#include "tests/practice/json_fields.h"

namespace clawback::practice {
namespace {

namespace json = boost::json;

const std::map<std::string, FaultBody> kBodies = {{"json", FaultBody::kJson},
                                                  {"html", FaultBody::kHtml},
                                                  {"empty", FaultBody::kEmpty},
                                                  {"truncated", FaultBody::kTruncated}};
const std::map<std::string, FaultMoment> kMoments = {{"before", FaultMoment::kInsteadOfAct},
                                                     {"after", FaultMoment::kAfterAct}};
const std::map<std::string, Sending> kSendings = {{"whole", Sending::kWhole},
                                                  {"cut", Sending::kCutBefore},
                                                  {"cut-within", Sending::kCutWithin},
                                                  {"slow", Sending::kSlowly},
                                                  {"stalled", Sending::kStalled}};

template <typename E>
std::string NameOf(const std::map<std::string, E>& names, E value) {
  for (const auto& [name, known] : names) {
    if (known == value) return name;
  }
  return {};
}

bool Matches(const Fault& fault, std::string_view host, const HttpRequest& request,
             std::string_view user_id, std::string_view upn) {
  if (!fault.host.empty() && fault.host != host) return false;
  if (!fault.method.empty() && !EqualIgnoringCase(fault.method, request.method)) return false;
  if (!fault.user.empty() && !EqualIgnoringCase(fault.user, user_id) &&
      !EqualIgnoringCase(fault.user, upn)) {
    return false;
  }
  return request.target.find(fault.path) != std::string::npos;
}

}  // namespace

Result<Fault> FaultFromJson(const json::value& value) {
  JsonFields fields(value);
  Fault fault;
  fields.Text("host", &fault.host);
  fields.Text("method", &fault.method);
  fields.Text("path", &fault.path);
  fields.Text("user", &fault.user);
  fields.Number("skip", &fault.skip);
  fields.Number("times", &fault.times);
  fields.Number("percent", &fault.percent);
  std::int64_t status = 0;
  fields.Number("status", &status);
  fault.status = static_cast<int>(status);
  fields.Text("code", &fault.code);
  fields.Text("message", &fault.message);
  fields.TextOrNumber("retryAfter", &fault.retry_after);
  fields.Text("throttleScope", &fault.throttle_scope);
  fields.Choice("body", kBodies, &fault.body);
  fields.Choice("when", kMoments, &fault.moment);
  fields.Choice("answer", kSendings, &fault.sending);
  fields.Milliseconds("slowMs", &fault.slow_for);
  fields.Milliseconds("latencyMs", &fault.latency);
  if (Status read = fields.Finish(); !read.ok()) return Within("fault", read.error());
  if (status != 0 && (status < 200 || status > 599)) {
    return Error{ErrorKind::kInvalid, "fault: status: expected 200 to 599"};
  }
  if (fault.percent < 1 || fault.percent > 100) {
    return Error{ErrorKind::kInvalid, "fault: percent: expected 1 to 100"};
  }
  return fault;
}

json::object ToJson(const Fault& fault) {
  json::object out{{"host", fault.host},
                   {"method", fault.method},
                   {"path", fault.path},
                   {"user", fault.user},
                   {"skip", fault.skip},
                   {"times", fault.times},
                   {"percent", fault.percent},
                   {"status", fault.status},
                   {"code", fault.code},
                   {"body", NameOf(kBodies, fault.body)},
                   {"when", NameOf(kMoments, fault.moment)},
                   {"answer", NameOf(kSendings, fault.sending)},
                   {"latencyMs", fault.latency.count()}};
  if (fault.retry_after) out["retryAfter"] = *fault.retry_after;
  if (!fault.throttle_scope.empty()) out["throttleScope"] = fault.throttle_scope;
  return out;
}

std::optional<Fault> Faults::Take(std::string_view host, const HttpRequest& request,
                                  std::string_view user_id, std::string_view upn) {
  for (auto at = faults_.begin(); at != faults_.end(); ++at) {
    if (!Matches(*at, host, request, user_id, upn)) continue;
    if (at->skip > 0) {
      --at->skip;
      continue;
    }
    if (at->percent < 100 && static_cast<std::int64_t>(chance_() % 100) >= at->percent) continue;
    ++met_;
    Fault met = *at;
    if (at->times == 1) {
      faults_.erase(at);
    } else if (at->times > 1) {
      --at->times;
    }
    return met;
  }
  return std::nullopt;
}

}  // namespace clawback::practice
