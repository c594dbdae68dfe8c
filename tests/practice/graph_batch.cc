// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/graph_batch.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

namespace clawback::practice {
namespace {

namespace json = boost::json;

constexpr size_t kMaxParts = 20;

struct Part {
  std::string id;
  HttpRequest request;
  std::vector<std::string> depends_on;
};

Answer BadBatch(std::string_view what) { return GraphError(400, "BadRequest", what); }

std::string Text(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

// Fills *part, or says what is wrong with it.
std::string ReadPart(const json::value& value, Part* part) {
  if (!value.is_object()) return "Invalid batch payload format.";
  const json::object& object = value.as_object();
  part->id = Text(object, "id");
  part->request.method = Text(object, "method");
  const std::string url = Text(object, "url");
  if (part->id.empty()) return "Request Id should not be empty.";
  if (part->request.method.empty() || url.empty()) return "Method and url are required.";
  if (url.find("://") != url.npos) return "The url of a request in a batch must be relative.";
  part->request.target = "/v1.0" + (url.starts_with('/') ? url : "/" + url);
  if (const auto* headers = object.if_contains("headers"); headers && headers->is_object()) {
    for (const auto& header : headers->as_object()) {
      if (!header.value().is_string()) return "Header values must be strings.";
      part->request.headers.Add(std::string(header.key()), std::string(header.value().as_string()));
    }
  }
  if (const auto* body = object.if_contains("body"); body && !body->is_null()) {
    const bool empty = body->is_object() && body->as_object().empty();
    if (!empty && !part->request.headers.Has("Content-Type")) {
      return "A request with a body needs a Content-Type header.";
    }
    part->request.body = json::serialize(*body);
  }
  if (const auto* depends = object.if_contains("dependsOn"); depends && depends->is_array()) {
    for (const json::value& id : depends->as_array()) {
      if (!id.is_string()) return "dependsOn must hold ids.";
      part->depends_on.push_back(LowerAscii(std::string_view(id.as_string())));
    }
  }
  return {};
}

std::string ReadParts(const std::string& body, std::vector<Part>* parts) {
  boost::system::error_code failed;
  const json::value value = json::parse(body, failed);
  if (failed || !value.is_object()) return "Invalid batch payload format.";
  const auto* requests = value.as_object().if_contains("requests");
  if (!requests || !requests->is_array() || requests->as_array().empty()) {
    return "Invalid batch payload format.";
  }
  if (requests->as_array().size() > kMaxParts) {
    return "Number of batch request steps exceeds the maximum value of " +
           std::to_string(kMaxParts) + ".";
  }
  std::set<std::string> ids;  // case ignored
  for (const json::value& request : requests->as_array()) {
    Part& part = parts->emplace_back();
    if (std::string what = ReadPart(request, &part); !what.empty()) return what;
    // A part can only wait for one that stands before it, so no cycle can be.
    for (const std::string& id : part.depends_on) {
      if (!ids.contains(id)) return "dependsOn names an unknown request: " + id;
    }
    if (!ids.insert(LowerAscii(part.id)).second) {
      return "Request Id '" + part.id + "' is not unique.";
    }
  }
  return {};
}

json::object PartAnswer(const std::string& id, const HttpReply& reply) {
  json::object headers;
  for (const HttpHeader& field : reply.headers.fields()) headers[field.name] = field.value;
  json::object out{{"id", id}, {"status", reply.status}, {"headers", std::move(headers)}};
  if (reply.body.empty()) return out;
  boost::system::error_code failed;
  json::value body = json::parse(reply.body, failed);
  // What is not JSON travels as base64 text.
  const bool is_json = !failed && BeginsWith(reply.headers.Get("Content-Type"), "application/json");
  out["body"] = is_json ? std::move(body) : json::value(Base64(reply.body));
  return out;
}

HttpReply FailedDependency() {
  return JsonReply(424, json::object{{"error", json::object{{"code", "FailedDependency"},
                                                            {"message",
                                                             "A request that this one depends on "
                                                             "failed."}}}});
}

std::vector<HttpReply> InOrder(const std::vector<Part>& parts, const PerformPart& perform) {
  std::map<std::string, int> statuses;
  std::vector<HttpReply> replies;
  for (const Part& part : parts) {
    const bool failed = std::any_of(part.depends_on.begin(), part.depends_on.end(),
                                    [&](const std::string& id) { return statuses[id] >= 400; });
    replies.push_back(failed ? FailedDependency() : perform(part.request));
    statuses[LowerAscii(part.id)] = replies.back().status;
  }
  return replies;
}

// As Graph does with parts about mail that do not depend on one another.
std::vector<HttpReply> FourAtOnce(const std::vector<Part>& parts, const PerformPart& perform) {
  std::vector<HttpReply> replies(parts.size());
  std::atomic<size_t> next{0};
  std::vector<std::jthread> hands;
  for (size_t hand = 0; hand < std::min<size_t>(4, parts.size()); ++hand) {
    hands.emplace_back([&] {
      for (size_t i = next++; i < parts.size(); i = next++) replies[i] = perform(parts[i].request);
    });
  }
  hands.clear();  // waits
  return replies;
}

}  // namespace

Answer AnswerBatch(const std::string& body, const PerformPart& perform) {
  std::vector<Part> parts;
  if (const std::string what = ReadParts(body, &parts); !what.empty()) return BadBatch(what);
  const bool ordered = std::any_of(parts.begin(), parts.end(),
                                   [](const Part& part) { return !part.depends_on.empty(); });
  const auto replies = ordered ? InOrder(parts, perform) : FourAtOnce(parts, perform);
  json::array responses;
  for (size_t i = 0; i < parts.size(); ++i) {
    responses.push_back(PartAnswer(parts[i].id, replies[i]));
  }
  // "Responses ... may appear in a different order": here they always do.
  std::reverse(responses.begin(), responses.end());
  return Ok(json::object{{"responses", std::move(responses)}});
}

}  // namespace clawback::practice
