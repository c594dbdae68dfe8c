// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "policy/base/fault_point.h"
#include "retract/sidecar/copies.h"
#include "retract/sidecar/error_meaning.h"
#include "retract/sidecar/retract_one.h"

namespace clawback {
namespace {

constexpr milliseconds kTurnPatience = std::chrono::seconds(10);

// What an undo came to for one item.
enum class PutBack {
  kBack,       // where it came from
  kInInbox,    // that folder is gone
  kElsewhere,  // moved on by somebody else
  kGone,       // in no folder
};

class Undoing {
 public:
  Undoing(const ClaimedRetraction& claim, const RetractTools& tools)
      : claim_(claim), tools_(tools), started_(tools.clock.Monotonic()) {}

  Ending Run() {
    auto acts = tools_.ledger.IntentsOf(claim_.id);
    if (!acts) return Abandoned{acts.error()};
    for (const ActIntent& act : *acts) {
      const auto turn =
          tools_.turns.Take(claim_.tenant, {act.mailbox_id}, claim_.message_id, kTurnPatience);
      if (!turn) {
        return Postponed{tools_.clock.Now() + std::chrono::seconds(1),
                         "a retraction is at work on the message in the mailbox"};
      }
      const auto put_back = Undo(act);
      if (!put_back) return Fail(put_back.error());
      Note(act, *put_back);
    }
    return Conclude();
  }

 private:
  Result<PutBack> Undo(const ActIntent& act) {
    const MailboxId mailbox{act.mailbox_id};
    const auto item = LookAt(mailbox, act);
    if (!item && IsMissing(item.error())) return Gone(item.error());
    if (!item) return item.error();
    if (item->folder_id == act.from_folder_id) {
      folder_after_ = act.from_folder;
      return PutBack::kBack;
    }
    const auto now_in = tools_.mailboxes.Describe(mailbox, item->folder_id);
    if (!now_in && IsMissing(now_in.error())) return PutBack::kGone;
    if (!now_in) return now_in.error();
    folder_after_ = now_in->name;
    if (now_in->known != DestinationOf(act.action)) return WasInInbox(act, *now_in);
    return MoveBack(mailbox, act);
  }

  Result<MailboxCopy> LookAt(const MailboxId& mailbox, const ActIntent& act) {
    return Believed(tools_.mailboxes.Look(mailbox, act.item_id), claim_.message_id);
  }

  PutBack Gone(const Error& missing) {
    request_id_ = RequestIdOf(missing);
    return PutBack::kGone;
  }

  // An earlier attempt may have put it into the Inbox for want of its own folder.
  Result<PutBack> WasInInbox(const ActIntent& act, const Folder& now_in) {
    if (now_in.known != KnownFolder::kInbox || claim_.attempts == 0) return PutBack::kElsewhere;
    const auto origin = tools_.mailboxes.Describe({act.mailbox_id}, act.from_folder_id);
    if (!origin && IsMissing(origin.error())) return PutBack::kInInbox;
    return PutBack::kElsewhere;
  }

  Result<PutBack> MoveBack(const MailboxId& mailbox, const ActIntent& act) {
    auto target = tools_.mailboxes.Describe(mailbox, act.from_folder_id);
    PutBack put_back = PutBack::kBack;
    if (!target && IsMissing(target.error())) {
      put_back = PutBack::kInInbox;
      target = tools_.mailboxes.Locate(mailbox, KnownFolder::kInbox);
    }
    if (!target) return target.error();
    FaultPoint("sidecar.before-act");
    const auto receipt =
        tools_.mailboxes.Move(mailbox, act.item_id, target->id, tools_.ActBy(started_));
    FaultPoint("sidecar.after-act");
    // After an answer that says nothing certain the mailbox itself is asked.
    const bool unsure = !receipt && (receipt.error().kind == ErrorKind::kTransient ||
                                     receipt.error().kind == ErrorKind::kConflict);
    if (!receipt && !unsure) {
      return IsMissing(receipt.error()) ? Result<PutBack>(PutBack::kGone) : receipt.error();
    }
    if (receipt) request_id_ = receipt->request_id;
    const auto item = LookAt(mailbox, act);
    if (!item && IsMissing(item.error())) return Gone(item.error());
    if (!item) return item.error();
    if (item->folder_id != target->id) {
      if (!receipt) return receipt.error();
      return PutBack::kElsewhere;
    }
    folder_after_ = target->name;
    return put_back;
  }

  void Note(const ActIntent& act, PutBack put_back) {
    ++counts_[put_back];
    const bool back = put_back == PutBack::kBack || put_back == PutBack::kInInbox;
    if (back) outcome_.moved_ids += (outcome_.moved_ids.empty() ? "" : ",") + act.item_id;
    if (outcome_.item_ids.empty() || (back && outcome_.kind != OutcomeKind::kUndone)) {
      outcome_.mailbox_id = act.mailbox_id;
      outcome_.folder_before = ToString(DestinationOf(act.action));
      outcome_.folder_after = put_back == PutBack::kGone ? "" : folder_after_;
      outcome_.item_ids.clear();
    }
    if (back) {
      outcome_.kind = OutcomeKind::kUndone;
    } else if (outcome_.kind != OutcomeKind::kUndone) {
      outcome_.kind = put_back == PutBack::kGone ? OutcomeKind::kGone : OutcomeKind::kElsewhere;
    }
    if (!back && outcome_.kind == OutcomeKind::kUndone) return;
    outcome_.item_ids += (outcome_.item_ids.empty() ? "" : ",") + act.item_id;
  }

  Ending Conclude() {
    constexpr std::pair<PutBack, std::string_view> kWords[] = {
        {PutBack::kBack, "back in the folder it came from"},
        {PutBack::kInInbox, "put into the Inbox, for the folder it came from is gone"},
        {PutBack::kElsewhere, "moved on by somebody since, left there"},
        {PutBack::kGone, "in no folder any more"}};
    for (const auto& [put_back, words] : kWords) {
      const int count = counts_[put_back];
      if (count == 0) continue;
      outcome_.detail += fmt::format("{}{} {}", outcome_.detail.empty() ? "" : "; ", count, words);
    }
    outcome_.request_id = request_id_;
    outcome_.at = tools_.clock.Now();
    return Finished{outcome_};
  }

  Ending Fail(const Error& error) {
    const Time now = tools_.clock.Now();
    const std::string why = "putting it back: " + error.what;
    const ErrorMeaning meaning = MeaningOf(error, claim_, now, tools_.give_up_after);
    if (const auto* later = std::get_if<TryLater>(&meaning)) {
      return Postponed{later->due, why, later->obstacle};
    }
    const auto* end = std::get_if<EndAs>(&meaning);
    outcome_.kind = end != nullptr ? end->kind : OutcomeKind::kFailed;
    outcome_.detail = (end != nullptr ? end->before : "") + why;
    outcome_.at = now;
    return Finished{outcome_};
  }

  const ClaimedRetraction& claim_;
  const RetractTools& tools_;
  const BeginBy started_;
  std::map<PutBack, int> counts_;
  Outcome outcome_;
  std::string folder_after_, request_id_;
};

}  // namespace

Ending UndoOne(const ClaimedRetraction& claim, const RetractTools& tools) {
  return Record(claim, Undoing(claim, tools).Run(), tools.ledger);
}

}  // namespace clawback
