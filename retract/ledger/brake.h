// SPDX-License-Identifier: Apache-2.0
// A tenant's breaker in SQLite; the inside of this folder only. Everything here is done
// within the caller's transaction.
#ifndef CLAWBACK_RETRACT_LEDGER_BRAKE_H_
#define CLAWBACK_RETRACT_LEDGER_BRAKE_H_

#include <string>
#include <string_view>

#include "retract/ledger/holding.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

// Why a retraction waits that the breaker holds.
inline constexpr std::string_view kHeldByBreaker = "the tenant's breaker has tripped";

Result<bool> IsTripped(Database& database, std::string_view tenant);
// Adds the mailboxes that a report names to what came in.
Status CountInbound(Database& database, const DecisionRecord& record, Time now);

struct Passing {
  bool passed = false;
  std::string tripped{};  // which bound was met, in words; empty: none now
};
// Lets one automatic retraction begin to act, or not. The bound that one more would pass
// trips the breaker, and holds everything of the tenant that has not begun.
Result<Passing> PassBreaker(Database& database, const ClaimedRetraction& claim,
                            const Breaker& bounds, Time now);
// What did not pass is the breaker's from here on, though its worker has yet to hold it:
// who settles the breaker in between settles it too.
Status GiveToBreaker(Database& database, std::int64_t retraction);

// What is counted within bounds.window before now.
Status ReadCounts(Database& database, const std::string& tenant, Time now, BreakerRow* row);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_BRAKE_H_
