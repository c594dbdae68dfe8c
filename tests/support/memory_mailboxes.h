// SPDX-License-Identifier: Apache-2.0
// Mailboxes in memory, for tests of whatever acts on mailboxes. Passes the same
// contract suite as Microsoft Graph does; can be made slow and made to fail.
#ifndef CLAWBACK_TESTS_SUPPORT_MEMORY_MAILBOXES_H_
#define CLAWBACK_TESTS_SUPPORT_MEMORY_MAILBOXES_H_

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"
#include "retract/graph/mailbox_provider.h"

namespace clawback {

enum class MailboxCall { kResolve, kFind, kLook, kFetch, kDescribe, kRetract, kMove };

// kReplyLost: the call did what it was asked to, and its answer is the error.
enum class FailureWay { kNotDone, kReplyLost };

// Safe from any thread.
class MemoryMailboxes final : public MailboxProvider {
 public:
  struct StoredCopy {
    std::string item_id;
    std::string folder;  // its name, as Describe says it
    std::string message_id;
    std::string mime;
  };

  // Addresses are compared without case.
  MailboxId AddMailbox(const std::vector<std::string>& addresses);
  // An address that resolves to no mailbox, by Microsoft's code for why.
  void AddWithoutMailbox(const std::string& address, const std::string& code);
  // One more address of a mailbox.
  void AddAddress(const MailboxId& mailbox, const std::string& address);
  // A folder of its owner's own, in every mailbox; and such a one goes.
  void AddFolder(const std::string& name);
  void RemoveFolder(const std::string& name);
  // A copy with an id of the test's choosing.
  void Put(const MailboxId& mailbox, StoredCopy copy);
  // A copy appears; answers its item id.
  std::string Deliver(const MailboxId& mailbox, KnownFolder folder, std::string message_id,
                      std::string mime);
  // What a user or a rule does meanwhile.
  void Move(const MailboxId& mailbox, std::string_view item_id, KnownFolder folder);
  void MoveByName(const MailboxId& mailbox, std::string_view item_id, const std::string& folder);
  void Remove(const MailboxId& mailbox, std::string_view item_id);

  // In order of delivery.
  std::vector<StoredCopy> CopiesIn(const MailboxId& mailbox) const;
  // Empty where there is no such copy.
  std::string FolderOf(const MailboxId& mailbox, std::string_view item_id) const;
  static std::string FolderId(const MailboxId& mailbox, std::string_view name);

  // The next calls of that kind fail, in the order of the Fail calls.
  void Fail(MailboxCall call, Error error, int times = 1, FailureWay way = FailureWay::kNotDone);
  // Runs before every call of that kind; may use these mailboxes. To be set before
  // other threads call.
  void Before(MailboxCall call, std::function<void()> hook);
  // What is purged can be looked up by its id, as some data centres allow.
  void ShowPurges();
  void Delay(MailboxCall call, milliseconds delay);
  int CallsOf(MailboxCall call) const;

  Result<MailboxId> Resolve(std::string_view address) override;
  Result<FoundCopies> Find(const MailboxId& mailbox, std::string_view message_id) override;
  Result<FoundCopies> FindVisible(const MailboxId& mailbox, std::string_view message_id) override;
  // Not counted and without failures of its own.
  Result<FoundCopies> FindRecoverable(const MailboxId& mailbox,
                                      std::string_view message_id) override;
  Result<MailboxCopy> Look(const MailboxId& mailbox, std::string_view item_id) override;
  Result<MailboxCopy> LookIn(const MailboxId& mailbox, KnownFolder folder,
                             std::string_view item_id) override;
  Result<std::string> Fetch(const MailboxId& mailbox, std::string_view item_id) override;
  Result<Folder> Describe(const MailboxId& mailbox, std::string_view folder_id) override;
  Result<Receipt> Retract(const MailboxId& mailbox, std::string_view item_id, Action action,
                          BeginBy by) override;
  Result<Folder> Locate(const MailboxId& mailbox, KnownFolder known) override;
  Result<Receipt> Move(const MailboxId& mailbox, std::string_view item_id,
                       std::string_view folder_id, BeginBy by) override;

 private:
  struct Failure {
    Error error;
    FailureWay way = FailureWay::kNotDone;
  };
  struct Script {
    std::deque<Failure> failures;
    milliseconds delay{0};
    std::shared_ptr<std::function<void()>> hook;
    int calls = 0;
  };
  // Counts the call and waits its delay; what it is to fail with, if it is.
  std::optional<Failure> Begin(MailboxCall call);
  Result<FoundCopies> Search(const MailboxId& mailbox, std::string_view message_id,
                             const std::function<bool(const StoredCopy&)>& wanted);
  std::optional<std::string> FolderNamed(const MailboxId& mailbox, std::string_view id) const;
  Result<StoredCopy*> CopyOf(const MailboxId& mailbox, std::string_view item_id);
  Result<std::vector<StoredCopy>*> CopiesOf(const MailboxId& mailbox);

  mutable std::mutex mutex_;
  std::map<MailboxCall, Script> scripts_;
  std::map<std::string, Result<MailboxId>> addresses_;     // lower case
  std::map<std::string, std::vector<StoredCopy>> copies_;  // by mailbox
  std::set<std::string> own_folders_;
  bool purges_shown_ = false;
  int named_ = 0;
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_SUPPORT_MEMORY_MAILBOXES_H_
