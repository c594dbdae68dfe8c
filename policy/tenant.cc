// SPDX-License-Identifier: Apache-2.0
#include "policy/tenant.h"

#include <algorithm>

#include "policy/base/names.h"
#include "policy/base/secret.h"
#include "policy/base/text.h"
#include "policy/config_checks.h"
#include "policy/mailbox_spelling.h"

namespace clawback {
namespace {

constexpr Name<Action> kActions[] = {{Action::kNone, "none"},
                                     {Action::kJunk, "junk"},
                                     {Action::kTrash, "trash"},
                                     {Action::kSoftDelete, "soft-delete"},
                                     {Action::kHardDelete, "hard-delete"}};

constexpr Name<Mode> kModes[] = {{Mode::kObserve, "observe"}, {Mode::kEnforce, "enforce"}};

constexpr Name<ListName> kLists[] = {{ListName::kExemptRecipients, "exempt_recipients"},
                                     {ListName::kTrustedSenders, "trusted_senders"},
                                     {ListName::kBlockedSenders, "blocked_senders"},
                                     {ListName::kProtectedPeople, "protected_people"},
                                     {ListName::kBlockedHosts, "blocked_hosts"},
                                     {ListName::kBlockedHashes, "blocked_hashes"}};

bool HoldsMailboxes(ListName list) {
  return list == ListName::kExemptRecipients || list == ListName::kProtectedPeople;
}

// Lists that judges look things up in have the form of their files.
std::optional<ListKind> KindOf(ListName list) {
  if (list == ListName::kBlockedHosts) return ListKind::kBlockedHosts;
  if (list == ListName::kBlockedHashes) return ListKind::kBlockedHashes;
  return std::nullopt;
}

}  // namespace

std::string_view ToString(Action action) { return NameOf(kActions, action); }
std::optional<Action> ActionFrom(std::string_view text) { return ValueOf(kActions, text); }

std::string_view ToString(Mode mode) { return NameOf(kModes, mode); }
std::optional<Mode> ModeFrom(std::string_view text) { return ValueOf(kModes, text); }

std::string_view ToString(ListName list) { return NameOf(kLists, list); }
std::optional<ListName> ListNameFrom(std::string_view text) { return ValueOf(kLists, text); }

bool FitsList(ListName list, std::string_view entry) {
  if (const auto kind = KindOf(list)) return FitsList(*kind, entry);
  return IsAddress(entry) || (!HoldsMailboxes(list) && IsDomain(entry));
}

std::string_view FormOf(ListName list) {
  if (const auto kind = KindOf(list)) return FormOf(*kind);
  return HoldsMailboxes(list) ? "an address, local@domain"
                              : "an address, local@domain, or a domain (international "
                                "ones in their xn-- form)";
}

bool Tenant::Accepts(std::string_view address) const {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0) return false;
  const std::string domain = LowerAscii(address.substr(at + 1));
  return std::find(domains.begin(), domains.end(), domain) != domains.end();
}

const std::string* Tenant::EntryFor(ListName list, std::string_view address) const {
  const auto entries = lists.find(list);
  const std::size_t at = address.rfind('@');
  if (entries == lists.end() || at == std::string_view::npos || at == 0) return nullptr;
  auto wanted = SpellingsOf(std::string(address));
  // Who wrote a mail is written in one way; what of it may be a domain, in none of a mailbox.
  if (!HoldsMailboxes(list)) wanted = {wanted.front(), wanted.front().substr(at + 1)};
  const auto entry = std::find_first_of(entries->second.begin(), entries->second.end(),
                                        wanted.begin(), wanted.end());
  return entry == entries->second.end() ? nullptr : &*entry;
}

std::optional<TenantDirectory::Hit> TenantDirectory::FindByServiceAddress(
    std::string_view address) const {
  const std::string wanted = LowerAscii(address);
  std::optional<Hit> hit;
  // To the end whatever is found: the time says nothing of how near a guess was.
  for (const Tenant& tenant : tenants_) {
    for (const ServiceAddress& candidate : tenant.service_addresses) {
      if (ConstantTimeEqual(candidate.address, wanted) && !hit) hit = Hit{&tenant, &candidate};
    }
  }
  return hit;
}

const Tenant* TenantDirectory::FindByName(std::string_view name) const {
  const auto found = std::find_if(tenants_.begin(), tenants_.end(),
                                  [&](const Tenant& tenant) { return tenant.name == name; });
  return found == tenants_.end() ? nullptr : &*found;
}

}  // namespace clawback
