// SPDX-License-Identifier: Apache-2.0
#include "tests/support/memory_mailboxes.h"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <thread>

namespace clawback {
namespace {

constexpr std::array kFolders = {
    KnownFolder::kInbox,  KnownFolder::kJunk, KnownFolder::kTrash, KnownFolder::kRecoverable,
    KnownFolder::kPurges, KnownFolder::kSent, KnownFolder::kDrafts};

std::string Lowered(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lowered;
}

std::string FolderId(const MailboxId& mailbox, KnownFolder folder) {
  return mailbox.value + "/folder/" + std::string(ToString(folder));
}

MailboxCopy AsGraphSaysIt(const MailboxId& mailbox, const MemoryMailboxes::StoredCopy& copy) {
  return {copy.item_id, FolderId(mailbox, copy.folder), copy.message_id};
}

Error NotFound(std::string_view what) { return {ErrorKind::kNotFound, std::string(what)}; }

}  // namespace

MailboxId MemoryMailboxes::AddMailbox(const std::vector<std::string>& addresses) {
  const std::lock_guard lock(mutex_);
  const MailboxId mailbox{"mailbox-" + std::to_string(++named_)};
  copies_[mailbox.value];
  for (const std::string& address : addresses) {
    addresses_.insert_or_assign(Lowered(address), mailbox);
  }
  return mailbox;
}

void MemoryMailboxes::AddWithoutMailbox(const std::string& address, const std::string& code) {
  const std::lock_guard lock(mutex_);
  addresses_.insert_or_assign(Lowered(address), NotFound(code + ": " + address));
}

std::string MemoryMailboxes::Deliver(const MailboxId& mailbox, KnownFolder folder,
                                     std::string message_id, std::string mime) {
  const std::lock_guard lock(mutex_);
  std::string item_id = "item-" + std::to_string(++named_);
  copies_.at(mailbox.value).push_back({item_id, folder, std::move(message_id), std::move(mime)});
  return item_id;
}

void MemoryMailboxes::Move(const MailboxId& mailbox, std::string_view item_id, KnownFolder folder) {
  const std::lock_guard lock(mutex_);
  const auto copy = CopyOf(mailbox, item_id);
  if (!copy.ok()) throw std::out_of_range(copy.error().what);
  (*copy)->folder = folder;
}

void MemoryMailboxes::Remove(const MailboxId& mailbox, std::string_view item_id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(copies_.at(mailbox.value),
                [&](const StoredCopy& copy) { return copy.item_id == item_id; });
}

std::vector<MemoryMailboxes::StoredCopy> MemoryMailboxes::CopiesIn(const MailboxId& mailbox) const {
  const std::lock_guard lock(mutex_);
  return copies_.at(mailbox.value);
}

void MemoryMailboxes::Fail(MailboxCall call, Error error, int times, FailureWay way) {
  const std::lock_guard lock(mutex_);
  for (int i = 0; i < times; ++i) scripts_[call].failures.push_back({error, way});
}

void MemoryMailboxes::Delay(MailboxCall call, milliseconds delay) {
  const std::lock_guard lock(mutex_);
  scripts_[call].delay = delay;
}

int MemoryMailboxes::CallsOf(MailboxCall call) const {
  const std::lock_guard lock(mutex_);
  const auto found = scripts_.find(call);
  return found == scripts_.end() ? 0 : found->second.calls;
}

std::optional<MemoryMailboxes::Failure> MemoryMailboxes::Begin(MailboxCall call) {
  milliseconds delay{0};
  std::optional<Failure> failure;
  {
    const std::lock_guard lock(mutex_);
    Script& script = scripts_[call];
    ++script.calls;
    delay = script.delay;
    if (!script.failures.empty()) {
      failure = script.failures.front();
      script.failures.pop_front();
    }
  }
  if (delay > milliseconds(0)) std::this_thread::sleep_for(delay);
  return failure;
}

Result<std::vector<MemoryMailboxes::StoredCopy>*> MemoryMailboxes::CopiesOf(
    const MailboxId& mailbox) {
  const auto found = copies_.find(mailbox.value);
  if (found == copies_.end()) return NotFound("Request_ResourceNotFound: " + mailbox.value);
  return &found->second;
}

Result<MemoryMailboxes::StoredCopy*> MemoryMailboxes::CopyOf(const MailboxId& mailbox,
                                                             std::string_view item_id) {
  const auto copies = CopiesOf(mailbox);
  if (!copies.ok()) return copies.error();
  for (StoredCopy& copy : **copies) {
    // Purged copies are out of reach.
    if (copy.item_id == item_id && copy.folder != KnownFolder::kPurges) return &copy;
  }
  return NotFound("ErrorItemNotFound: " + std::string(item_id));
}

Result<MailboxId> MemoryMailboxes::Resolve(std::string_view address) {
  if (const auto failure = Begin(MailboxCall::kResolve)) return failure->error;
  const std::lock_guard lock(mutex_);
  const auto found = addresses_.find(Lowered(address));
  if (found != addresses_.end()) return found->second;
  return NotFound("Request_ResourceNotFound: " + std::string(address));
}

Result<std::vector<MailboxCopy>> MemoryMailboxes::Find(const MailboxId& mailbox,
                                                       std::string_view message_id) {
  if (const auto failure = Begin(MailboxCall::kFind)) return failure->error;
  if (message_id.empty()) return Error{ErrorKind::kInvalid, "no Message-ID to search for"};
  const std::lock_guard lock(mutex_);
  const auto copies = CopiesOf(mailbox);
  if (!copies.ok()) return copies.error();
  std::vector<MailboxCopy> found;
  for (const StoredCopy& copy : **copies) {
    // Purged copies are out of a search's sight.
    if (copy.message_id != message_id || copy.folder == KnownFolder::kPurges) continue;
    found.push_back(AsGraphSaysIt(mailbox, copy));
  }
  return found;
}

Result<MailboxCopy> MemoryMailboxes::Look(const MailboxId& mailbox, std::string_view item_id) {
  if (const auto failure = Begin(MailboxCall::kLook)) return failure->error;
  const std::lock_guard lock(mutex_);
  const auto copy = CopyOf(mailbox, item_id);
  if (!copy.ok()) return copy.error();
  return AsGraphSaysIt(mailbox, **copy);
}

Result<std::string> MemoryMailboxes::Fetch(const MailboxId& mailbox, std::string_view item_id) {
  if (const auto failure = Begin(MailboxCall::kFetch)) return failure->error;
  const std::lock_guard lock(mutex_);
  const auto copy = CopyOf(mailbox, item_id);
  if (!copy.ok()) return copy.error();
  return (*copy)->mime;
}

Result<Folder> MemoryMailboxes::Describe(const MailboxId& mailbox, std::string_view folder_id) {
  if (const auto failure = Begin(MailboxCall::kDescribe)) return failure->error;
  const std::lock_guard lock(mutex_);
  const auto copies = CopiesOf(mailbox);
  if (!copies.ok()) return copies.error();
  for (const KnownFolder known : kFolders) {
    if (FolderId(mailbox, known) == folder_id) {
      return Folder{std::string(folder_id), std::string(ToString(known)), known};
    }
  }
  return NotFound("ErrorItemNotFound: " + std::string(folder_id));
}

Result<Receipt> MemoryMailboxes::Retract(const MailboxId& mailbox, std::string_view item_id,
                                         Action action) {
  const auto failure = Begin(MailboxCall::kRetract);
  if (failure && failure->way == FailureWay::kNotDone) return failure->error;
  if (action == Action::kNone) return Error{ErrorKind::kInvalid, "that action does nothing"};
  const std::lock_guard lock(mutex_);
  const auto copy = CopyOf(mailbox, item_id);
  if (!copy.ok()) return copy.error();
  (*copy)->folder = DestinationOf(action);
  if (failure) return failure->error;
  const std::string request = "request-" + std::to_string(++named_);
  if (action == Action::kHardDelete) return Receipt{{std::string(item_id), "", ""}, request};
  return Receipt{AsGraphSaysIt(mailbox, **copy), request};
}

Result<Folder> MemoryMailboxes::Locate(const MailboxId& mailbox, KnownFolder known) {
  if (known == KnownFolder::kOther || known == KnownFolder::kPurges) {
    return NotFound("ErrorFolderNotFound: " + std::string(ToString(known)));
  }
  const std::lock_guard lock(mutex_);
  if (const auto copies = CopiesOf(mailbox); !copies.ok()) return copies.error();
  return Folder{FolderId(mailbox, known), std::string(ToString(known)), known};
}

Result<Receipt> MemoryMailboxes::Move(const MailboxId& mailbox, std::string_view item_id,
                                      std::string_view folder_id) {
  const auto failure = Begin(MailboxCall::kMove);
  if (failure && failure->way == FailureWay::kNotDone) return failure->error;
  const std::lock_guard lock(mutex_);
  const auto copy = CopyOf(mailbox, item_id);
  if (!copy.ok()) return copy.error();
  const auto folder = std::find_if(kFolders.begin(), kFolders.end(), [&](KnownFolder known) {
    return known != KnownFolder::kPurges && FolderId(mailbox, known) == folder_id;
  });
  if (folder == kFolders.end()) return NotFound("ErrorFolderNotFound: " + std::string(folder_id));
  (*copy)->folder = *folder;
  if (failure) return failure->error;
  return Receipt{AsGraphSaysIt(mailbox, **copy), "request-" + std::to_string(++named_)};
}

}  // namespace clawback
