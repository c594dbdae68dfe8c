// SPDX-License-Identifier: Apache-2.0
// What every DecisionQueue promises. A new implementation is one line in the list
// of decision_queue_contract.cc.
#ifndef CLAWBACK_TESTS_CONTRACT_DECISION_QUEUE_CONTRACT_H_
#define CLAWBACK_TESTS_CONTRACT_DECISION_QUEUE_CONTRACT_H_

#include <memory>
#include <ostream>
#include <string_view>

#include "retract/ledger/decision_queue.h"

namespace clawback {

// Makes empty queues; what they stand on goes with the queue.
struct QueueMaker {
  std::string_view name;
  std::shared_ptr<DecisionQueue> (*make)();
};
inline std::ostream& operator<<(std::ostream& out, const QueueMaker& maker) {
  return out << maker.name;
}

}  // namespace clawback

#endif  // CLAWBACK_TESTS_CONTRACT_DECISION_QUEUE_CONTRACT_H_
