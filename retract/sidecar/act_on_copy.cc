// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/act_on_copy.h"

#include <algorithm>
#include <utility>

#include "policy/base/fault_point.h"
#include "retract/sidecar/error_meaning.h"

namespace clawback {
namespace {

constexpr std::string_view kReadingBack = "reading back";

Result<MailboxCopy> LookAt(const Attempt& attempt, std::string_view item_id) {
  return Believed(attempt.tools.mailboxes.Look(attempt.mailbox, item_id), attempt.claim.message_id);
}

Step ReadBackFailed(Attempt& attempt, const Copy& copy, const Error& error) {
  if (!IsMissing(error)) return attempt.Fail(error, kReadingBack);
  attempt.Vanish(copy);
  return std::nullopt;
}

bool MovedAfterAll(const Attempt& attempt, Copy& copy, const MailboxCopy& item) {
  auto folder = attempt.tools.mailboxes.Describe(attempt.mailbox, item.folder_id);
  if (!folder || !IsThere(*folder, attempt.claim.action)) return false;
  copy.item = item;
  copy.folder = std::move(*folder);
  copy.standing = Standing::kMoved;
  return true;
}

// Done is what no folder that can be read shows any more, or Purges alone.
Step ReadBackHard(Attempt& attempt, Copy& copy) {
  MailboxProvider& mailboxes = attempt.tools.mailboxes;
  const auto item = LookAt(attempt, copy.item.item_id);
  if (item && MovedAfterAll(attempt, copy, *item)) return std::nullopt;
  if (!item && !IsMissing(item.error())) return ReadBackFailed(attempt, copy, item.error());
  const auto listed = mailboxes.Find(attempt.mailbox, attempt.claim.message_id);
  if (!listed) return ReadBackFailed(attempt, copy, listed.error());
  const bool there = std::any_of(listed->begin(), listed->end(), [&](const MailboxCopy& one) {
    return one.item_id == copy.item.item_id;
  });
  if (there) {
    return Held{
        attempt.About(copy, OutcomeKind::kFailed, "hard-deleted, but read back in a folder")};
  }
  PutOutOfReach(copy);
  return std::nullopt;
}

Step ReadBack(Attempt& attempt, Copy& copy, const std::string& item_id) {
  const KnownFolder destination = DestinationOf(attempt.claim.action);
  const auto there = Believed(attempt.tools.mailboxes.LookIn(attempt.mailbox, destination, item_id),
                              attempt.claim.message_id);
  if (there) {
    copy.item = *there;
    copy.folder = {there->folder_id, std::string(ToString(destination)), destination};
    copy.standing = Standing::kMoved;
    return std::nullopt;
  }
  if (!IsMissing(there.error())) return ReadBackFailed(attempt, copy, there.error());
  const auto item = LookAt(attempt, item_id);
  if (!item) return ReadBackFailed(attempt, copy, item.error());
  auto folder = attempt.tools.mailboxes.Describe(attempt.mailbox, item->folder_id);
  if (!folder) return ReadBackFailed(attempt, copy, folder.error());
  copy.item = *item;
  copy.folder = std::move(*folder);
  if (IsThere(copy.folder, attempt.claim.action)) {
    copy.standing = Standing::kMoved;
    return std::nullopt;
  }
  copy.standing = Standing::kMoved;
  // Whoever moved it on may be its owner, who is not to be fought.
  return Held{attempt.About(copy, OutcomeKind::kFailed,
                            "moved, but read back in another folder: " + copy.folder.name)};
}

// Exchange refuses to delete what a hold keeps, and what is gone, with the same words.
Step KeptOrGone(Attempt& attempt, const Copy& copy, const Error& error, std::string_view doing) {
  const auto item = LookAt(attempt, copy.item.item_id);
  if (!item) return ReadBackFailed(attempt, copy, item.error());
  return attempt.Fail(error, doing);
}

// After an answer that says nothing certain the mailbox itself is asked before
// anything is done again.
Step ActFailed(Attempt& attempt, Copy& copy, const Error& error) {
  constexpr std::string_view kDoing = "moving the copy";
  if (MeansOnHold(error)) return KeptOrGone(attempt, copy, error, kDoing);
  if (IsMissing(error)) {
    attempt.Vanish(copy);
    return std::nullopt;
  }
  // Invalid: an answer that cannot be read, such as that of a move with all of a large
  // message in it. Conflict: the other change may have been our own, sent before.
  const bool unsure = error.kind == ErrorKind::kTransient || error.kind == ErrorKind::kInvalid ||
                      error.kind == ErrorKind::kConflict;
  if (!unsure) return attempt.Fail(error, kDoing);
  const auto item = LookAt(attempt, copy.item.item_id);
  if (item && MovedAfterAll(attempt, copy, *item)) return std::nullopt;
  const bool missing = !item && IsMissing(item.error());
  if (missing && attempt.IsHard()) return ReadBackHard(attempt, copy);
  if (!item && error.kind == ErrorKind::kInvalid) {
    return ReadBackFailed(attempt, copy, item.error());
  }
  return attempt.Fail(error, kDoing);
}

// Before the act: a crash in between must know where the copy came from.
Step RecordIntent(Attempt& attempt, Copy& copy) {
  const ActIntent intent{attempt.mailbox.value, copy.item.item_id, copy.folder.id,
                         copy.folder.name,      attempt.Now(),     attempt.claim.action};
  const auto recorded = attempt.tools.ledger.RecordIntent(attempt.claim, intent);
  if (!recorded) return Abandoned{recorded.error()};
  if (*recorded == Intended::kBlocked) {
    return Finished{attempt.About(copy, OutcomeKind::kBlocked,
                                  "it was put back by an undo: only a person may retract it "
                                  "again")};
  }
  if (*recorded == Intended::kBraked) {
    return Held{attempt.About(
        copy, OutcomeKind::kBraked,
        "the tenant's breaker has tripped: clawback breaker show " + attempt.claim.tenant)};
  }
  attempt.intents.push_back(intent);
  copy.from_folder = copy.folder.name;
  copy.from_folder_id = copy.folder.id;
  return std::nullopt;
}

}  // namespace

Step ActOnCopy(Attempt& attempt, Copy& copy) {
  if (auto ending = attempt.CheckTime()) return ending;
  if (auto ending = RecordIntent(attempt, copy)) return ending;
  FaultPoint("sidecar.before-act");
  // Who was stopped here may find that its lease has ended, and the act done by another.
  const auto receipt =
      attempt.tools.mailboxes.Retract(attempt.mailbox, copy.item.item_id, attempt.claim.action,
                                      attempt.tools.ActBy(attempt.started));
  FaultPoint("sidecar.after-act");
  if (!receipt) return ActFailed(attempt, copy, receipt.error());
  attempt.request_id = receipt->request_id;
  if (attempt.IsHard()) return ReadBackHard(attempt, copy);
  const bool ours = receipt->copy.message_id == attempt.claim.message_id;
  return ReadBack(attempt, copy, ours ? receipt->copy.item_id : copy.item.item_id);
}

}  // namespace clawback
