// SPDX-License-Identifier: Apache-2.0
// Settings that live: what may be changed while everything runs. They are laid over the
// tenants of the files; a key that a file names is pinned there and wins.
#ifndef CLAWBACK_POLICY_SETTINGS_H_
#define CLAWBACK_POLICY_SETTINGS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "policy/tenant.h"

namespace clawback {

struct TenantSettings {
  std::optional<Mode> mode;
  std::map<Disposition, Action> actions;
};

// All tenants' settings, one version for all of them.
struct Settings {
  std::int64_t version = 0;  // 0: nothing was ever changed
  std::map<std::string, TenantSettings, std::less<>> tenants;
};
std::string ToJson(const Settings& settings);
Result<Settings> SettingsFromJson(std::string_view json);

// Keys that a tenant's file names ("mode", "actions.SPAM"), each with its "file:line".
using Pins = std::map<std::string, std::string, std::less<>>;
Pins ReadPins(const std::string& tenant_file);

// Changes one key in settings; "inherit" takes a change back. kInvalid for an unknown
// key or word, and for what the tenant's cloud cannot do; kRefused for a pinned key.
Status Change(const Tenant& tenant, const Pins& pins, std::string_view key, std::string_view value,
              TenantSettings* settings);

// The tenant as it is in force. settings_version becomes "FILE+VERSION" once there is one.
Tenant Effective(const Tenant& file, const Pins& pins, const Settings& settings);
TenantDirectory Effective(const TenantDirectory& files, const Settings& settings);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_SETTINGS_H_
