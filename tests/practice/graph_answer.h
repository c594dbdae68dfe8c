// SPDX-License-Identifier: Apache-2.0
// One Graph request and its answer as values, before HTTP or $batch wraps them.
#ifndef CLAWBACK_TESTS_PRACTICE_GRAPH_ANSWER_H_
#define CLAWBACK_TESTS_PRACTICE_GRAPH_ANSWER_H_

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/practice/http.h"
#include "tests/practice/token.h"

namespace clawback::practice {

struct GraphRequest {
  HttpRequest http;
  AccessToken caller;
  std::vector<std::string> segments;  // decoded path below /v1.0
  Pairs query;                        // decoded
  Time now;

  bool WantsImmutableIds() const;  // Prefer: IdType="ImmutableId"
  std::string_view At(size_t index) const {
    return index < segments.size() ? std::string_view(segments[index]) : std::string_view();
  }
};

struct Answer {
  int status = 200;
  boost::json::value body;          // null: none
  std::optional<std::string> text;  // instead of body: text/plain
  HttpHeaders headers;
};

Answer Ok(boost::json::value body, int status = 200);
Answer GraphError(int status, std::string_view code, std::string_view message);
// The error code of an answer, or "".
std::string ErrorCode(const Answer& answer);

Answer UnknownSegment(std::string_view segment);
Answer MethodNotAllowed();

// The path below /v1.0 in its segments, decoded; users('x') becomes users/x, and
// microsoft.graph.move becomes move. nullopt: broken encoding.
std::optional<std::vector<std::string>> PathSegments(std::string_view path);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_GRAPH_ANSWER_H_
