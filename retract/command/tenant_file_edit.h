// SPDX-License-Identifier: Apache-2.0
// clawback tenant add, remove and reload: the files of the folder of tenants, and the
// sidecar told of them, who writes the audit.
#ifndef CLAWBACK_RETRACT_COMMAND_TENANT_FILE_EDIT_H_
#define CLAWBACK_RETRACT_COMMAND_TENANT_FILE_EDIT_H_

#include <string>

#include "retract/command/command.h"

namespace clawback {

// Each answers a CommandExit; kExitFailed also where the file was changed and the
// sidecar could not be told, and says so.
int AddTenant(const std::string& name, const Options& options, const Terminal& terminal);
int RemoveTenant(const std::string& name, const Options& options, const Terminal& terminal);
int ReloadTenants(const Options& options, const Terminal& terminal);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_TENANT_FILE_EDIT_H_
