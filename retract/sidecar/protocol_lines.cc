// SPDX-License-Identifier: Apache-2.0
// The lines of the protocol: requests, answers, errors.
#include <optional>
#include <utility>

#include "policy/json.h"
#include "retract/sidecar/protocol.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::pair<ErrorKind, std::string_view> kErrorWords[] = {
    {ErrorKind::kTransient, "transient"}, {ErrorKind::kThrottled, "throttled"},
    {ErrorKind::kNotFound, "not-found"},  {ErrorKind::kRefused, "refused"},
    {ErrorKind::kInvalid, "invalid"},
};

std::string_view WordOf(ErrorKind kind) {
  for (const auto& [value, word] : kErrorWords) {
    if (value == kind) return word;
  }
  return "invalid";
}

std::optional<ErrorKind> ErrorKindFrom(std::string_view text) {
  for (const auto& [value, word] : kErrorWords) {
    if (word == text) return value;
  }
  return std::nullopt;
}

}  // namespace

std::string ToJson(const ProtocolRequest& request) {
  boost::system::error_code error;
  json::object out;
  out["version"] = request.version;
  PutText(&out, "operation", request.operation);
  out["arguments"] = json::parse(request.arguments, error);
  return json::serialize(out);
}

Result<ProtocolRequest> ProtocolRequestFromJson(std::string_view line) {
  ProtocolRequest request;
  request.version = 0;
  boost::system::error_code error;
  const json::value value = json::parse(line, error);
  const Status read = ReadJson(line, [&](const JsonReader& in) {
    in.Integer("version", &request.version);
    in.Text("operation", &request.operation);
    in.Object("arguments", [&](const JsonReader&) {
      request.arguments = json::serialize(value.get_object().at("arguments"));
    });
    if (!in.Has("version")) in.Fault("version", "is missing");
    if (request.operation.empty()) in.Fault("operation", "is missing");
  });
  if (!read) return Within("request", read.error());
  return request;
}

std::string AnswerLine(std::string_view result_json) {
  boost::system::error_code error;
  json::object out;
  out["version"] = kProtocolVersion;
  out["result"] = json::parse(result_json, error);
  return json::serialize(out);
}

std::string AnswerLine(const Error& error) {
  json::object inner;
  inner["kind"] = WordOf(error.kind);
  PutText(&inner, "what", error.what);
  return json::serialize(json::object{{"version", kProtocolVersion}, {"error", std::move(inner)}});
}

Result<std::string> ReadAnswerLine(std::string_view line) {
  int version = 0;
  std::optional<Error> told;
  bool has_result = false;
  const Status read = ReadJson(line, [&](const JsonReader& in) {
    in.Integer("version", &version);
    has_result = in.Has("result");
    in.Object("error", [&](const JsonReader& error) {
      told.emplace();
      error.Named("kind", &told->kind, ErrorKindFrom);
      error.Text("what", &told->what);
    });
  });
  if (!read) return Within("answer", read.error());
  if (told) return *told;
  if (version != kProtocolVersion) {
    return Error{ErrorKind::kRefused, "clawback-retractd speaks protocol version " +
                                          std::to_string(version) + ", this program version " +
                                          std::to_string(kProtocolVersion) +
                                          ": install both of one release"};
  }
  if (!has_result) return Error{ErrorKind::kInvalid, "answer: neither result nor error in it"};
  boost::system::error_code error;
  return json::serialize(json::parse(line, error).get_object().at("result"));
}

}  // namespace clawback
