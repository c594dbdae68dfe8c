// SPDX-License-Identifier: Apache-2.0
// The verbs of clawback tenant about what our app may do there.
#ifndef CLAWBACK_RETRACT_COMMAND_TENANT_AUTHORIZATION_H_
#define CLAWBACK_RETRACT_COMMAND_TENANT_AUTHORIZATION_H_

#include <boost/json.hpp>
#include <iosfwd>
#include <string>

#include "retract/command/command.h"

namespace clawback {

// Prints where the administrator consents, takes the address that the browser ended at,
// and prints what was granted. kExitDone: all that is needed is.
int AuthorizeTenant(const std::string& name, const Options& options, const Terminal& terminal);

// For people: the section "authorization" of a tenant's status.
void PrintAuthorization(const boost::json::object& authorization, std::ostream& out);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_TENANT_AUTHORIZATION_H_
