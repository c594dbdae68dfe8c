// SPDX-License-Identifier: Apache-2.0
// tenant.flow: how the reports of a tenant flow. Arguments and result as docs/api.md says.
#ifndef CLAWBACK_RETRACT_SIDECAR_ANSWERS_FLOW_H_
#define CLAWBACK_RETRACT_SIDECAR_ANSWERS_FLOW_H_

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "policy/base/result.h"
#include "policy/tenant.h"
#include "retract/ledger/ledger.h"
#include "retract/sidecar/flow_health.h"
#include "retract/sidecar/protocol.h"

namespace clawback {

Result<std::string> TenantFlowResult(const std::string& arguments, const TenantDirectory& tenants,
                                     const RelayCertificate& certificate, Ledger& ledger, Time now);

// One row of it, for whoever tells more about the tenant beside it.
Result<boost::json::object> FlowRow(const Tenant& tenant, const RelayCertificate& certificate,
                                    Ledger& ledger, Time now);

// What each engine did for the reports of these tenants in the last day, and when last.
Result<std::vector<EngineActivity>> EnginesOf(Ledger& ledger,
                                              const std::vector<std::string>& tenants, Time now);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_ANSWERS_FLOW_H_
