// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/graph_error.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "retract/graph/answer_table.h"
#include "retract/graph/mailbox_provider.h"
#include "retract/graph/retry_after.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxBody = std::size_t{256} * 1024;
constexpr std::size_t kMaxMessage = 200;
constexpr int kMaxDepth = 8;
constexpr std::string_view kMakeRoom =
    ": the mailbox is full; its owner or an administrator must make room, then retract again";

// What the body says, as far as it is Graph's at all.
struct GraphBody {
  bool is_graphs = false;
  std::string code;                    // the deepest known one, else the outermost
  std::optional<AnswerClass> meaning;  // of code, if known
  std::string message;
};

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

// Something in between may quote the request, and the token with it: every JWT, whole or
// cut, begins like this (RFC 7519: {" in base64url), and no other word here does.
std::string WithoutTokens(std::string text) {
  constexpr std::string_view kStart = "eyJ";
  constexpr std::string_view kInside =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=";
  for (std::size_t at = 0; (at = text.find(kStart, at)) != std::string::npos;) {
    const std::size_t end = std::min(text.find_first_not_of(kInside, at), text.size());
    text.replace(at, end - at, "(a token)");
  }
  return text;
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
  read.code = WithoutTokens(Printable(TextAt(*error, "code"), 100));
  read.message = WithoutTokens(Printable(TextAt(*error, "message"), kMaxMessage));
  for (int depth = 0; error != nullptr && depth < kMaxDepth; ++depth) {
    if (const auto meaning = ClassOfCode(TextAt(*error, "code"))) {
      read.code = TextAt(*error, "code");
      read.meaning = meaning;
    }
    error = InnerError(*error);
  }
  return read;
}

AnswerClass ClassOf(int status, const GraphBody& body) {
  // These mean what they say, whatever the body holds.
  if (status == 401 || status == 429 || status == 501) return ClassOfStatus(status);
  if (body.meaning) return *body.meaning;
  if (!body.is_graphs && (status == 403 || status == 404 || status == 410)) {
    return AnswerClass::kRetry;
  }
  return ClassOfStatus(status);
}

std::string TextOf(const HttpResponse& response, const GraphBody& body, AnswerClass meaning,
                   std::string_view client_request_id) {
  const std::string status = "HTTP " + std::to_string(response.status);
  std::string text = body.code.empty() ? status : body.code + ": " + status;
  if (response.status == 401) text = std::string(kSignInRefused) + ": " + text;
  if (meaning == AnswerClass::kFull) text += kMakeRoom;
  if (!body.is_graphs) text += " without Graph's error body";
  // What refuses a token might quote it.
  if (!body.message.empty() && response.status != 401) text += ", " + body.message;
  if (const auto id = response.Header("request-id"); !id.empty()) {
    text += std::string(kRequestIdMark) + Printable(id, 64);
  }
  return text + ", client-request-id " + std::string(client_request_id);
}

}  // namespace

Error GraphErrorOf(const HttpResponse& response, std::string_view client_request_id, Time now) {
  const GraphBody body = ReadBody(response.body);
  const AnswerClass meaning = ClassOf(response.status, body);
  Error error{KindOf(meaning), TextOf(response, body, meaning, client_request_id)};
  const bool waits = meaning == AnswerClass::kWait || meaning == AnswerClass::kRetry ||
                     meaning == AnswerClass::kFewTimes;
  if (!waits) return error;
  error.retry_after = RetryAfterOf(response, now);
  // A busy server that says when to come back is obeyed like a throttling one.
  if (error.retry_after && meaning == AnswerClass::kRetry) error.kind = ErrorKind::kThrottled;
  return error;
}

}  // namespace clawback
