// SPDX-License-Identifier: Apache-2.0
// What an error of the mailbox provider means for a whole retraction or undo. Pure.
#ifndef CLAWBACK_RETRACT_SIDECAR_ERROR_MEANING_H_
#define CLAWBACK_RETRACT_SIDECAR_ERROR_MEANING_H_

#include <string>
#include <variant>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/ledger/ledger.h"

namespace clawback {

// Whether it says that an item or folder is not there, in a mailbox that is.
bool IsMissing(const Error& error);

struct TryLater {
  Time due;
  Obstacle obstacle = Obstacle::kNone;
};
struct LookLater {};  // what was asked for is not there: perhaps not yet
struct EndAs {
  OutcomeKind kind;
  std::string before;  // of the error's text, in the outcome's detail
};
using ErrorMeaning = std::variant<TryLater, LookLater, EndAs>;

// Errors that may mend are tried again until give_up_after has passed since claim was
// armed, those of another change that is in the way only a few times; trouble with the
// sign-in ends nothing, for it mends for all retractions at once.
ErrorMeaning MeaningOf(const Error& error, const ClaimedRetraction& claim, Time now,
                       milliseconds give_up_after);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_ERROR_MEANING_H_
