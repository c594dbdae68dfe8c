// SPDX-License-Identifier: Apache-2.0
// What every MailboxProvider promises. A new implementation is one line in the list
// of mailbox_provider_contract.cc.
#ifndef CLAWBACK_TESTS_CONTRACT_MAILBOX_PROVIDER_CONTRACT_H_
#define CLAWBACK_TESTS_CONTRACT_MAILBOX_PROVIDER_CONTRACT_H_

#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "retract/graph/mailbox_provider.h"

namespace clawback {

// One tenant, contoso.example, with two people (anna, also as anna.alias, and
// ben), a guest, an address on premises and nobody else; their mailboxes empty.
class MailboxWorld {
 public:
  virtual ~MailboxWorld() = default;
  virtual MailboxProvider& provider() = 0;
  // Puts a copy with exactly that Message-ID into a folder of the mailbox that address
  // names, as the service itself would.
  virtual void Deliver(std::string_view address, KnownFolder folder,
                       std::string_view message_id) = 0;
};

inline constexpr std::string_view kAnna = "anna@contoso.example";
inline constexpr std::string_view kAnnasAlias = "anna.alias@contoso.example";
inline constexpr std::string_view kBen = "ben@contoso.example";
inline constexpr std::string_view kGuest = "guest@partner.example";
inline constexpr std::string_view kOnPremises = "onprem@contoso.example";

struct WorldMaker {
  std::string_view name;
  std::unique_ptr<MailboxWorld> (*make)();
};
inline std::ostream& operator<<(std::ostream& out, const WorldMaker& maker) {
  return out << maker.name;
}

std::unique_ptr<MailboxWorld> MakeMemoryWorld();
// Graph's provider over the practice tenant, signed in either way.
std::unique_ptr<MailboxWorld> MakePracticeWorldBySecret();
std::unique_ptr<MailboxWorld> MakePracticeWorldByCertificate();

}  // namespace clawback

#endif  // CLAWBACK_TESTS_CONTRACT_MAILBOX_PROVIDER_CONTRACT_H_
