// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/attempt.h"

#include <fmt/format.h>

#include <utility>

#include "retract/sidecar/backoff.h"
#include "retract/sidecar/error_meaning.h"

namespace clawback {

void Attempt::Vanish(const Copy& copy) {
  vanished = copy.item.item_id;
  vanished_now = true;
}

Outcome Attempt::MakeOutcome(OutcomeKind kind, std::string detail) const {
  Outcome outcome;
  outcome.kind = kind;
  outcome.detail = std::move(detail);
  outcome.mailbox_id = mailbox.value;
  outcome.request_id = request_id.empty() ? searched : request_id;
  outcome.at = Now();
  outcome.moved_ids = MovedIds(copies);
  return outcome;
}

Outcome Attempt::About(const Copy& copy, OutcomeKind kind, std::string detail) const {
  Outcome outcome = MakeOutcome(kind, std::move(detail));
  outcome.item_ids = copy.item.item_id;
  outcome.folder_before = copy.from_folder;
  outcome.folder_before_id = copy.from_folder_id;
  outcome.folder_after = copy.folder.name;
  if (request_id.empty() && !copy.item.request_id.empty()) {
    outcome.request_id = copy.item.request_id;
  }
  outcome.copy_print = copy.print;
  return outcome;
}

Ending Attempt::Finish(OutcomeKind kind, std::string detail) const {
  return Finished{MakeOutcome(kind, std::move(detail))};
}

Ending Attempt::Hold(OutcomeKind kind, std::string detail) const {
  return Held{MakeOutcome(kind, std::move(detail))};
}

Ending Attempt::Fail(const Error& error, std::string_view doing) const {
  const std::string why = fmt::format("{}: {}", doing, error.what);
  const ErrorMeaning meaning = MeaningOf(error, claim, Now(), tools.give_up_after);
  if (const auto* later = std::get_if<TryLater>(&meaning)) {
    return Postponed{later->due, why, later->obstacle};
  }
  if (const auto* end = std::get_if<EndAs>(&meaning)) {
    Outcome outcome = MakeOutcome(end->kind, Partly(end->before + why));
    if (std::string id = RequestIdOf(error); !id.empty()) outcome.request_id = std::move(id);
    return Finished{std::move(outcome)};
  }
  return NotYet(why);
}

Ending Attempt::NotYet(const std::string& why) const {
  if (const auto next = NextLook(claim.armed, Now(), tools.give_up_after, claim.attempts)) {
    return Postponed{*next, why};
  }
  return Finish(OutcomeKind::kNotFound, why);
}

// A final error after some copies were moved must say so.
std::string Attempt::Partly(std::string why) const {
  const std::size_t moved = CountOf(copies, Standing::kMoved);
  return moved == 0 ? why : fmt::format("{} (of {} copies {} moved)", why, copies.size(), moved);
}

Step Attempt::CheckTime() const {
  if (tools.clock.Monotonic() - started < tools.work_for) return std::nullopt;
  return Postponed{Soon(), "the time of one attempt is used up"};
}

}  // namespace clawback
