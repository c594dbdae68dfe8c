// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/backoff.h"

#include <algorithm>

namespace clawback {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// After arming.
constexpr milliseconds kLooks[] = {seconds(5), seconds(15), seconds(45),
                                   minutes(2), minutes(5),  minutes(15)};
// A look that took this long has come close to the next one, which it then replaces.
constexpr milliseconds kShortestWait = seconds(1);

constexpr milliseconds kFirstTry = seconds(3);
constexpr milliseconds kSlowestTry = minutes(3);

milliseconds LookAfter(milliseconds elapsed) {
  for (const milliseconds look : kLooks) {
    if (look >= elapsed + kShortestWait) return look;
  }
  return hours((elapsed + kShortestWait) / hours(1) + 1);
}

}  // namespace

std::optional<Time> NextLook(Time armed, Time now, milliseconds give_up_after) {
  // A wall clock that was set back must not make an armed retraction wait for it.
  const milliseconds elapsed = std::max(milliseconds(0), now - armed);
  if (elapsed >= give_up_after) return std::nullopt;
  const milliseconds look = std::min(LookAfter(elapsed), give_up_after);
  return now + std::max(kShortestWait, look - elapsed);
}

Time NextTry(const Error& error, int attempts, Time now, milliseconds give_up_after) {
  if (error.retry_after) {
    return now + std::clamp(*error.retry_after, milliseconds(0), give_up_after);
  }
  const int doublings = std::clamp(attempts, 0, 10);
  return now + std::min({kFirstTry * (1 << doublings), kSlowestTry, give_up_after});
}

}  // namespace clawback
