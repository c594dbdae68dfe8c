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
  // Whose they are: another organisation under the same name does not inherit them.
  std::string tenant_id{};
  std::optional<Mode> mode{};
  std::map<Disposition, Action> actions{};
  std::vector<ServiceAddress> addresses{};  // issued here; they stand beside the file's
  std::vector<Person> people{};
  std::map<ListName, std::vector<std::string>> lists{};
  std::map<std::string, std::int64_t, std::less<>> limits{};  // by LimitKey::name
  std::vector<TenantBrand> brands{};
};

// All tenants' settings, one version for all of them.
struct Settings {
  std::int64_t version = 0;  // 0: nothing was ever changed
  std::map<std::string, TenantSettings, std::less<>> tenants;
};
std::string ToJson(const Settings& settings);
Result<Settings> SettingsFromJson(std::string_view json);

// Keys that a tenant's file names ("mode", "actions.SPAM", "people", "trusted_senders",
// "service_addresses.ADDRESS"), each with its "file:line".
using Pins = std::map<std::string, std::string, std::less<>>;
Pins ReadPins(const std::string& tenant_file);

// The settings of this very tenant, to be changed: fresh ones where there are none, or
// another organisation's under its name.
TenantSettings& SettingsOf(const Tenant& tenant, Settings* settings);

// Changes one key in settings; "inherit" takes a change back. kInvalid for an unknown
// key or word, and for what the tenant's cloud cannot do; kRefused for a pinned key.
Status Change(const Tenant& tenant, const Pins& pins, std::string_view key, std::string_view value,
              TenantSettings* settings);

enum class ListChange { kAdd, kRemove };
// Changes one entry of a list, or one person or brand, by name; kNotFound for one to be
// removed that is not there. Adding what is there already is kInvalid, for these two too.
Status ChangeList(const Tenant& tenant, const Pins& pins, ListChange change, std::string_view list,
                  std::string_view entry, TenantSettings* settings);
Status ChangePeople(const Tenant& tenant, const Pins& pins, ListChange change, const Person& person,
                    TenantSettings* settings);
Status ChangeBrands(const Tenant& tenant, const Pins& pins, ListChange change,
                    const TenantBrand& brand, TenantSettings* settings);

// The tenant as it is in force. settings_version becomes "FILE+VERSION" once there is one.
// An address that settings issued to one tenant is no other's, whatever a file says.
Tenant Effective(const Tenant& file, const Pins& pins, const Settings& settings);
TenantDirectory Effective(const TenantDirectory& files, const Settings& settings);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_SETTINGS_H_
