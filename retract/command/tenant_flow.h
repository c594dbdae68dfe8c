// SPDX-License-Identifier: Apache-2.0
// The side of clawback tenant status that tells how reports flow.
#ifndef CLAWBACK_RETRACT_COMMAND_TENANT_FLOW_H_
#define CLAWBACK_RETRACT_COMMAND_TENANT_FLOW_H_

#include <boost/json.hpp>
#include <iosfwd>

#include "retract/command/command.h"

namespace clawback {

// One row of tenant.flow.
void PrintFlow(const boost::json::object& tenant, std::ostream& out);

// All tenants. Exit status 1 where it cannot be told; an alert changes nothing about it.
int ShowFlowOfAll(const Options& options, const Terminal& terminal);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_TENANT_FLOW_H_
