// SPDX-License-Identifier: Apache-2.0
// What the sidecar answers about one tenant's standing. The inside of answers.cc.
#ifndef CLAWBACK_RETRACT_SIDECAR_ANSWERS_TENANT_H_
#define CLAWBACK_RETRACT_SIDECAR_ANSWERS_TENANT_H_

#include <optional>
#include <string>

#include "retract/sidecar/answers.h"

namespace clawback {

// The operations tenant.status and tenant.consent-*; nullopt: none of these.
std::optional<Result<std::string>> TenantStatusOrConsent(const ProtocolRequest& request,
                                                         const Actor& who,
                                                         const AnswerSources& sources);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_ANSWERS_TENANT_H_
