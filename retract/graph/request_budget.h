// SPDX-License-Identifier: Apache-2.0
// How many requests were made in each mailbox over the last ten minutes: Exchange Online takes
// 10,000 of one app there (Microsoft Graph, "service-specific throttling limits"), refuses
// what comes after, and counts the refused ones too. Who stays below is never turned away
// half-way through its work.
#ifndef CLAWBACK_RETRACT_GRAPH_REQUEST_BUDGET_H_
#define CLAWBACK_RETRACT_GRAPH_REQUEST_BUDGET_H_

#include <chrono>
#include <deque>
#include <map>

#include "policy/base/clock.h"
#include "retract/graph/request_scope.h"

namespace clawback {

// Not safe from several threads.
class RequestBudget {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  explicit RequestBudget(int requests) : requests_(requests) {}

  // One more was made. Answers how long none may follow, 0 as a rule: until a hundredth of
  // the budget is there again, so that what begins after a pause also comes to its end.
  milliseconds Spend(const RequestScope& scope, Instant now);

 private:
  struct Slice {
    Instant since;
    int requests;
  };
  struct Spent {
    std::deque<Slice> slices;  // oldest first
    int requests = 0;
  };
  static void Forget(Spent& spent, Instant now);
  void ForgetIdle(Instant now);

  const int requests_;
  std::map<RequestScope, Spent> spent_;
  Instant swept_{};
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_REQUEST_BUDGET_H_
