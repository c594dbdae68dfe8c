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

KnownFolder KnownBy(std::string_view name) {
  const auto known = std::find_if(kFolders.begin(), kFolders.end(),
                                  [&](KnownFolder folder) { return ToString(folder) == name; });
  return known == kFolders.end() ? KnownFolder::kOther : *known;
}

bool IsPurged(const MemoryMailboxes::StoredCopy& copy) {
  return copy.folder == ToString(KnownFolder::kPurges);
}

bool IsRecoverable(const MemoryMailboxes::StoredCopy& copy) {
  return copy.folder == ToString(KnownFolder::kRecoverable);
}

MailboxCopy AsGraphSaysIt(const MailboxId& mailbox, const MemoryMailboxes::StoredCopy& copy) {
  return {copy.item_id, MemoryMailboxes::FolderId(mailbox, copy.folder), copy.message_id};
}

Error NotFound(std::string_view what) { return {ErrorKind::kNotFound, std::string(what)}; }

}  // namespace

std::string MemoryMailboxes::FolderId(const MailboxId& mailbox, std::string_view name) {
  return mailbox.value + "/folder/" + std::string(name);
}

void MemoryMailboxes::AddFolder(const std::string& name) {
  const std::lock_guard lock(mutex_);
  own_folders_.insert(name);
}

void MemoryMailboxes::RemoveFolder(const std::string& name) {
  const std::lock_guard lock(mutex_);
  own_folders_.erase(name);
}

void MemoryMailboxes::AddAddress(const MailboxId& mailbox, const std::string& address) {
  const std::lock_guard lock(mutex_);
  addresses_.insert_or_assign(Lowered(address), mailbox);
}

void MemoryMailboxes::Put(const MailboxId& mailbox, StoredCopy copy) {
  const std::lock_guard lock(mutex_);
  copies_.at(mailbox.value).push_back(std::move(copy));
}

void MemoryMailboxes::Before(MailboxCall call, std::function<void()> hook) {
  const std::lock_guard lock(mutex_);
  scripts_[call].hook = std::make_shared<std::function<void()>>(std::move(hook));
}

void MemoryMailboxes::ShowPurges() {
  const std::lock_guard lock(mutex_);
  purges_shown_ = true;
}

std::string MemoryMailboxes::FolderOf(const MailboxId& mailbox, std::string_view item_id) const {
  for (const StoredCopy& copy : CopiesIn(mailbox)) {
    if (copy.item_id == item_id) return copy.folder;
  }
  return {};
}

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
  copies_.at(mailbox.value)
      .push_back({item_id, std::string(ToString(folder)), std::move(message_id), std::move(mime)});
  return item_id;
}

void MemoryMailboxes::Move(const MailboxId& mailbox, std::string_view item_id, KnownFolder folder) {
  MoveByName(mailbox, item_id, std::string(ToString(folder)));
}

void MemoryMailboxes::MoveByName(const MailboxId& mailbox, std::string_view item_id,
                                 const std::string& folder) {
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
  std::shared_ptr<std::function<void()>> hook;
  {
    const std::lock_guard lock(mutex_);
    Script& script = scripts_[call];
    ++script.calls;
    delay = script.delay;
    hook = script.hook;
    if (!script.failures.empty()) {
      failure = script.failures.front();
      script.failures.pop_front();
    }
  }
  if (hook) (*hook)();
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
    if (copy.item_id == item_id && (purges_shown_ || !IsPurged(copy))) return &copy;
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

Result<FoundCopies> MemoryMailboxes::Find(const MailboxId& mailbox, std::string_view message_id) {
  if (const auto failure = Begin(MailboxCall::kFind)) return failure->error;
  return Search(mailbox, message_id, [](const StoredCopy&) { return true; });
}

Result<FoundCopies> MemoryMailboxes::FindVisible(const MailboxId& mailbox,
                                                 std::string_view message_id) {
  if (const auto failure = Begin(MailboxCall::kFind)) return failure->error;
  return Search(mailbox, message_id, [](const StoredCopy& copy) { return !IsRecoverable(copy); });
}

Result<FoundCopies> MemoryMailboxes::FindRecoverable(const MailboxId& mailbox,
                                                     std::string_view message_id) {
  return Search(mailbox, message_id, IsRecoverable);
}

Result<FoundCopies> MemoryMailboxes::Search(const MailboxId& mailbox, std::string_view message_id,
                                            const std::function<bool(const StoredCopy&)>& wanted) {
  if (message_id.empty()) return Error{ErrorKind::kInvalid, "no Message-ID to search for"};
  const std::lock_guard lock(mutex_);
  const auto copies = CopiesOf(mailbox);
  if (!copies.ok()) return copies.error();
  std::vector<MailboxCopy> found;
  for (const StoredCopy& copy : **copies) {
    // Purged copies are out of a search's sight.
    if (copy.message_id != message_id || IsPurged(copy) || !wanted(copy)) continue;
    found.push_back(AsGraphSaysIt(mailbox, copy));
  }
  return FoundCopies{std::move(found), "request-" + std::to_string(++named_)};
}

Result<MailboxCopy> MemoryMailboxes::Look(const MailboxId& mailbox, std::string_view item_id) {
  if (const auto failure = Begin(MailboxCall::kLook)) return failure->error;
  const std::lock_guard lock(mutex_);
  const auto copy = CopyOf(mailbox, item_id);
  if (!copy.ok()) return copy.error();
  return AsGraphSaysIt(mailbox, **copy);
}

Result<MailboxCopy> MemoryMailboxes::LookIn(const MailboxId& mailbox, KnownFolder folder,
                                            std::string_view item_id) {
  auto copy = Look(mailbox, item_id);
  if (!copy.ok() || copy->folder_id == FolderId(mailbox, ToString(folder))) return copy;
  return NotFound("ErrorItemNotFound: " + std::string(item_id));
}

Result<std::string> MemoryMailboxes::Fetch(const MailboxId& mailbox, std::string_view item_id) {
  if (const auto failure = Begin(MailboxCall::kFetch)) return failure->error;
  const std::lock_guard lock(mutex_);
  const auto copy = CopyOf(mailbox, item_id);
  if (!copy.ok()) return copy.error();
  return (*copy)->mime;
}

std::optional<std::string> MemoryMailboxes::FolderNamed(const MailboxId& mailbox,
                                                        std::string_view id) const {
  for (const KnownFolder known : kFolders) {
    if (FolderId(mailbox, ToString(known)) == id) return std::string(ToString(known));
  }
  for (const std::string& own : own_folders_) {
    if (FolderId(mailbox, own) == id) return own;
  }
  return std::nullopt;
}

Result<Folder> MemoryMailboxes::Describe(const MailboxId& mailbox, std::string_view folder_id) {
  if (const auto failure = Begin(MailboxCall::kDescribe)) return failure->error;
  const std::lock_guard lock(mutex_);
  const auto copies = CopiesOf(mailbox);
  if (!copies.ok()) return copies.error();
  const auto name = FolderNamed(mailbox, folder_id);
  if (!name) return NotFound("ErrorItemNotFound: " + std::string(folder_id));
  return Folder{std::string(folder_id), *name, KnownBy(*name)};
}

Result<Receipt> MemoryMailboxes::Retract(const MailboxId& mailbox, std::string_view item_id,
                                         Action action, BeginBy) {
  const auto failure = Begin(MailboxCall::kRetract);
  if (failure && failure->way == FailureWay::kNotDone) return failure->error;
  if (action == Action::kNone) return Error{ErrorKind::kInvalid, "that action does nothing"};
  const std::lock_guard lock(mutex_);
  const auto copy = CopyOf(mailbox, item_id);
  if (!copy.ok()) return copy.error();
  (*copy)->folder = ToString(DestinationOf(action));
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
  return Folder{FolderId(mailbox, ToString(known)), std::string(ToString(known)), known};
}

Result<Receipt> MemoryMailboxes::Move(const MailboxId& mailbox, std::string_view item_id,
                                      std::string_view folder_id, BeginBy) {
  const auto failure = Begin(MailboxCall::kMove);
  if (failure && failure->way == FailureWay::kNotDone) return failure->error;
  const std::lock_guard lock(mutex_);
  const auto copy = CopyOf(mailbox, item_id);
  if (!copy.ok()) return copy.error();
  const auto folder = FolderNamed(mailbox, folder_id);
  if (!folder || KnownBy(*folder) == KnownFolder::kPurges) {
    return NotFound("ErrorFolderNotFound: " + std::string(folder_id));
  }
  (*copy)->folder = *folder;
  if (failure) return failure->error;
  return Receipt{AsGraphSaysIt(mailbox, **copy), "request-" + std::to_string(++named_)};
}

}  // namespace clawback
