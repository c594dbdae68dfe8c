// SPDX-License-Identifier: Apache-2.0
#include "retract/command/tenant_in_force.h"

#include <boost/json.hpp>
#include <utility>

#include "policy/relay.h"
#include "policy/settings.h"
#include "retract/command/sidecar_access.h"

namespace clawback {
namespace {

Status Usable(const std::vector<ConfigFault>& faults) {
  if (faults.empty()) return {};
  return Error{ErrorKind::kInvalid, ToString(faults.front()) + " (clawback check says all)"};
}

Result<Settings> SettingsInForce(const std::string& tenant, const Options& options) {
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return sidecar.error();
  const boost::json::object arguments{{"tenant", tenant}};
  const auto answer = sidecar->Ask(kTenantSettings, boost::json::serialize(arguments));
  if (!answer) return answer.error();
  return SettingsFromJson(*answer);
}

}  // namespace

Result<TenantInForce> TenantNamed(const std::string& name, const Options& options) {
  const Result<RelayConfig> relay = RelayOf(options);
  if (!relay) return relay.error();
  const TenantDirectoryFiles files = ReadTenantFolder(relay->tenants, relay->relays);
  if (Status usable = Usable(files.faults); !usable) return usable.error();
  const Tenant* tenant = files.directory.FindByName(name);
  if (tenant == nullptr) {
    return Error{ErrorKind::kNotFound, name + ": no tenant of this name in " + relay->tenants};
  }
  const Result<Settings> settings = SettingsInForce(name, options);
  if (!settings) {
    return TenantInForce{*tenant, false,
                         "the files alone, without what was changed through the sidecar (" +
                             settings.error().what + ")"};
  }
  return TenantInForce{Effective(*tenant, ReadPins(tenant->file), *settings), true,
                       "the sidecar, over the files"};
}

Result<TenantInForce> TenantOf(const Options& options) {
  if (const auto file = options.Value("--tenant-file")) {
    TenantFile read = ReadTenantFile(*file);
    if (!read.faults.empty()) {
      return Error{ErrorKind::kInvalid, ToString(read.faults.front())};
    }
    return TenantInForce{std::move(read.tenant), false, "the file alone"};
  }
  if (const auto name = options.Value("--tenant")) return TenantNamed(*name, options);
  return Error{ErrorKind::kNotFound, "no tenant given; --tenant NAME or --tenant-file FILE"};
}

}  // namespace clawback
