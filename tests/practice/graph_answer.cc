// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/graph_answer.h"

namespace clawback::practice {
namespace {

namespace json = boost::json;

void AddSegment(std::string segment, std::vector<std::string>* out) {
  constexpr std::string_view kQualified = "microsoft.graph.";
  if (segment.starts_with(kQualified)) segment.erase(0, kQualified.size());
  const size_t open = segment.find("('");
  if (open == segment.npos || !segment.ends_with("')")) {
    out->push_back(std::move(segment));
    return;
  }
  const std::string key = segment.substr(open + 2, segment.size() - open - 4);
  out->push_back(segment.substr(0, open));
  out->push_back(key);
}

}  // namespace

bool GraphRequest::WantsImmutableIds() const {
  for (const std::string_view value : http.headers.All("Prefer")) {
    std::string bare;
    for (const char c : value) {
      if (c != '"' && c != ' ') bare += c;
    }
    if (LowerAscii(bare).find("idtype=immutableid") != bare.npos) return true;
  }
  return false;
}

Answer Ok(json::value body, int status) {
  Answer answer;
  answer.status = status;
  answer.body = std::move(body);
  return answer;
}

Answer GraphError(int status, std::string_view code, std::string_view message) {
  return Ok(json::object{{"error", json::object{{"code", code}, {"message", message}}}}, status);
}

std::string ErrorCode(const Answer& answer) {
  if (answer.status < 400 || !answer.body.is_object()) return {};
  const auto* error = answer.body.as_object().if_contains("error");
  const auto* code = error && error->is_object() ? error->as_object().if_contains("code") : nullptr;
  return code && code->is_string() ? std::string(code->as_string()) : std::string();
}

Answer UnknownSegment(std::string_view segment) {
  return GraphError(400, "BadRequest",
                    "Resource not found for the segment '" + std::string(segment) + "'.");
}

Answer MethodNotAllowed() {
  return GraphError(405, "Request_BadRequest",
                    "Specified HTTP method is not allowed for the request target.");
}

std::optional<std::vector<std::string>> PathSegments(std::string_view path) {
  std::vector<std::string> segments;
  for (const std::string& raw : Split(path, '/')) {
    if (raw.empty()) continue;
    auto decoded = DecodePath(raw);
    if (!decoded) return std::nullopt;
    AddSegment(std::move(*decoded), &segments);
  }
  return segments;
}

}  // namespace clawback::practice
