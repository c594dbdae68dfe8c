// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/error_meaning.h"

#include "retract/graph/mailbox_provider.h"
#include "retract/sidecar/backoff.h"

namespace clawback {
namespace {

// After the first: 3 s, 6 s and 12 s later. Who moves or locks an item is done by then,
// or will not be.
constexpr int kMoreTriesAfterConflict = 3;

bool MayMend(const Error& error) {
  return error.kind == ErrorKind::kThrottled || error.kind == ErrorKind::kTransient ||
         error.kind == ErrorKind::kConflict || ConcernsSignIn(error);
}

ErrorMeaning LaterOrGivenUp(const Error& error, const ClaimedRetraction& claim, Time now,
                            milliseconds give_up_after) {
  const bool conflict = error.kind == ErrorKind::kConflict;
  const bool throttled = error.kind == ErrorKind::kThrottled;
  if (IsOver(claim.armed, now, give_up_after, claim.attempts)) {
    return EndAs{throttled ? OutcomeKind::kThrottledOut : OutcomeKind::kFailed, "given up: "};
  }
  if (conflict && claim.conflicts >= kMoreTriesAfterConflict) {
    return EndAs{OutcomeKind::kFailed, "another change was in the way each time: "};
  }
  const Tries tries{conflict ? claim.conflicts : claim.failures,
                    static_cast<std::uint64_t>(claim.id)};
  const Obstacle obstacle = conflict    ? Obstacle::kConflict
                            : throttled ? Obstacle::kPause
                                        : Obstacle::kFailure;
  return TryLater{NextTry(error, tries, now, give_up_after), obstacle};
}

}  // namespace

bool IsMissing(const Error& error) {
  return error.kind == ErrorKind::kNotFound && !MeansNoMailbox(error);
}

ErrorMeaning MeaningOf(const Error& error, const ClaimedRetraction& claim, Time now,
                       milliseconds give_up_after) {
  if (MayMend(error)) return LaterOrGivenUp(error, claim, now, give_up_after);
  if (MeansNoMailbox(error)) {
    return EndAs{OutcomeKind::kNotAMailbox, std::string(WhyNoMailbox(error))};
  }
  if (error.kind == ErrorKind::kNotFound) return LookLater{};
  if (MeansOnHold(error)) {
    return EndAs{OutcomeKind::kOnHold, "a hold or retention keeps it where it is: "};
  }
  if (error.kind == ErrorKind::kRefused) return EndAs{OutcomeKind::kNotPermitted, ""};
  return EndAs{OutcomeKind::kFailed, ""};
}

}  // namespace clawback
