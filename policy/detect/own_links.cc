// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/own_links.h"

#include <algorithm>
#include <string>

#include "policy/detect/domain_names.h"
#include "policy/detect/known_hosts.h"

namespace clawback {

bool LinksToSender(const Message& message) {
  if (message.from.empty()) return false;
  const std::string own = OrganisationalDomain(DomainOf(message.from.front().address));
  if (own.empty() || IsFreeMailbox(own) || IsCheapSuffix(own)) return false;
  constexpr std::size_t kLinks = 100;
  const auto end =
      message.links.begin() + static_cast<std::ptrdiff_t>(std::min(message.links.size(), kLinks));
  return std::any_of(message.links.begin(), end, [&](const Link& link) {
    return OrganisationalDomain(HostOf(link.target)) == own;
  });
}

}  // namespace clawback
