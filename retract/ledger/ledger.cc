// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/ledger.h"

#include "policy/base/names.h"

namespace clawback {
namespace {

constexpr Name<RetractionState> kStates[] = {{RetractionState::kArmed, "armed"},
                                             {RetractionState::kClaimed, "claimed"},
                                             {RetractionState::kHeld, "held"},
                                             {RetractionState::kFinal, "final"}};

constexpr Name<Task> kTasks[] = {{Task::kRetract, "retract"}, {Task::kUndo, "undo"}};

constexpr Name<Origin> kOrigins[] = {{Origin::kAutomatic, "automatic"},
                                     {Origin::kByHand, "by-hand"}};

constexpr Name<OutcomeKind> kOutcomes[] = {{OutcomeKind::kMoved, "moved"},
                                           {OutcomeKind::kAlreadyThere, "already-there"},
                                           {OutcomeKind::kWouldHaveMoved, "would-have-moved"},
                                           {OutcomeKind::kGone, "gone"},
                                           {OutcomeKind::kNotFound, "not-found"},
                                           {OutcomeKind::kNotAMailbox, "not-a-mailbox"},
                                           {OutcomeKind::kNotPermitted, "not-permitted"},
                                           {OutcomeKind::kOnHold, "on-hold"},
                                           {OutcomeKind::kThrottledOut, "throttled-out"},
                                           {OutcomeKind::kMismatch, "mismatch"},
                                           {OutcomeKind::kFailed, "failed"},
                                           {OutcomeKind::kUndone, "undone"},
                                           {OutcomeKind::kElsewhere, "elsewhere"},
                                           {OutcomeKind::kBlocked, "blocked"},
                                           {OutcomeKind::kProtected, "protected"},
                                           {OutcomeKind::kBraked, "braked"},
                                           {OutcomeKind::kDiscarded, "discarded"}};

constexpr Name<ChangeKind> kChanges[] = {{ChangeKind::kRow, "row"},
                                         {ChangeKind::kOutcome, "outcome"},
                                         {ChangeKind::kSettings, "settings"},
                                         {ChangeKind::kAudit, "audit"}};

}  // namespace

std::string_view ToString(ChangeKind kind) { return NameOf(kChanges, kind); }
std::optional<ChangeKind> ChangeKindFrom(std::string_view text) { return ValueOf(kChanges, text); }
std::string_view ToString(RetractionState state) { return NameOf(kStates, state); }
std::optional<RetractionState> RetractionStateFrom(std::string_view text) {
  return ValueOf(kStates, text);
}
std::string_view ToString(Task task) { return NameOf(kTasks, task); }
std::optional<Task> TaskFrom(std::string_view text) { return ValueOf(kTasks, text); }
std::string_view ToString(Origin origin) { return NameOf(kOrigins, origin); }
std::optional<Origin> OriginFrom(std::string_view text) { return ValueOf(kOrigins, text); }
std::string_view ToString(OutcomeKind kind) { return NameOf(kOutcomes, kind); }
std::optional<OutcomeKind> OutcomeKindFrom(std::string_view text) {
  return ValueOf(kOutcomes, text);
}

}  // namespace clawback
