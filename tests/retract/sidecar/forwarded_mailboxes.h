// SPDX-License-Identifier: Apache-2.0
// Hands every call on to another provider, which outlives it: where one is to be owned that
// a test keeps, and for those that change an answer or two.
#ifndef CLAWBACK_TESTS_RETRACT_SIDECAR_FORWARDED_MAILBOXES_H_
#define CLAWBACK_TESTS_RETRACT_SIDECAR_FORWARDED_MAILBOXES_H_

#include <string>
#include <string_view>

#include "retract/graph/mailbox_provider.h"

namespace clawback {

class ForwardedMailboxes : public MailboxProvider {
 public:
  explicit ForwardedMailboxes(MailboxProvider& to) : to_(to) {}
  Result<MailboxId> Resolve(std::string_view address) override { return to_.Resolve(address); }
  Result<FoundCopies> Find(const MailboxId& mailbox, std::string_view id) override {
    return to_.Find(mailbox, id);
  }
  Result<FoundCopies> FindVisible(const MailboxId& mailbox, std::string_view id) override {
    return to_.FindVisible(mailbox, id);
  }
  Result<FoundCopies> FindRecoverable(const MailboxId& mailbox, std::string_view id) override {
    return to_.FindRecoverable(mailbox, id);
  }
  Result<MailboxCopy> Look(const MailboxId& mailbox, std::string_view item) override {
    return to_.Look(mailbox, item);
  }
  Result<MailboxCopy> LookIn(const MailboxId& mailbox, KnownFolder folder,
                             std::string_view item) override {
    return to_.LookIn(mailbox, folder, item);
  }
  Result<std::string> Fetch(const MailboxId& mailbox, std::string_view item) override {
    return to_.Fetch(mailbox, item);
  }
  Result<Folder> Describe(const MailboxId& mailbox, std::string_view folder) override {
    return to_.Describe(mailbox, folder);
  }
  Result<Receipt> Retract(const MailboxId& mailbox, std::string_view item, Action action,
                          BeginBy by) override {
    return to_.Retract(mailbox, item, action, by);
  }
  Result<Folder> Locate(const MailboxId& mailbox, KnownFolder known) override {
    return to_.Locate(mailbox, known);
  }
  Result<Receipt> Move(const MailboxId& mailbox, std::string_view item, std::string_view folder,
                       BeginBy by) override {
    return to_.Move(mailbox, item, folder, by);
  }

 private:
  MailboxProvider& to_;
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_RETRACT_SIDECAR_FORWARDED_MAILBOXES_H_
