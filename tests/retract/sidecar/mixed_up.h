// SPDX-License-Identifier: Apache-2.0
// Mailboxes whose answers are those to somebody else's requests.
#ifndef CLAWBACK_TESTS_RETRACT_SIDECAR_MIXED_UP_H_
#define CLAWBACK_TESTS_RETRACT_SIDECAR_MIXED_UP_H_

#include <string>
#include <utility>

#include "tests/retract/sidecar/forwarded_mailboxes.h"

namespace clawback {

// Asks the true ones; what moves and looks say is about the other item. The true ones outlive it.
class MixedUp final : public ForwardedMailboxes {
 public:
  MixedUp(MailboxProvider& true_one, MailboxCopy other)
      : ForwardedMailboxes(true_one), other_(std::move(other)) {}

  Result<MailboxCopy> Look(const MailboxId& mailbox, std::string_view item) override {
    return looks ? Result<MailboxCopy>(other_) : ForwardedMailboxes::Look(mailbox, item);
  }
  Result<MailboxCopy> LookIn(const MailboxId& mailbox, KnownFolder folder,
                             std::string_view item) override {
    return looks ? Result<MailboxCopy>(other_) : ForwardedMailboxes::LookIn(mailbox, folder, item);
  }
  Result<Receipt> Retract(const MailboxId& mailbox, std::string_view item, Action action,
                          BeginBy by) override {
    if (moves) static_cast<void>(ForwardedMailboxes::Retract(mailbox, item, action, by));
    return Receipt{other_, "request-of-others"};
  }

  bool moves = true;   // the true one moves, too
  bool looks = false;  // whatever is looked at is the other one

 private:
  const MailboxCopy other_;
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_RETRACT_SIDECAR_MIXED_UP_H_
