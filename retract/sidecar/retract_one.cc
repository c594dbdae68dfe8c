// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/retract_one.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "policy/base/fault_point.h"
#include "policy/base/log.h"
#include "retract/sidecar/backoff.h"
#include "retract/sidecar/copies.h"

namespace clawback {
namespace {

// How long a retraction waits for another one in the same mailbox.
constexpr milliseconds kTurnPatience = std::chrono::seconds(10);
// While a retraction is this young, a different message with the same Message-ID says
// only that ours has not been delivered yet.
constexpr milliseconds kDeliveryTime = std::chrono::seconds(15);
// A move is a copy and a delete: shortly after one was begun an item that is nowhere
// may still turn up.
constexpr milliseconds kMoveTime = std::chrono::minutes(1);
// More copies than this with one Message-ID are not a mailbox as we know it.
constexpr std::size_t kMaxCopies = 50;
// As many judges may die over one copy before a person has to see it.
constexpr int kMaxStrikes = 3;

class Attempt {
 public:
  Attempt(const ClaimedRetraction& claim, const RetractTools& tools)
      : claim_(claim), tools_(tools), started_(tools.clock.Monotonic()) {}

  Ending Run() {
    if (auto ending = CheckClaim()) return *ending;
    if (auto ending = ResolveMailbox()) return *ending;
    const auto turn = tools_.turns.Take(claim_.tenant, mailbox_, kTurnPatience);
    if (!turn) return Postponed{Soon(), "another retraction is at work in the mailbox"};
    if (auto ending = ReadIntents()) return *ending;
    // Twice: a copy that vanished under our hands may have been moved, not removed.
    for (int look = 0; look < 2; ++look) {
      if (auto ending = LookAndAct()) return *ending;
    }
    return NotYet("a copy is listed, but cannot be reached");
  }

 private:
  // nullopt: go on.
  using Step = std::optional<Ending>;

  Time Now() const { return tools_.clock.Now(); }
  Time Soon() const { return Now() + std::chrono::seconds(1); }

  Outcome MakeOutcome(OutcomeKind kind, std::string detail) const {
    Outcome outcome;
    outcome.kind = kind;
    outcome.detail = std::move(detail);
    outcome.mailbox_id = mailbox_.value;
    outcome.request_id = request_id_;
    outcome.at = Now();
    return outcome;
  }
  Ending Finish(OutcomeKind kind, std::string detail) const {
    return Finished{MakeOutcome(kind, std::move(detail))};
  }
  Ending Hold(OutcomeKind kind, std::string detail) const {
    return Held{MakeOutcome(kind, std::move(detail))};
  }

  // What an error of the mailbox provider means for the whole retraction.
  Ending Fail(const Error& error, std::string_view doing) const {
    const std::string why = fmt::format("{}: {}", doing, error.what);
    const bool waits = error.kind == ErrorKind::kThrottled || error.kind == ErrorKind::kTransient ||
                       ConcernsSignIn(error);
    if (waits) return TryAgain(error, why);
    if (MeansNoMailbox(error)) return Finish(OutcomeKind::kNotAMailbox, why);
    switch (error.kind) {
      case ErrorKind::kNotFound:
        return NotYet(why);
      case ErrorKind::kRefused:
        return Finish(OutcomeKind::kNotPermitted, Partly(why));
      default:
        return Finish(OutcomeKind::kFailed, Partly(why));
    }
  }
  Ending TryAgain(const Error& error, const std::string& why) const {
    if (Now() - claim_.armed >= tools_.give_up_after) {
      return Finish(OutcomeKind::kFailed, Partly("given up: " + why));
    }
    return Postponed{NextTry(error, claim_.attempts, Now(), tools_.give_up_after), why};
  }
  // No copy to act on now: later, or not at all.
  Ending NotYet(const std::string& why) const {
    if (const auto next = NextLook(claim_.armed, Now(), tools_.give_up_after)) {
      return Postponed{*next, why};
    }
    return Finish(OutcomeKind::kNotFound, why);
  }
  // A final error after some copies were moved must say so.
  std::string Partly(std::string why) const {
    const std::size_t moved = CountOf(copies_, Standing::kMoved);
    return moved == 0 ? why : fmt::format("{} (of {} copies {} moved)", why, copies_.size(), moved);
  }

  Step CheckClaim() const {
    if (claim_.action == Action::kNone) return Finish(OutcomeKind::kFailed, "no action to take");
    if (claim_.message_id.empty()) {
      return Hold(OutcomeKind::kFailed,
                  "the message has no Message-ID: its copy cannot be found by itself");
    }
    return std::nullopt;
  }

  Step ResolveMailbox() {
    auto mailbox = tools_.mailboxes.Resolve(claim_.recipient);
    if (mailbox) {
      mailbox_ = std::move(*mailbox);
      return std::nullopt;
    }
    if (mailbox.error().kind == ErrorKind::kNotFound) {
      return Finish(OutcomeKind::kNotAMailbox, mailbox.error().what);
    }
    return Fail(mailbox.error(), "resolving the recipient");
  }

  Step ReadIntents() {
    auto intents = tools_.ledger.IntentsOf(claim_.id);
    if (!intents) return Abandoned{intents.error()};
    for (ActIntent& intent : *intents) {
      // The address may have come to mean another mailbox since.
      if (intent.mailbox_id != mailbox_.value) continue;
      if (intent.shared) {
        shared_.insert(intent.item_id);
      } else {
        intents_.push_back(std::move(intent));
      }
    }
    return std::nullopt;
  }

  // nullopt: something vanished, look again.
  Step LookAndAct() {
    vanished_now_ = false;
    if (auto ending = ListCopies()) return ending;
    if (copies_.empty()) return Nothing();
    if (copies_.size() > kMaxCopies) {
      return Hold(OutcomeKind::kFailed,
                  fmt::format("{} items have this Message-ID; at most {} are handled by themselves",
                              copies_.size(), kMaxCopies));
    }
    for (Copy& copy : copies_) {
      if (auto ending = Place(copy)) return ending;
      if (vanished_now_) return std::nullopt;
    }
    for (Copy& copy : copies_) {
      if (auto ending = Prove(copy)) return ending;
      if (vanished_now_) return std::nullopt;
    }
    if (!AnyOurs(copies_)) return NoneOurs();
    if (claim_.mode == Mode::kEnforce) {
      for (Copy& copy : copies_) {
        if (copy.standing != Standing::kToAct) continue;
        if (auto ending = Act(copy)) return ending;
        if (vanished_now_) return std::nullopt;
      }
    }
    return Conclude();
  }

  // What the search lists, and what an earlier claim was about to act on: that one is
  // looked up by its id, wherever it stands.
  Step ListCopies() {
    copies_.clear();
    auto found = tools_.mailboxes.Find(mailbox_, claim_.message_id);
    if (!found) return Fail(found.error(), "looking for the message");
    for (MailboxCopy& item : *found) copies_.emplace_back().item = std::move(item);
    for (const ActIntent& intent : intents_) {
      if (auto ending = AddIntended(intent)) return ending;
    }
    return std::nullopt;
  }

  Step AddIntended(const ActIntent& intent) {
    auto copy = std::find_if(copies_.begin(), copies_.end(),
                             [&](const Copy& one) { return one.item.item_id == intent.item_id; });
    if (copy == copies_.end()) {
      auto item = tools_.mailboxes.Look(mailbox_, intent.item_id);
      if (!item && item.error().kind == ErrorKind::kNotFound && !MeansNoMailbox(item.error())) {
        AddOutOfReach(intent);
        return std::nullopt;
      }
      if (!item) return Fail(item.error(), "looking up the item of an earlier attempt");
      copies_.emplace_back().item = std::move(*item);
      copy = copies_.end() - 1;
    }
    copy->intent = intent;
    return std::nullopt;
  }

  // An item whose hard delete was begun and that nobody can reach any more: deleted,
  // by us as far as can be told. Unless the service said that it was gone before us.
  void AddOutOfReach(const ActIntent& intent) {
    if (!IsHard() || intent.item_id == vanished_) return;
    Copy& copy = copies_.emplace_back();
    copy.item.item_id = intent.item_id;
    copy.intent = intent;
    PutOutOfReach(copy);
  }
  static void PutOutOfReach(Copy& copy) {
    copy.folder = {"", std::string(ToString(KnownFolder::kPurges)), KnownFolder::kPurges};
    copy.standing = Standing::kMoved;
    if (!copy.intent) return;
    copy.from_folder = copy.intent->from_folder;
    copy.from_folder_id = copy.intent->from_folder_id;
  }
  bool IsHard() const { return claim_.action == Action::kHardDelete; }

  Ending Nothing() const {
    if (!intents_.empty()) {
      const ActIntent& last = intents_.back();
      if (!IsHard() && Now() - last.at < kMoveTime) {
        return Postponed{Now() + std::chrono::seconds(5),
                         "the item of an earlier attempt is nowhere just now"};
      }
      Outcome gone = MakeOutcome(
          OutcomeKind::kGone, fmt::format("moving it was begun at {}, and it is in the mailbox no "
                                          "more",
                                          FormatTime(last.at)));
      gone.item_ids = last.item_id;
      gone.folder_before = last.from_folder;
      gone.folder_before_id = last.from_folder_id;
      return Finished{std::move(gone)};
    }
    if (!vanished_.empty()) {
      Outcome gone =
          MakeOutcome(OutcomeKind::kGone, "it stood in the mailbox and went while we looked at it");
      gone.item_ids = vanished_;
      return Finished{std::move(gone)};
    }
    return NotYet("no copy in the mailbox");
  }

  void Vanish(const Copy& copy) {
    vanished_ = copy.item.item_id;
    vanished_now_ = true;
  }

  // The folder of a copy, and what that alone says.
  Step Place(Copy& copy) {
    if (copy.standing == Standing::kMoved) return std::nullopt;  // out of reach
    const auto known = folders_.find(copy.item.folder_id);
    if (known == folders_.end()) {
      auto folder = tools_.mailboxes.Describe(mailbox_, copy.item.folder_id);
      if (!folder && folder.error().kind == ErrorKind::kNotFound &&
          !MeansNoMailbox(folder.error())) {
        if (IsHard() && copy.intent) {
          PutOutOfReach(copy);
        } else {
          Vanish(copy);
        }
        return std::nullopt;
      }
      if (!folder) return Fail(folder.error(), "asking for the copy's folder");
      copy.folder = folders_[copy.item.folder_id] = std::move(*folder);
    } else {
      copy.folder = known->second;
    }
    copy.from_folder = copy.intent ? copy.intent->from_folder : copy.folder.name;
    copy.from_folder_id = copy.intent ? copy.intent->from_folder_id : copy.folder.id;
    if (copy.folder.known == KnownFolder::kSent || copy.folder.known == KnownFolder::kDrafts) {
      copy.standing = Standing::kLeftAlone;
    } else if (IsThere(copy.folder, claim_.action)) {
      copy.standing = copy.intent ? Standing::kMoved : Standing::kThere;
    }
    return std::nullopt;
  }

  // Whether the copy is the message that was reported. What we moved was proved then.
  Step Prove(Copy& copy) {
    if (copy.standing == Standing::kLeftAlone || copy.standing == Standing::kMoved) {
      return std::nullopt;
    }
    if (auto ending = CheckTime()) return ending;
    const auto mime = tools_.mailboxes.Fetch(mailbox_, copy.item.item_id);
    if (!mime) return FetchFailed(copy, mime.error());
    const auto print = tools_.fingerprint(*mime);
    if (!print) return FingerprintFailed(copy, print.error());
    const Comparison comparison = Compare(claim_.fingerprint, *print, FinalityOf(claim_.action));
    switch (comparison.agreement) {
      case Agreement::kMatch:
        return std::nullopt;
      case Agreement::kMismatch:
        copy.standing = Standing::kOtherMessage;
        copy.why = comparison.why;
        return std::nullopt;
      case Agreement::kAmbiguous:
        break;
    }
    // That is for a person to decide, and a person has. What is final still needs proof.
    if (claim_.origin == Origin::kByHand && !IsHard()) return std::nullopt;
    return Held{
        About(copy, OutcomeKind::kMismatch, "the copy may be the message: " + comparison.why)};
  }

  Step FetchFailed(const Copy& copy, const Error& error) {
    if (error.kind == ErrorKind::kNotFound && !MeansNoMailbox(error)) {
      Vanish(copy);
      return std::nullopt;
    }
    if (error.kind == ErrorKind::kInvalid) {
      return Held{About(copy, OutcomeKind::kFailed, "the copy cannot be read: " + error.what)};
    }
    return Fail(error, "reading the copy");
  }

  Step FingerprintFailed(const Copy& copy, const Error& error) const {
    const bool struck = error.kind == ErrorKind::kRefused && claim_.attempts + 1 < kMaxStrikes;
    if (struck || error.kind == ErrorKind::kTransient || error.kind == ErrorKind::kThrottled) {
      return TryAgain(error, "judging the copy: " + error.what);
    }
    return Held{About(copy, OutcomeKind::kFailed, "the copy cannot be judged: " + error.what)};
  }

  Outcome About(const Copy& copy, OutcomeKind kind, std::string detail) const {
    Outcome outcome = MakeOutcome(kind, std::move(detail));
    outcome.item_ids = copy.item.item_id;
    outcome.folder_before = copy.from_folder;
    outcome.folder_before_id = copy.from_folder_id;
    outcome.folder_after = copy.folder.name;
    return outcome;
  }

  Ending NoneOurs() const {
    const auto other = std::find_if(copies_.begin(), copies_.end(), [](const Copy& copy) {
      return copy.standing == Standing::kOtherMessage;
    });
    if (other == copies_.end()) {
      return NotYet("only in Sent Items or Drafts, which are left alone");
    }
    if (Now() - claim_.armed < kDeliveryTime) {
      return NotYet("another message has this Message-ID: " + other->why);
    }
    return Held{About(*other, OutcomeKind::kMismatch,
                      "the copy is not the message reported: " + other->why)};
  }

  // A lease must outlive every step that is begun under it.
  Step CheckTime() const {
    if (tools_.clock.Monotonic() - started_ < tools_.work_for) return std::nullopt;
    return Postponed{Soon(), "the time of one attempt is used up"};
  }

  Step Act(Copy& copy) {
    if (auto ending = CheckTime()) return ending;
    const ActIntent intent{mailbox_.value, copy.item.item_id, copy.folder.id, copy.folder.name,
                           Now(),          claim_.action};
    // Before the act: a crash in between must know where the copy came from.
    const auto recorded = tools_.ledger.RecordIntent(claim_, intent);
    if (!recorded) return Abandoned{recorded.error()};
    if (*recorded == Intended::kBlocked) {
      return Finished{About(copy, OutcomeKind::kBlocked,
                            "it was put back by an undo: only a person may retract it again")};
    }
    intents_.push_back(intent);
    copy.from_folder = copy.folder.name;
    copy.from_folder_id = copy.folder.id;
    FaultPoint("sidecar.before-act");
    const auto receipt = tools_.mailboxes.Retract(mailbox_, copy.item.item_id, claim_.action);
    FaultPoint("sidecar.after-act");
    if (!receipt) return ActFailed(copy, receipt.error());
    request_id_ = receipt->request_id;
    if (IsHard()) return ReadBackHard(copy);
    const auto item = tools_.mailboxes.Look(mailbox_, receipt->copy.item_id);
    if (!item) return ReadBackFailed(copy, item.error());
    return ReadBack(copy, *item);
  }

  // After an answer that says nothing certain the mailbox itself is asked before
  // anything is done again.
  Step ActFailed(Copy& copy, const Error& error) {
    if (error.kind == ErrorKind::kNotFound && !MeansNoMailbox(error)) {
      Vanish(copy);
      return std::nullopt;
    }
    // Invalid: an answer that cannot be read, such as that of a move with all of a large
    // message in it.
    if (error.kind == ErrorKind::kTransient || error.kind == ErrorKind::kInvalid) {
      const auto item = tools_.mailboxes.Look(mailbox_, copy.item.item_id);
      if (item && MovedAfterAll(copy, *item)) return std::nullopt;
      const bool missing =
          !item && item.error().kind == ErrorKind::kNotFound && !MeansNoMailbox(item.error());
      if (missing && IsHard()) return ReadBackHard(copy);
      if (!item && error.kind == ErrorKind::kInvalid) return ReadBackFailed(copy, item.error());
    }
    return Fail(error, "moving the copy");
  }

  // Done is what no folder that can be read shows any more, or Purges alone.
  Step ReadBackHard(Copy& copy) {
    const auto item = tools_.mailboxes.Look(mailbox_, copy.item.item_id);
    if (item && MovedAfterAll(copy, *item)) return std::nullopt;
    const bool looked =
        item || (item.error().kind == ErrorKind::kNotFound && !MeansNoMailbox(item.error()));
    if (!looked) return ReadBackFailed(copy, item.error());
    const auto listed = tools_.mailboxes.Find(mailbox_, claim_.message_id);
    if (!listed) return ReadBackFailed(copy, listed.error());
    const bool there = std::any_of(listed->begin(), listed->end(), [&](const MailboxCopy& one) {
      return one.item_id == copy.item.item_id;
    });
    if (there) {
      return Held{About(copy, OutcomeKind::kFailed, "hard-deleted, but read back in a folder")};
    }
    PutOutOfReach(copy);
    return std::nullopt;
  }

  bool MovedAfterAll(Copy& copy, const MailboxCopy& item) {
    auto folder = tools_.mailboxes.Describe(mailbox_, item.folder_id);
    if (!folder || !IsThere(*folder, claim_.action)) return false;
    copy.item = item;
    copy.folder = std::move(*folder);
    copy.standing = Standing::kMoved;
    return true;
  }

  Step ReadBackFailed(Copy& copy, const Error& error) {
    if (error.kind == ErrorKind::kNotFound && !MeansNoMailbox(error)) {
      Vanish(copy);
      return std::nullopt;
    }
    return Fail(error, "reading back");
  }

  Step ReadBack(Copy& copy, const MailboxCopy& item) {
    auto folder = tools_.mailboxes.Describe(mailbox_, item.folder_id);
    if (!folder) return ReadBackFailed(copy, folder.error());
    copy.item = item;
    copy.folder = std::move(*folder);
    if (IsThere(copy.folder, claim_.action)) {
      copy.standing = Standing::kMoved;
      return std::nullopt;
    }
    // Whoever moved it on may be its owner, who is not to be fought.
    return Held{About(copy, OutcomeKind::kFailed,
                      "moved, but read back in another folder: " + copy.folder.name)};
  }

  // The same message may have been sent before, and this delivery be still on its way.
  // What we moved for another address of this mailbox is this delivery.
  bool MayBeOfAnotherDelivery() const {
    if (Now() - claim_.armed >= kDeliveryTime) return false;
    return std::none_of(copies_.begin(), copies_.end(),
                        [&](const Copy& copy) { return shared_.count(copy.item.item_id) != 0; });
  }

  Ending Conclude() const {
    Outcome outcome = OutcomeOf(copies_);
    if (outcome.kind == OutcomeKind::kAlreadyThere && MayBeOfAnotherDelivery()) {
      return NotYet("only a copy that is there already, perhaps of an earlier delivery");
    }
    outcome.mailbox_id = mailbox_.value;
    outcome.request_id = request_id_;
    outcome.at = Now();
    return Finished{std::move(outcome)};
  }

  const ClaimedRetraction& claim_;
  const RetractTools& tools_;
  const std::chrono::steady_clock::time_point started_;
  MailboxId mailbox_;
  std::vector<ActIntent> intents_;
  std::set<std::string> shared_;  // items that another address of the mailbox had moved
  std::vector<Copy> copies_;
  std::map<std::string, Folder> folders_;  // by id
  std::string request_id_;
  std::string vanished_;  // the item that last went away under our hands
  bool vanished_now_ = false;
};

}  // namespace

Ending Record(const ClaimedRetraction& claim, Ending ending, Ledger& ledger) {
  Status recorded;
  if (const auto* finished = std::get_if<Finished>(&ending)) {
    recorded = ledger.Finish(claim, finished->outcome);
  } else if (const auto* held = std::get_if<Held>(&ending)) {
    recorded = ledger.Hold(claim, held->why);
  } else if (const auto* postponed = std::get_if<Postponed>(&ending)) {
    recorded = ledger.Postpone(claim, postponed->due, postponed->why);
  }
  if (!recorded) return Abandoned{recorded.error()};
  return ending;
}

Ending RetractOne(const ClaimedRetraction& claim, const RetractTools& tools) {
  Ending ending = Record(claim, Attempt(claim, tools).Run(), tools.ledger);
  if (std::holds_alternative<Finished>(ending)) FaultPoint("sidecar.after-record");
  return ending;
}

}  // namespace clawback
