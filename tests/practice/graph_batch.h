// SPDX-License-Identifier: Apache-2.0
// JSON batching ("Combine multiple HTTP requests using JSON batching").
#ifndef CLAWBACK_TESTS_PRACTICE_GRAPH_BATCH_H_
#define CLAWBACK_TESTS_PRACTICE_GRAPH_BATCH_H_

#include <functional>
#include <string>

#include "tests/practice/graph_answer.h"

namespace clawback::practice {

// Carries out the parts of a batch by perform and answers with their answers, in an
// order that is not that of the requests. A malformed batch is a 400.
using PerformPart = std::function<HttpReply(const HttpRequest&)>;
Answer AnswerBatch(const std::string& body, const PerformPart& perform);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_GRAPH_BATCH_H_
