// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/ledger.h"

#include "policy/base/names.h"

namespace clawback {
namespace {

constexpr Name<RetractionState> kStates[] = {{RetractionState::kArmed, "armed"},
                                             {RetractionState::kClaimed, "claimed"},
                                             {RetractionState::kHeld, "held"},
                                             {RetractionState::kFinal, "final"}};

constexpr Name<OutcomeKind> kOutcomes[] = {{OutcomeKind::kMoved, "moved"},
                                           {OutcomeKind::kAlreadyThere, "already-there"},
                                           {OutcomeKind::kWouldHaveMoved, "would-have-moved"},
                                           {OutcomeKind::kGone, "gone"},
                                           {OutcomeKind::kNotFound, "not-found"},
                                           {OutcomeKind::kNotAMailbox, "not-a-mailbox"},
                                           {OutcomeKind::kNotPermitted, "not-permitted"},
                                           {OutcomeKind::kMismatch, "mismatch"},
                                           {OutcomeKind::kFailed, "failed"}};

}  // namespace

std::string_view ToString(RetractionState state) { return NameOf(kStates, state); }
std::optional<RetractionState> RetractionStateFrom(std::string_view text) {
  return ValueOf(kStates, text);
}
std::string_view ToString(OutcomeKind kind) { return NameOf(kOutcomes, kind); }
std::optional<OutcomeKind> OutcomeKindFrom(std::string_view text) {
  return ValueOf(kOutcomes, text);
}

}  // namespace clawback
