// SPDX-License-Identifier: Apache-2.0
// The Graph host: checks the bearer, throttles, routes, and dresses every answer as
// Microsoft does. Specification: Microsoft Graph v1.0 reference.
#ifndef CLAWBACK_TESTS_PRACTICE_GRAPH_H_
#define CLAWBACK_TESTS_PRACTICE_GRAPH_H_

#include "tests/practice/graph_answer.h"
#include "tests/practice/world.h"

namespace clawback::practice {

// Safe from any thread.
class Graph {
 public:
  Graph(World& world, const Clock& clock) : world_(world), clock_(clock) {}
  HttpReply Handle(const HttpRequest& request);

 private:
  struct Step;

  HttpReply Perform(const HttpRequest& request, const std::string& request_id);
  // One request, alone or out of a $batch, with throttling, faults and log.
  HttpReply Single(const HttpRequest& request, const AccessToken& caller,
                   const std::string& request_id, const std::string& batch_id);
  void Admit(Step* step);
  HttpReply Carry(const Step& step);
  void Finish(const Step& step, const HttpReply& reply, const std::string& batch_id);
  // An answer that needed no mailbox itself, logged.
  HttpReply Settle(const HttpRequest& request, const std::string& request_id, Answer answer);
  Answer Route(const GraphRequest& request);
  HttpReply Batch(const HttpRequest& request, const AccessToken& caller,
                  const std::string& request_id);

  World& world_;
  const Clock& clock_;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_GRAPH_H_
