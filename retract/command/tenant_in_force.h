// SPDX-License-Identifier: Apache-2.0
// The tenant that a command's options name, with the settings that are in force for it.
#ifndef CLAWBACK_RETRACT_COMMAND_TENANT_IN_FORCE_H_
#define CLAWBACK_RETRACT_COMMAND_TENANT_IN_FORCE_H_

#include <string>

#include "policy/tenant.h"
#include "retract/command/options.h"

namespace clawback {

// Options of TenantOf; subcommands list them with their own.
inline constexpr OptionSpec kTenantFileOption = {"--tenant-file", "FILE",
                                                 "the tenant, a file of tenants.d"};
inline constexpr OptionSpec kTenantOption = {
    "--tenant", "NAME", "the relay's tenant, with the settings that the sidecar has for it"};

struct TenantInForce {
  Tenant tenant;
  bool live = false;          // with what was changed through the sidecar
  std::string settings_from;  // in words; where the sidecar did not answer, also why
};

// The tenant that --tenant-file (as it stands there) or --tenant names; kNotFound where
// neither is given.
Result<TenantInForce> TenantOf(const Options& options);

// The tenant of that name in the relay's files, with the sidecar's settings laid over it as
// the milter lays them. A sidecar that does not answer leaves the files alone in force.
Result<TenantInForce> TenantNamed(const std::string& name, const Options& options);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_TENANT_IN_FORCE_H_
