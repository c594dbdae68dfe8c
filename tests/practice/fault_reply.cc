// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/fault_reply.h"

#include <cstdlib>

#include "policy/base/clock.h"

namespace clawback::practice {
namespace {

HttpReply FaultPage(const Fault& fault, const boost::json::value& json_body) {
  HttpReply reply;
  reply.status = fault.status;
  if (fault.body == FaultBody::kJson) return JsonReply(fault.status, json_body);
  if (fault.body == FaultBody::kEmpty) return reply;
  // As a gateway before the service answers.
  reply.headers.Add("Content-Type", "text/html");
  reply.body =
      "<html><head><title>" + std::to_string(fault.status) +
      "</title></head><body><h2>Our services aren't available right now</h2></body></html>";
  return reply;
}

// "in 3": the date three seconds from now; anything else as it is.
std::string RetryAfterOf(const std::string& ordered) {
  if (!ordered.starts_with("in ")) return ordered;
  const std::chrono::seconds wait(std::strtol(ordered.c_str() + 3, nullptr, 10));
  return HttpDate(SystemClock().Now() + wait);
}

}  // namespace

std::string FaultCode(const Fault& fault) {
  if (!fault.code.empty()) return fault.code;
  switch (fault.status) {
    case 400:
      return "BadRequest";
    case 401:
      return "InvalidAuthenticationToken";
    case 403:
      return "ErrorAccessDenied";
    case 404:
      return "ErrorItemNotFound";
    case 409:
    case 412:
      return "ErrorIrresolvableConflict";
    case 423:
      return "ErrorItemLocked";
    case 429:
      return "ApplicationThrottled";
    case 501:
      return "notImplemented";
    case 503:
      return "serviceNotAvailable";
    case 504:
      return "UnknownError";
    case 507:
      return "ErrorQuotaExceeded";
    default:
      return fault.status < 500 ? "UnknownError" : "generalException";
  }
}

std::string FaultMessage(const Fault& fault) {
  return fault.message.empty() ? "The request could not be completed." : fault.message;
}

void ApplyFault(const Fault& fault, const boost::json::value& json_body, HttpReply* reply) {
  if (fault.body == FaultBody::kTruncated) {
    reply->body.resize(reply->body.size() / 2);
  } else if (fault.status != 0) {
    *reply = FaultPage(fault, json_body);
  }
  reply->sending = fault.sending;
  reply->slow_for = fault.slow_for;
  if (fault.retry_after) reply->headers.Set("Retry-After", RetryAfterOf(*fault.retry_after));
  if (!fault.throttle_scope.empty()) {
    reply->headers.Set("x-ms-throttle-scope", fault.throttle_scope);
  }
}

}  // namespace clawback::practice
