// SPDX-License-Identifier: Apache-2.0
// What one subscriber is told: the ledger's changes from a position on, as lines of the
// protocol. It keeps a position and no events, so that a subscriber that is slow costs
// nothing, and one that comes back misses nothing.
#ifndef CLAWBACK_RETRACT_SIDECAR_SUBSCRIPTION_H_
#define CLAWBACK_RETRACT_SIDECAR_SUBSCRIPTION_H_

#include <optional>
#include <string>

#include "policy/base/result.h"
#include "retract/ledger/ledger.h"
#include "retract/sidecar/live_settings.h"
#include "retract/sidecar/protocol.h"

namespace clawback {

// For one thread.
class Subscription {
 public:
  // kRefused for another protocol version; kInvalid for wrong arguments, and for a position
  // that the ledger has not reached; kNotFound for a tenant that is not known (known_tenant.h;
  // settings may be null). ledger outlives this.
  static Result<Subscription> Begin(const ProtocolRequest& request, Ledger& ledger,
                                    LiveSettings* settings = nullptr);

  // The lines of the next changes, each ended by LF, about 1 MiB at most; empty: nothing
  // new that the subscriber wants. An error: the ledger cannot be read now.
  Result<std::string> Next();

  // Everything up to there was told or is not wanted.
  std::int64_t position() const { return query_.after; }

 private:
  Subscription(ChangeQuery query, std::optional<TraceQuery> matching, Ledger& ledger)
      : query_(std::move(query)), matching_(std::move(matching)), ledger_(&ledger) {}
  Result<bool> Matches(const LedgerChange& change);

  ChangeQuery query_;
  std::optional<TraceQuery> matching_;
  Ledger* ledger_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_SUBSCRIPTION_H_
