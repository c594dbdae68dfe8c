// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/fault_reply.h"

namespace clawback::practice {
namespace {

std::string DefaultCode(int status) {
  switch (status) {
    case 401:
      return "InvalidAuthenticationToken";
    case 403:
      return "ErrorAccessDenied";
    case 404:
      return "ErrorItemNotFound";
    case 429:
      return "ApplicationThrottled";
    case 503:
      return "serviceNotAvailable";
    case 504:
      return "UnknownError";
    case 507:
      return "ErrorQuotaExceeded";
    default:
      return "generalException";
  }
}

}  // namespace

void ApplyFault(const Fault& fault, HttpReply* reply) {
  reply->sending = fault.sending;
  reply->slow_for = fault.slow_for;
  if (fault.status != 0) {
    const std::string code = fault.code.empty() ? DefaultCode(fault.status) : fault.code;
    const std::string message =
        fault.message.empty() ? "The request could not be completed." : fault.message;
    switch (fault.body) {
      case FaultBody::kJson:
        *reply =
            JsonReply(fault.status,
                      boost::json::object{
                          {"error", boost::json::object{{"code", code}, {"message", message}}}});
        break;
      case FaultBody::kHtml:
        *reply = HttpReply{};
        reply->headers.Add("Content-Type", "text/html");
        reply->body =
            "<html><head><title>" + std::to_string(fault.status) +
            "</title></head><body><h2>Our services aren't available right now</h2></body></html>";
        break;
      case FaultBody::kEmpty:
        *reply = HttpReply{};
        break;
    }
    reply->status = fault.status;
    reply->sending = fault.sending;
    reply->slow_for = fault.slow_for;
  }
  if (fault.retry_after) reply->headers.Set("Retry-After", *fault.retry_after);
}

}  // namespace clawback::practice
