// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/retract_one.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "policy/base/fault_point.h"
#include "policy/base/text.h"
#include "retract/ledger/holding.h"
#include "retract/sidecar/act_on_copy.h"
#include "retract/sidecar/attempt.h"
#include "retract/sidecar/gather_copies.h"
#include "retract/sidecar/prove_copy.h"

namespace clawback {
namespace {

// How long a retraction waits for another one of its message in the same mailbox.
constexpr milliseconds kTurnPatience = std::chrono::seconds(10);
// While a retraction is this young, a different message with the same Message-ID says
// only that ours has not been delivered yet.
constexpr milliseconds kDeliveryTime = std::chrono::seconds(15);
// A move is a copy and a delete: shortly after one was begun an item that is nowhere
// may still turn up.
constexpr milliseconds kMoveTime = std::chrono::minutes(1);
// More copies than this with one Message-ID are not a mailbox as we know it.
constexpr std::size_t kMaxCopies = 50;

Step CheckClaim(const Attempt& attempt) {
  if (attempt.claim.action == Action::kNone) {
    return attempt.Finish(OutcomeKind::kFailed, "no action to take");
  }
  if (attempt.claim.message_id.empty()) {
    return attempt.Hold(OutcomeKind::kFailed,
                        "the message has no Message-ID: its copy cannot be found by itself");
  }
  return std::nullopt;
}

Step ResolveMailbox(Attempt& attempt) {
  auto mailbox = attempt.tools.mailboxes.Resolve(attempt.claim.recipient);
  if (mailbox) {
    attempt.mailbox = std::move(*mailbox);
    return std::nullopt;
  }
  if (mailbox.error().kind == ErrorKind::kNotFound) {
    Outcome outcome =
        attempt.MakeOutcome(OutcomeKind::kNotAMailbox,
                            std::string(WhyNoMailbox(mailbox.error())) + mailbox.error().what);
    outcome.request_id = RequestIdOf(mailbox.error());
    return Finished{std::move(outcome)};
  }
  return attempt.Fail(mailbox.error(), "resolving the recipient");
}

// By the address that the report names, and by every other that leads to the same mailbox:
// an alias protects nobody less. What is asked for by hand is a person's own decision.
Step CheckProtected(const Attempt& attempt) {
  const ClaimedRetraction& claim = attempt.claim;
  if (claim.origin != Origin::kAutomatic || claim.mode != Mode::kEnforce) return std::nullopt;
  const auto people = attempt.tools.ledger.holding().LimitsOf(claim.tenant).protected_people;
  for (const std::string& address : people) {
    const auto mailbox = attempt.tools.mailboxes.Resolve(address);
    const bool named = address == LowerAscii(claim.recipient);
    if (!named && !mailbox && mailbox.error().kind != ErrorKind::kNotFound) {
      return attempt.Fail(mailbox.error(), "resolving " + address + " of protected_people");
    }
    if (named || (mailbox && mailbox->value == attempt.mailbox.value)) {
      return attempt.Hold(OutcomeKind::kProtected,
                          address +
                              " is one of the protected people: only a person may retract "
                              "from this mailbox");
    }
  }
  return std::nullopt;
}

Ending AfterAnIntent(const Attempt& attempt, const ActIntent& last) {
  if (!attempt.IsHard() && attempt.Now() - last.at < kMoveTime) {
    return Postponed{attempt.Now() + std::chrono::seconds(5),
                     "the item of an earlier attempt is nowhere just now"};
  }
  Outcome gone = attempt.MakeOutcome(
      OutcomeKind::kGone, fmt::format("moving it was begun at {}, and it is in the mailbox no more",
                                      FormatTime(last.at)));
  gone.request_id = attempt.searched;
  gone.item_ids = last.item_id;
  gone.folder_before = last.from_folder;
  gone.folder_before_id = last.from_folder_id;
  return Finished{std::move(gone)};
}

// The mailbox shows no copy at all.
Ending Nothing(const Attempt& attempt) {
  if (!attempt.intents.empty()) return AfterAnIntent(attempt, attempt.intents.back());
  if (attempt.vanished.empty()) return attempt.NotYet("no copy in the mailbox");
  Outcome gone = attempt.MakeOutcome(OutcomeKind::kGone,
                                     "it stood in the mailbox and went while we looked at it");
  gone.request_id = attempt.searched;
  gone.item_ids = attempt.vanished;
  return Finished{std::move(gone)};
}

Ending NoneOurs(const Attempt& attempt) {
  const auto other =
      std::find_if(attempt.copies.begin(), attempt.copies.end(),
                   [](const Copy& copy) { return copy.standing == Standing::kOtherMessage; });
  if (other == attempt.copies.end()) {
    return attempt.NotYet("only in Sent Items, Drafts or Teams, which are left alone");
  }
  if (attempt.Age() < kDeliveryTime) {
    return attempt.NotYet("another message has this Message-ID: " + other->why);
  }
  return Held{attempt.About(*other, OutcomeKind::kMismatch,
                            "the copy is not the message reported: " + other->why)};
}

// The same message may have been sent before, and this delivery be still on its way.
// What we moved for another address of this mailbox is this delivery.
bool MayBeOfAnotherDelivery(const Attempt& attempt) {
  if (attempt.Age() >= kDeliveryTime) return false;
  return std::none_of(attempt.copies.begin(), attempt.copies.end(), [&](const Copy& copy) {
    return attempt.shared.count(copy.item.item_id) != 0;
  });
}

Ending Conclude(const Attempt& attempt) {
  Outcome outcome = OutcomeOf(attempt.copies);
  if (outcome.kind == OutcomeKind::kAlreadyThere && MayBeOfAnotherDelivery(attempt)) {
    return attempt.NotYet("only a copy that is there already, perhaps of an earlier delivery");
  }
  const bool observed = outcome.kind == OutcomeKind::kWouldHaveMoved;
  if (observed && attempt.claim.mode == Mode::kEnforce) {
    outcome.detail += outcome.detail.empty() ? "" : "; ";
    outcome.detail += "the tenant has been set to observe";
  }
  outcome.mailbox_id = attempt.mailbox.value;
  if (!attempt.request_id.empty()) outcome.request_id = attempt.request_id;
  outcome.at = attempt.Now();
  outcome.moved_ids = MovedIds(attempt.copies);
  return Finished{std::move(outcome)};
}

// One step after the other for each copy, until one of them ends the attempt or a copy
// vanishes.
Step ForEachCopy(Attempt& attempt, Step (*step)(Attempt&, Copy&)) {
  for (Copy& copy : attempt.copies) {
    auto ending = step(attempt, copy);
    if (ending || attempt.vanished_now) return ending;
  }
  return std::nullopt;
}

Step ActIfLeft(Attempt& attempt, Copy& copy) {
  return copy.standing == Standing::kToAct ? ActOnCopy(attempt, copy) : std::nullopt;
}

// A tenant that was set to observe since the report came: what is armed is still looked for,
// and nothing more is moved but by persons.
bool MayAct(const Attempt& attempt) {
  const ClaimedRetraction& claim = attempt.claim;
  if (claim.mode != Mode::kEnforce) return false;
  return claim.origin != Origin::kAutomatic ||
         attempt.tools.ledger.holding().LimitsOf(claim.tenant).mode == Mode::kEnforce;
}

// nullopt: something vanished, look again.
Step LookAndAct(Attempt& attempt) {
  attempt.vanished_now = false;
  if (auto ending = ListCopies(attempt)) return ending;
  if (attempt.copies.empty()) return Nothing(attempt);
  if (attempt.copies.size() > kMaxCopies) {
    return attempt.Hold(
        OutcomeKind::kFailed,
        fmt::format("{} items have this Message-ID; at most {} are handled by themselves",
                    attempt.copies.size(), kMaxCopies));
  }
  for (const auto step : {&PlaceCopy, &ProveCopy}) {
    auto ending = ForEachCopy(attempt, step);
    if (ending || attempt.vanished_now) return ending;
  }
  if (!AnyOurs(attempt.copies)) {
    if (std::exchange(attempt.everywhere, true)) return NoneOurs(attempt);
    return LookAndAct(attempt);  // ours may be in Recoverable Items
  }
  if (MayAct(attempt)) {
    auto ending = ForEachCopy(attempt, ActIfLeft);
    if (ending || attempt.vanished_now) return ending;
  }
  return Conclude(attempt);
}

Ending Run(Attempt attempt) {
  if (auto ending = CheckClaim(attempt)) return *ending;
  if (auto ending = ResolveMailbox(attempt)) return *ending;
  const auto turn = attempt.tools.turns.Take(attempt.claim.tenant, attempt.mailbox,
                                             attempt.claim.message_id, kTurnPatience);
  if (!turn)
    return Postponed{attempt.Soon(), "another retraction is at work on the message in the mailbox"};
  if (auto ending = CheckProtected(attempt)) return *ending;
  if (auto ending = ReadIntents(attempt)) return *ending;
  // Twice: a copy that vanished under our hands may have been moved, not removed.
  for (int look = 0; look < 2; ++look) {
    if (auto ending = LookAndAct(attempt)) return *ending;
  }
  return attempt.NotYet("a copy is listed, but cannot be reached");
}

}  // namespace

BeginBy RetractTools::ActBy(std::chrono::steady_clock::time_point started) const {
  // The plant that the test of two sidecars must catch: who was stopped acts all the same.
  if (FaultSetting("sidecar.lease") == "ignored") return kAnyTime;
  return started + work_for + work_for / 4;
}

Ending Record(const ClaimedRetraction& claim, Ending ending, Ledger& ledger) {
  Status recorded;
  if (const auto* finished = std::get_if<Finished>(&ending)) {
    recorded = ledger.Finish(claim, finished->outcome);
  } else if (const auto* held = std::get_if<Held>(&ending)) {
    recorded = ledger.Hold(claim, held->why);
  } else if (const auto* postponed = std::get_if<Postponed>(&ending)) {
    recorded = ledger.Postpone(claim, postponed->due, postponed->why, postponed->obstacle);
  }
  if (!recorded) return Abandoned{recorded.error()};
  return ending;
}

Ending RetractOne(const ClaimedRetraction& claim, const RetractTools& tools) {
  Ending ending = Record(claim, Run(Attempt(claim, tools)), tools.ledger);
  if (std::holds_alternative<Finished>(ending)) FaultPoint("sidecar.after-record");
  return ending;
}

}  // namespace clawback
