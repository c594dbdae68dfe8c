// SPDX-License-Identifier: Apache-2.0
// How messages are found that are older than the retention, and how one is taken away; the
// inside of this folder only.
#ifndef CLAWBACK_RETRACT_LEDGER_OLD_MESSAGES_H_
#define CLAWBACK_RETRACT_LEDGER_OLD_MESSAGES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/digest.h"
#include "retract/ledger/pruning.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

// That a job j is over since before ?1 and nothing of it waits for anybody.
inline constexpr std::string_view kJobIsOver =
    "((j.state IN ('finished','cancelled') AND j.ended<?1)"
    " OR (j.state IN ('draft','prepared','expired') AND j.expires<?1))"
    " AND NOT EXISTS(SELECT 1 FROM retraction w WHERE w.job=j.id AND w.job<>0"
    " AND w.state<>'final')";

// A row of the trace, and what of other tables is its alone.
struct OldMessage {
  std::int64_t id = 0;
  Time received{};
  std::string tenant, message_id, instance;
  Digest report{};
  std::string record;                  // as it stands in the ledger, until it is understood
  bool readable = false;               // false: instance, addresses and keys are not known
  std::vector<std::string> addresses;  // by which it is found
  std::vector<std::uint64_t> keys;     // of its features
};

// The next ones of a pass, oldest first, at most so many and hardly more than kMostRead of
// records. Outside a transaction: nobody changes them but who prunes.
inline constexpr std::size_t kMostRead = 256UL << 10;
struct OldMessages {
  std::vector<OldMessage> messages;
  bool all = false;  // there are no more
};
Result<OldMessages> ReadOldMessages(Database& database, const PruneCursor& from, Time before,
                                    std::size_t most);
// A large one of which a step left a part: its record is not read again for each step.
struct HalfPruned {
  PruneCursor at;  // where the step ended
  OldMessages rest;
};
// Reads what belongs to it out of its record; needs no database, and may take a while.
void Understand(OldMessage* old);

// Takes away as much as left allows, which it lessens. Inside a transaction.
enum class Taken {
  kAll,
  kPart,        // part says how far
  kNeeded,      // nothing
  kUnreadable,  // nothing
};
Result<Taken> TakeAway(Database& database, const OldMessage& message, Time before,
                       std::size_t* part, std::size_t* left);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_OLD_MESSAGES_H_
