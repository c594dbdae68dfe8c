// SPDX-License-Identifier: Apache-2.0
// What the sidecar answers to the requests of its socket.
#ifndef CLAWBACK_RETRACT_SIDECAR_ANSWERS_H_
#define CLAWBACK_RETRACT_SIDECAR_ANSWERS_H_

#include <functional>
#include <string>

#include "policy/base/result.h"
#include "retract/ledger/ledger.h"
#include "retract/sidecar/live_settings.h"
#include "retract/sidecar/protocol.h"
#include "retract/sidecar/tenant_authorization.h"

namespace clawback {

// Where answers come from. Safe from any thread.
struct AnswerSources {
  Ledger& ledger;
  // Everything of the status but the counts.
  std::function<SidecarStatus()> status;
  LiveSettings* settings = nullptr;     // null: none of the operations tenant.* and address.*
  std::function<void()> armed = [] {};  // something new may be due
  TenantAuthorization* authorization = nullptr;  // null: none of tenant.consent-*
  std::string relay_certificate = {};            // its path; empty: not watched
};

// kRefused for a request of another protocol version.
Status CheckVersion(const ProtocolRequest& request);

// The result's JSON. kRefused for another protocol version, kInvalid for an unknown
// operation or wrong arguments.
// who is recorded in the audit with what is changed.
Result<std::string> Answer(const ProtocolRequest& request, const Actor& who,
                           const AnswerSources& sources);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_ANSWERS_H_
