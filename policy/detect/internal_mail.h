// SPDX-License-Identifier: Apache-2.0
// Mail between the tenant's own people. What is odd in mail from outside (links that lead
// elsewhere, talk of passwords and of gift cards) is their daily work.
#ifndef CLAWBACK_POLICY_DETECT_INTERNAL_MAIL_H_
#define CLAWBACK_POLICY_DETECT_INTERNAL_MAIL_H_

#include "policy/detect/detector.h"

namespace clawback {

// Inside the organisation, as Exchange says over a proven channel of what never left it.
bool IsInternal(const Message& message, const DetectionContext& context);

// From is in one of the tenant's domains, and Exchange proved it: by whatever service it was
// sent, the tenant has it send.
bool IsInOwnName(const Message& message, const DetectionContext& context);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_INTERNAL_MAIL_H_
