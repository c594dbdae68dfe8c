// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/gather_copies.h"

#include <algorithm>
#include <utility>

#include "retract/sidecar/error_meaning.h"

namespace clawback {
namespace {

// An item whose hard delete was begun and that nobody can reach any more: deleted,
// by us as far as can be told. Unless the service said that it was gone before us.
void AddOutOfReach(Attempt& attempt, const ActIntent& intent) {
  if (!attempt.IsHard() || intent.item_id == attempt.vanished) return;
  Copy& copy = attempt.copies.emplace_back();
  copy.item.item_id = intent.item_id;
  copy.intent = intent;
  PutOutOfReach(copy);
}

Step AddIntended(Attempt& attempt, const ActIntent& intent) {
  auto& copies = attempt.copies;
  auto copy = std::find_if(copies.begin(), copies.end(),
                           [&](const Copy& one) { return one.item.item_id == intent.item_id; });
  if (copy == copies.end()) {
    auto item = Believed(attempt.tools.mailboxes.Look(attempt.mailbox, intent.item_id),
                         attempt.claim.message_id);
    if (!item && IsMissing(item.error())) {
      attempt.searched = RequestIdOf(item.error());
      AddOutOfReach(attempt, intent);
      return std::nullopt;
    }
    if (!item) return attempt.Fail(item.error(), "looking up the item of an earlier attempt");
    copies.emplace_back().item = std::move(*item);
    copy = copies.end() - 1;
  }
  copy->intent = intent;
  return std::nullopt;
}

// nullptr with *ending unset: the folder is not there.
const Folder* FolderOf(Attempt& attempt, const std::string& id, Step* ending) {
  const auto known = attempt.folders.find(id);
  if (known != attempt.folders.end()) return &known->second;
  auto folder = attempt.tools.mailboxes.Describe(attempt.mailbox, id);
  if (folder) return &(attempt.folders[id] = std::move(*folder));
  if (!IsMissing(folder.error())) {
    *ending = attempt.Fail(folder.error(), "asking for the copy's folder");
  }
  return nullptr;
}

void WithoutFolder(Attempt& attempt, Copy& copy) {
  if (attempt.IsHard() && copy.intent) {
    PutOutOfReach(copy);
  } else {
    attempt.Vanish(copy);
  }
}

// In Recoverable Items stands what is nobody's to act on, unless it is to be deleted for
// good: where there is another copy to see to, that question is saved.
Result<FoundCopies> Search(const Attempt& attempt) {
  MailboxProvider& mailboxes = attempt.tools.mailboxes;
  const std::string& message_id = attempt.claim.message_id;
  if (attempt.everywhere) return mailboxes.Find(attempt.mailbox, message_id);
  auto visible = mailboxes.FindVisible(attempt.mailbox, message_id);
  if (!visible || !visible->empty()) return visible;
  return mailboxes.FindRecoverable(attempt.mailbox, message_id);
}

}  // namespace

Step ReadIntents(Attempt& attempt) {
  auto intents = attempt.tools.ledger.IntentsOf(attempt.claim.id);
  if (!intents) return Abandoned{intents.error()};
  for (ActIntent& intent : *intents) {
    // The address may have come to mean another mailbox since.
    if (intent.mailbox_id != attempt.mailbox.value) continue;
    if (intent.shared) {
      attempt.shared.insert(intent.item_id);
    } else {
      attempt.intents.push_back(std::move(intent));
    }
  }
  return std::nullopt;
}

Step ListCopies(Attempt& attempt) {
  attempt.copies.clear();
  auto found = Search(attempt);
  if (!found) return attempt.Fail(found.error(), "looking for the message");
  attempt.searched = std::move(found->request_id);
  for (MailboxCopy& item : found->copies) attempt.copies.emplace_back().item = std::move(item);
  for (const ActIntent& intent : attempt.intents) {
    if (auto ending = AddIntended(attempt, intent)) return ending;
  }
  return std::nullopt;
}

Step PlaceCopy(Attempt& attempt, Copy& copy) {
  if (copy.standing == Standing::kMoved) return std::nullopt;  // out of reach
  Step ending;
  const Folder* folder = FolderOf(attempt, copy.item.folder_id, &ending);
  if (folder == nullptr) {
    if (!ending) WithoutFolder(attempt, copy);
    return ending;
  }
  copy.folder = *folder;
  copy.from_folder = copy.intent ? copy.intent->from_folder : copy.folder.name;
  copy.from_folder_id = copy.intent ? copy.intent->from_folder_id : copy.folder.id;
  if (IsLeftAlone(copy.folder)) {
    copy.standing = Standing::kLeftAlone;
  } else if (IsThere(copy.folder, attempt.claim.action)) {
    copy.standing = copy.intent ? Standing::kMoved : Standing::kThere;
  }
  return std::nullopt;
}

}  // namespace clawback
