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

// 0 to a quarter of wait. Not secret, only spread: Fibonacci hashing of the seed.
milliseconds Jitter(milliseconds wait, const Tries& tries) {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15U;
  const std::uint64_t mixed = (tries.seed + static_cast<std::uint64_t>(tries.before)) * kGolden;
  return wait / 4 * static_cast<milliseconds::rep>(mixed >> 56U) / 255;
}

int QuickLooksWithin(milliseconds give_up_after) {
  return static_cast<int>(std::count_if(std::begin(kLooks), std::end(kLooks),
                                        [&](auto look) { return look <= give_up_after; }));
}

// Until the next look after so many, as if each had come when it was due.
milliseconds MadeUpFor(int attempts) {
  const auto next = static_cast<std::size_t>(std::max(0, attempts));
  return next == 0 ? kLooks[0] : kLooks[next] - kLooks[next - 1];
}

milliseconds LookAfter(milliseconds elapsed) {
  for (const milliseconds look : kLooks) {
    if (look >= elapsed + kShortestWait) return look;
  }
  return hours((elapsed + kShortestWait) / hours(1) + 1);
}

}  // namespace

bool IsOver(Time armed, Time now, milliseconds give_up_after, int attempts) {
  return now - armed >= give_up_after && attempts >= QuickLooksWithin(give_up_after);
}

std::optional<Time> NextLook(Time armed, Time now, milliseconds give_up_after, int attempts) {
  if (IsOver(armed, now, give_up_after, attempts)) return std::nullopt;
  // A wall clock that was set back must not make an armed retraction wait for it.
  const milliseconds elapsed = std::max(milliseconds(0), now - armed);
  if (elapsed >= give_up_after) return now + MadeUpFor(attempts);
  const milliseconds look = std::min(LookAfter(elapsed), give_up_after);
  return now + std::max(kShortestWait, look - elapsed);
}

Time NextTry(const Error& error, Tries tries, Time now, milliseconds give_up_after) {
  if (error.retry_after) {
    return now + std::clamp(*error.retry_after, milliseconds(0), give_up_after);
  }
  const milliseconds wait =
      std::min(kFirstTry * (1 << std::clamp(tries.before, 0, 10)), kSlowestTry);
  return now + std::min({wait + Jitter(wait, tries), kSlowestTry, give_up_after});
}

}  // namespace clawback
