// SPDX-License-Identifier: Apache-2.0
// When a retraction is tried again. Pure functions.
#ifndef CLAWBACK_RETRACT_SIDECAR_BACKOFF_H_
#define CLAWBACK_RETRACT_SIDECAR_BACKOFF_H_

#include <cstdint>
#include <optional>

#include "policy/base/clock.h"
#include "policy/base/result.h"

namespace clawback {

// When to look next for a copy that is not in the mailbox yet: 5 s, 15 s, 45 s, 2 min,
// 5 min, 15 min and then each full hour after it was armed, a last time when
// give_up_after has passed. nullopt: that time is over. A journal report can reach us
// before the mailbox has the message. attempts: how often it was claimed before.
std::optional<Time> NextLook(Time armed, Time now, milliseconds give_up_after, int attempts);

// Whether that time is over: give_up_after has passed, and not only because the clock was set
// or nobody was there to look, for then the looks of the first minutes are made up for.
bool IsOver(Time armed, Time now, milliseconds give_up_after, int attempts);

// When to try again after a throttled or transient error: what the other side asked
// for, else 3 s doubled with each attempt up to 3 min, and up to a quarter of that
// longer: whose seeds differ do not come back together. Never later than
// give_up_after from now, whatever the other side says.
struct Tries {
  int before = 0;  // this one
  std::uint64_t seed = 0;
};
Time NextTry(const Error& error, Tries tries, Time now, milliseconds give_up_after);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_BACKOFF_H_
