// SPDX-License-Identifier: Apache-2.0
// Mailboxes whose answers are those to somebody else's requests.
#ifndef CLAWBACK_TESTS_RETRACT_SIDECAR_MIXED_UP_H_
#define CLAWBACK_TESTS_RETRACT_SIDECAR_MIXED_UP_H_

#include <string>
#include <utility>

#include "retract/graph/mailbox_provider.h"

namespace clawback {

// Asks the true ones; what moves and looks say is about the other item. The true ones outlive it.
class MixedUp final : public MailboxProvider {
 public:
  MixedUp(MailboxProvider& true_one, MailboxCopy other)
      : true_(true_one), other_(std::move(other)) {}

  Result<MailboxId> Resolve(std::string_view address) override { return true_.Resolve(address); }
  Result<FoundCopies> Find(const MailboxId& mailbox, std::string_view id) override {
    return true_.Find(mailbox, id);
  }
  Result<FoundCopies> FindVisible(const MailboxId& mailbox, std::string_view id) override {
    return true_.FindVisible(mailbox, id);
  }
  Result<FoundCopies> FindRecoverable(const MailboxId& mailbox, std::string_view id) override {
    return true_.FindRecoverable(mailbox, id);
  }
  Result<MailboxCopy> Look(const MailboxId& mailbox, std::string_view item) override {
    return looks ? Result<MailboxCopy>(other_) : true_.Look(mailbox, item);
  }
  Result<MailboxCopy> LookIn(const MailboxId& mailbox, KnownFolder folder,
                             std::string_view item) override {
    return looks ? Result<MailboxCopy>(other_) : true_.LookIn(mailbox, folder, item);
  }
  Result<std::string> Fetch(const MailboxId& mailbox, std::string_view item) override {
    return true_.Fetch(mailbox, item);
  }
  Result<Folder> Describe(const MailboxId& mailbox, std::string_view folder) override {
    return true_.Describe(mailbox, folder);
  }
  Result<Receipt> Retract(const MailboxId& mailbox, std::string_view item, Action action,
                          BeginBy by) override {
    if (moves) static_cast<void>(true_.Retract(mailbox, item, action, by));
    return Receipt{other_, "request-of-others"};
  }
  Result<Folder> Locate(const MailboxId& mailbox, KnownFolder known) override {
    return true_.Locate(mailbox, known);
  }
  Result<Receipt> Move(const MailboxId& mailbox, std::string_view item, std::string_view folder,
                       BeginBy by) override {
    return true_.Move(mailbox, item, folder, by);
  }

  bool moves = true;   // the true one moves, too
  bool looks = false;  // whatever is looked at is the other one

 private:
  MailboxProvider& true_;
  const MailboxCopy other_;
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_RETRACT_SIDECAR_MIXED_UP_H_
