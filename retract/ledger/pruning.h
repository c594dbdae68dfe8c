// SPDX-License-Identifier: Apache-2.0
// What is older than the retention goes out of the ledger, step by step (Ledger::Prune). A
// message is pruned whole: its row of the trace, the record, by what it is found, and its
// retractions with their outcomes and acts. It stays for as long as it is needed to act, to
// undo or to explain: while a retraction of it is not final, or was armed, ended or acted
// within the retention, and while a job that names it is not over for that long. Never pruned
// are the audit, what undos block, the settings, and that a report, or an automatic retraction,
// has been there: neither may come a second time, however late it comes again.
#ifndef CLAWBACK_RETRACT_LEDGER_PRUNING_H_
#define CLAWBACK_RETRACT_LEDGER_PRUNING_H_

#include <cstddef>
#include <cstdint>
#include <limits>

namespace clawback {

// What a pass goes over, in this order.
enum class PruneStage {
  kJobs,      // that are over, with their lists
  kMessages,  // by when they were received
  kChanges,   // of what is pruned
  kDone,
};

// How far a pass has come; a new one is at its beginning. Costs nothing to lose: the next pass
// finds what is left.
struct PruneCursor {
  PruneStage stage = PruneStage::kJobs;
  std::int64_t received = std::numeric_limits<std::int64_t>::min();  // of the last row passed
  std::int64_t id = 0;                                               // of the last row passed
  std::size_t part = 0;  // of the next row so many parts are gone already
  bool operator==(const PruneCursor&) const = default;
};

// So much a step is to take away at most: some ten milliseconds' worth.
inline constexpr std::size_t kPruneAtOnce = 500;

// What one step did.
struct PruneStep {
  PruneCursor next;             // where the next step goes on
  std::int64_t messages = 0;    // rows of the trace that are gone
  std::int64_t needed = 0;      // older ones that stay, for they are needed
  std::int64_t unreadable = 0;  // older ones that stay, for what belongs to them is not known
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_PRUNING_H_
