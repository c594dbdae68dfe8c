// SPDX-License-Identifier: Apache-2.0
// What is held: by a tenant's breaker, which keeps a fault or an attack from taking more
// mail than it may, and for a person, where the copy in the mailbox may not be the message
// reported or its owner is protected.
#ifndef CLAWBACK_RETRACT_LEDGER_HOLDING_H_
#define CLAWBACK_RETRACT_LEDGER_HOLDING_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/limits.h"
#include "retract/ledger/ledger.h"

namespace clawback {

// Limits by tenant; one that is not named has the defaults.
using LimitsByTenant = std::map<std::string, TenantLimits, std::less<>>;

// A tenant's breaker. It trips in the transaction that would have let one retraction more
// than its bounds begin to act, and from then on every automatic retraction of the tenant
// is held until a person releases or discards them.
struct BreakerRow {
  std::string tenant;
  bool tripped = false;
  Time tripped_at{};
  std::string why;           // which bound, in words
  std::int64_t held = 0;     // retractions that wait for it
  std::int64_t passed = 0;   // automatic retractions that began within the window
  std::int64_t inbound = 0;  // mailboxes that reports named within the window
  Breaker bounds;
};

// What is held for a person, and the report that armed it, if it is kept.
struct HeldRow {
  std::string tenant;
  RetractionRow retraction;
  std::optional<TraceRow> row;
};

struct HeldQuery {
  std::string tenant{};    // empty: of all
  std::int64_t after = 0;  // id of the last row of the page before; oldest first
  int limit = 50;          // 1 to 1000
};

// Both sides of what is in doubt.
struct HeldStory {
  HeldRow held;
  Fingerprint report;
  std::optional<Fingerprint> copy;   // absent where it was held for another reason
  std::vector<std::string> differs;  // fields of the two that are not the same: "subject", ...
};

// Safe from any thread. Every change is audited in its own transaction.
class Holding {
 public:
  virtual ~Holding() = default;

  // The limits in force from now on. They come from files and settings, so the ledger does
  // not keep them: whoever opens it says them before anything is claimed.
  virtual void UseLimits(LimitsByTenant limits) = 0;
  virtual TenantLimits LimitsOf(std::string_view tenant) = 0;

  // tenant empty: of all that have limits or ever tripped.
  virtual Result<std::vector<BreakerRow>> Breakers(const std::string& tenant, Time now) = 0;
  // What it holds is armed again and passes it uncounted, for a person has looked; what
  // comes from now on is counted anew. Answers how many. kNotFound: it has not tripped.
  virtual Result<std::int64_t> ReleaseBreaker(const std::string& tenant, const Actor& who,
                                              const std::string& reason, Time now) = 0;
  // What it holds ends as discarded; the rest as above.
  virtual Result<std::int64_t> DiscardBreaker(const std::string& tenant, const Actor& who,
                                              const std::string& reason, Time now) = 0;

  // What waits for a person: not what a breaker or a paused job holds.
  virtual Result<std::vector<HeldRow>> ListHeld(const HeldQuery& query) = 0;
  virtual Result<HeldStory> ShowHeld(std::int64_t retraction) = 0;
  // Retracts it anyway, with action (kNone: its own): a copy in doubt is taken as it was
  // shown, if it still is that. Answers the new retraction. kRefused for a hard-delete;
  // kNotFound: nothing of that id is held.
  virtual Result<std::int64_t> RetractHeld(std::int64_t retraction, Action action, const Actor& who,
                                           const std::string& reason, Time now) = 0;
  // Leaves it where it is; the outcome says why it was held.
  virtual Status LeaveHeld(std::int64_t retraction, const Actor& who,
                           const std::string& reason) = 0;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_HOLDING_H_
