// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/graph_error.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "retract/graph/mailbox_provider.h"
#include "retract/graph/retry_after.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxBody = std::size_t{256} * 1024;
constexpr std::size_t kMaxMessage = 200;
constexpr int kMaxDepth = 8;

using enum ErrorKind;

struct KnownCode {
  std::string_view code;
  ErrorKind kind;
};

constexpr std::array kKnownCodes = {
    KnownCode{"ErrorInvalidIdMalformed", kInvalid},
    KnownCode{"InefficientFilter", kInvalid},
    KnownCode{"ErrorInvalidUrlQuery", kInvalid},
    KnownCode{"Request_UnsupportedQuery", kInvalid},
    KnownCode{"BadRequest", kInvalid},
    KnownCode{"ErrorAccessDenied", kRefused},
    KnownCode{"Authorization_RequestDenied", kRefused},
    KnownCode{"ErrorCannotDeleteObject", kRefused},
    KnownCode{"ErrorItemNotFound", kNotFound},
    KnownCode{"ErrorFolderNotFound", kNotFound},
    KnownCode{"MailboxNotEnabledForRESTAPI", kNotFound},
    KnownCode{"ResourceNotFound", kNotFound},
    KnownCode{"Request_ResourceNotFound", kNotFound},
    KnownCode{"ErrorInvalidUser", kNotFound},
    KnownCode{"ErrorNonExistentMailbox", kNotFound},
    KnownCode{"ErrorIrresolvableConflict", kTransient},
    KnownCode{"ErrorFolderExists", kTransient},
    KnownCode{"ApplicationThrottled", kThrottled},
    KnownCode{"TooManyRequests", kThrottled},
    KnownCode{"activityLimitReached", kThrottled},
    KnownCode{"generalException", kTransient},
    KnownCode{"serviceNotAvailable", kTransient},
    KnownCode{"MailboxInfoStale", kTransient},
    KnownCode{"ErrorServerBusy", kTransient},
    KnownCode{"ErrorMailboxMoveInProgress", kTransient},
    KnownCode{"ErrorMailboxStoreUnavailable", kTransient},
    KnownCode{"ErrorQuotaExceeded", kRefused},
    KnownCode{"quotaLimitReached", kRefused},
};

// What the body says, as far as it is Graph's at all.
struct GraphBody {
  bool is_graphs = false;
  std::string code;  // the deepest known one, else the outermost
  std::optional<ErrorKind> kind;
  std::string message;
};

std::optional<ErrorKind> KindOfCode(std::string_view code) {
  const auto known = std::find_if(kKnownCodes.begin(), kKnownCodes.end(),
                                  [&](const KnownCode& entry) { return entry.code == code; });
  if (known == kKnownCodes.end()) return std::nullopt;
  return known->kind;
}

std::string_view TextAt(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

const json::object* ObjectAt(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr ? value->if_object() : nullptr;
}

// Microsoft's pages spell it both ways.
const json::object* InnerError(const json::object& error) {
  const json::object* inner = ObjectAt(error, "innerError");
  return inner != nullptr ? inner : ObjectAt(error, "innererror");
}

// Anything from outside that goes into a text: printable ASCII and not for ever.
std::string Printable(std::string_view text, std::size_t longest) {
  std::string printable;
  for (const char c : text.substr(0, longest)) {
    printable.push_back(c >= 0x20 && c < 0x7f ? c : '?');
  }
  return printable;
}

GraphBody ReadBody(std::string_view body) {
  GraphBody read;
  if (body.size() > kMaxBody) return read;
  boost::system::error_code failed;
  const json::value value = json::parse(body, failed);
  const json::object* top = failed ? nullptr : value.if_object();
  const json::object* error = top != nullptr ? ObjectAt(*top, "error") : nullptr;
  if (error == nullptr || error->if_contains("code") == nullptr) return read;
  read.is_graphs = true;
  read.code = Printable(TextAt(*error, "code"), 100);
  read.message = Printable(TextAt(*error, "message"), kMaxMessage);
  for (int depth = 0; error != nullptr && depth < kMaxDepth; ++depth) {
    if (const auto kind = KindOfCode(TextAt(*error, "code"))) {
      read.code = TextAt(*error, "code");
      read.kind = kind;
    }
    error = InnerError(*error);
  }
  return read;
}

ErrorKind KindOfStatus(int status) {
  switch (status) {
    case 401:
    case 403:
    case 507:
      return kRefused;
    case 404:
    case 410:
      return kNotFound;
    case 408:
    case 409:
    case 412:
    case 421:
    case 423:
    case 424:
    case 425:
      return kTransient;
    case 429:
      return kThrottled;
    case 501:
      return kInvalid;
    default:
      break;
  }
  // Graph never redirects and never answers with less than 200: whatever does that is
  // not Graph.
  return status >= 400 && status < 500 ? kInvalid : kTransient;
}

ErrorKind KindOf(int status, const GraphBody& body) {
  // These two mean what they say, whatever the body holds.
  if (status == 401 || status == 429) return KindOfStatus(status);
  if (body.kind) return *body.kind;
  if (!body.is_graphs && (status == 403 || status == 404 || status == 410)) return kTransient;
  return KindOfStatus(status);
}

std::string TextOf(const HttpResponse& response, const GraphBody& body,
                   std::string_view client_request_id) {
  const std::string status = "HTTP " + std::to_string(response.status);
  std::string text = body.code.empty() ? status : body.code + ": " + status;
  if (response.status == 401) text = std::string(kSignInRefused) + ": " + text;
  if (!body.is_graphs) text += " without Graph's error body";
  // What refuses a token might quote it.
  if (!body.message.empty() && response.status != 401) text += ", " + body.message;
  if (const auto id = response.Header("request-id"); !id.empty()) {
    text += ", request-id " + Printable(id, 64);
  }
  return text + ", client-request-id " + std::string(client_request_id);
}

}  // namespace

Error GraphErrorOf(const HttpResponse& response, std::string_view client_request_id, Time now) {
  const GraphBody body = ReadBody(response.body);
  Error error{KindOf(response.status, body), TextOf(response, body, client_request_id)};
  if (error.kind != kThrottled && error.kind != kTransient) return error;
  error.retry_after = ParseRetryAfter(response.Header("Retry-After"), now);
  // A busy server that says when to come back is obeyed like a throttling one.
  if (error.retry_after) error.kind = kThrottled;
  return error;
}

}  // namespace clawback
