// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/internal_mail.h"

#include <algorithm>

#include "policy/base/text.h"
#include "policy/detect/domain_names.h"

namespace clawback {

bool IsInternal(const Message& message, const DetectionContext& context) {
  return context.trust == ChannelTrust::kProven && message.stamps.auth_as == "Internal";
}

bool IsInOwnName(const Message& message, const DetectionContext& context) {
  if (context.trust != ChannelTrust::kProven || message.from.size() != 1) return false;
  const ExchangeStamps& stamps = message.stamps;
  const std::string domain = DomainOf(message.from.front().address);
  return stamps.dmarc == "pass" && EqualIgnoringCase(stamps.header_from, domain) &&
         std::ranges::find(context.tenant.domains, domain) != context.tenant.domains.end();
}

}  // namespace clawback
