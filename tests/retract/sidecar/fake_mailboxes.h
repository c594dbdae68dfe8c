// SPDX-License-Identifier: Apache-2.0
// Mailboxes in memory whose every answer a test can spoil.
#ifndef CLAWBACK_TESTS_RETRACT_SIDECAR_FAKE_MAILBOXES_H_
#define CLAWBACK_TESTS_RETRACT_SIDECAR_FAKE_MAILBOXES_H_

#include <algorithm>
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "retract/graph/mailbox_provider.h"

namespace clawback {

enum class Call { kResolve, kFind, kLook, kFetch, kDescribe, kRetract, kMove };

// Whether a spoilt call did its work before its answer was lost.
enum class Effect { kNothing, kDone };

struct FakeItem {
  std::string id, folder, message_id, mime;
};

// Folder ids are "f-inbox", "f-junk", ... in every mailbox; "f-projects" is another.
class FakeMailboxes final : public MailboxProvider {
 public:
  void AddMailbox(const std::string& address, const std::string& mailbox) {
    const std::scoped_lock lock(mutex_);
    addresses_[address] = mailbox;
    items_[mailbox];
  }
  void Put(const std::string& mailbox, FakeItem item) {
    const std::scoped_lock lock(mutex_);
    items_[mailbox].push_back(std::move(item));
  }
  void MoveItem(const std::string& mailbox, const std::string& id, const std::string& folder) {
    const std::scoped_lock lock(mutex_);
    At(mailbox, id)->folder = folder;
  }
  void Remove(const std::string& mailbox, const std::string& id) {
    const std::scoped_lock lock(mutex_);
    auto& items = items_[mailbox];
    items.erase(std::remove_if(items.begin(), items.end(),
                               [&](const FakeItem& item) { return item.id == id; }),
                items.end());
  }
  // In every mailbox.
  void RemoveFolder(const std::string& folder) {
    const std::scoped_lock lock(mutex_);
    removed_folder_ = folder;
  }
  std::string FolderOf(const std::string& mailbox, const std::string& id) {
    const std::scoped_lock lock(mutex_);
    const FakeItem* item = At(mailbox, id);
    return item == nullptr ? "" : item->folder;
  }
  // The next calls of that kind answer with error, each once, in order.
  void Spoil(Call call, Error error, Effect effect = Effect::kNothing) {
    const std::scoped_lock lock(mutex_);
    spoilt_[call].push_back({std::move(error), effect});
  }
  // Runs before every call of that kind, without the lock.
  void Before(Call call, std::function<void()> hook) { hooks_[call] = std::move(hook); }
  int Calls(Call call) {
    const std::scoped_lock lock(mutex_);
    return calls_[call];
  }

  Result<MailboxId> Resolve(std::string_view address) override {
    return Answer<MailboxId>(Call::kResolve, [&]() -> Result<MailboxId> {
      const auto found = addresses_.find(std::string(address));
      if (found == addresses_.end()) {
        return Error{ErrorKind::kNotFound, "Request_ResourceNotFound: no such user"};
      }
      return MailboxId{found->second};
    });
  }
  Result<std::vector<MailboxCopy>> Find(const MailboxId& mailbox,
                                        std::string_view message_id) override {
    return Answer<std::vector<MailboxCopy>>(Call::kFind, [&] {
      std::vector<MailboxCopy> found;
      for (const FakeItem& item : items_[mailbox.value]) {
        if (item.message_id == message_id && item.folder != "f-purges")
          found.push_back(AsCopy(item));
      }
      return Result<std::vector<MailboxCopy>>(std::move(found));
    });
  }
  Result<MailboxCopy> Look(const MailboxId& mailbox, std::string_view item_id) override {
    return Answer<MailboxCopy>(Call::kLook, [&]() -> Result<MailboxCopy> {
      const FakeItem* item = At(mailbox.value, item_id);
      if (item == nullptr || (purges_hidden && item->folder == "f-purges")) return NoItem();
      return AsCopy(*item);
    });
  }
  Result<std::string> Fetch(const MailboxId& mailbox, std::string_view item_id) override {
    return Answer<std::string>(Call::kFetch, [&]() -> Result<std::string> {
      const FakeItem* item = At(mailbox.value, item_id);
      if (item == nullptr) return NoItem();
      return item->mime;
    });
  }
  Result<Folder> Describe(const MailboxId&, std::string_view folder_id) override {
    return Answer<Folder>(Call::kDescribe, [&]() -> Result<Folder> {
      for (const Folder& folder : Folders()) {
        if (folder.id == folder_id && folder.id != removed_folder_) return folder;
      }
      return Error{ErrorKind::kNotFound, "ErrorItemNotFound: no such folder"};
    });
  }
  Result<Receipt> Retract(const MailboxId& mailbox, std::string_view item_id,
                          Action action) override {
    return Answer<Receipt>(Call::kRetract, [&]() -> Result<Receipt> {
      FakeItem* item = At(mailbox.value, item_id);
      if (item == nullptr || item->folder == "f-purges") return NoItem();
      for (const Folder& folder : Folders()) {
        if (folder.known == DestinationOf(action)) item->folder = folder.id;
      }
      return Receipt{AsCopy(*item), "request-" + std::to_string(calls_[Call::kRetract])};
    });
  }

  Result<Folder> Locate(const MailboxId&, KnownFolder known) override {
    for (const Folder& folder : Folders()) {
      if (folder.known == known) return folder;
    }
    return Error{ErrorKind::kNotFound, "ErrorFolderNotFound: no such folder"};
  }
  Result<Receipt> Move(const MailboxId& mailbox, std::string_view item_id,
                       std::string_view folder_id) override {
    return Answer<Receipt>(Call::kMove, [&]() -> Result<Receipt> {
      FakeItem* item = At(mailbox.value, item_id);
      if (item == nullptr) return NoItem();
      item->folder = folder_id;
      return Receipt{AsCopy(*item), "move-" + std::to_string(calls_[Call::kMove])};
    });
  }

  bool purges_hidden = true;  // as Graph does, or may not

  static std::vector<Folder> Folders() {
    return {{"f-inbox", "Inbox", KnownFolder::kInbox},
            {"f-junk", "Junk Email", KnownFolder::kJunk},
            {"f-trash", "Deleted Items", KnownFolder::kTrash},
            {"f-recoverable", "Recoverable Items/Deletions", KnownFolder::kRecoverable},
            {"f-purges", "Recoverable Items/Purges", KnownFolder::kPurges},
            {"f-sent", "Sent Items", KnownFolder::kSent},
            {"f-drafts", "Drafts", KnownFolder::kDrafts},
            {"f-projects", "Projects", KnownFolder::kOther}};
  }

 private:
  struct Spoilt {
    Error error;
    Effect effect;
  };

  static Error NoItem() { return {ErrorKind::kNotFound, "ErrorItemNotFound: no such item"}; }
  static MailboxCopy AsCopy(const FakeItem& item) {
    return {item.id, item.folder, item.message_id};
  }

  FakeItem* At(const std::string& mailbox, std::string_view id) {
    for (FakeItem& item : items_[mailbox]) {
      if (item.id == id) return &item;
    }
    return nullptr;
  }

  template <typename T, typename Work>
  Result<T> Answer(Call call, const Work& work) {
    if (const auto hook = hooks_.find(call); hook != hooks_.end()) hook->second();
    const std::scoped_lock lock(mutex_);
    ++calls_[call];
    auto& spoilt = spoilt_[call];
    if (spoilt.empty()) return work();
    const Spoilt next = std::move(spoilt.front());
    spoilt.pop_front();
    if (next.effect == Effect::kDone) (void)work();
    return next.error;
  }

  std::mutex mutex_;
  std::string removed_folder_;
  std::map<std::string, std::string> addresses_;
  std::map<std::string, std::vector<FakeItem>> items_;  // by mailbox
  std::map<Call, std::deque<Spoilt>> spoilt_;
  std::map<Call, std::function<void()>> hooks_;
  std::map<Call, int> calls_;
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_RETRACT_SIDECAR_FAKE_MAILBOXES_H_
