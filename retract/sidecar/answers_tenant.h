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

// Why action cannot be done in the cloud of the tenant that the trace row is of; nullopt
// where it can, or where there is no such row or tenant.
std::optional<std::string> WhyNotInItsCloud(std::int64_t trace_id, Action action,
                                            const AnswerSources& sources);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_ANSWERS_TENANT_H_
