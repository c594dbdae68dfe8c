// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/mailbox_provider_contract.h"
#include "tests/support/memory_mailboxes.h"

namespace clawback {
namespace {

class MemoryWorld final : public MailboxWorld {
 public:
  MemoryWorld() {
    mailboxes_.AddMailbox({std::string(kAnna), std::string(kAnnasAlias)});
    mailboxes_.AddMailbox({std::string(kBen)});
    mailboxes_.AddWithoutMailbox(std::string(kGuest), "GuestHasNoMailbox");
    mailboxes_.AddWithoutMailbox(std::string(kOnPremises), "MailboxNotEnabledForRESTAPI");
  }
  MailboxProvider& provider() override { return mailboxes_; }
  void Deliver(std::string_view address, KnownFolder folder, std::string_view message_id) override {
    const auto mailbox = mailboxes_.Resolve(address);
    const std::string id(message_id);
    mailboxes_.Deliver(*mailbox, folder, id, "Message-ID: " + id + "\r\n\r\nbody\r\n");
  }

 private:
  MemoryMailboxes mailboxes_;
};

}  // namespace

std::unique_ptr<MailboxWorld> MakeMemoryWorld() { return std::make_unique<MemoryWorld>(); }

}  // namespace clawback
