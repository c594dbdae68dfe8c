// SPDX-License-Identifier: Apache-2.0
#include "policy/settings.h"

#include <fmt/format.h>

#include "policy/json.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::string_view kInherit = "inherit";
constexpr std::string_view kActionsPrefix = "actions.";

std::string KeyOf(Disposition disposition) {
  return std::string(kActionsPrefix) + std::string(ToString(disposition));
}

std::optional<Disposition> DispositionOf(std::string_view key) {
  if (key.substr(0, kActionsPrefix.size()) != kActionsPrefix) return std::nullopt;
  const auto disposition = DispositionFrom(key.substr(kActionsPrefix.size()));
  return disposition == Disposition::kNone ? std::nullopt : disposition;
}

void Read(const JsonReader& in, TenantSettings* tenant) {
  if (in.Has("mode")) in.Named("mode", &tenant->mode.emplace(), ModeFrom);
  in.Object("actions", [&](const JsonReader& actions) {
    for (const Disposition disposition : kAllDispositions) {
      const std::string_view key = ToString(disposition);
      if (actions.Has(key)) actions.Named(key, &tenant->actions[disposition], ActionFrom);
    }
  });
}

Status ChangeMode(std::string_view value, TenantSettings* settings) {
  settings->mode = ModeFrom(value);
  if (settings->mode || value == kInherit) return {};
  return Error{ErrorKind::kInvalid,
               fmt::format("mode: \"{}\", expected observe, enforce or inherit", value)};
}

Status ChangeAction(const Tenant& tenant, Disposition disposition, std::string_view value,
                    TenantSettings* settings) {
  const auto action = ActionFrom(value);
  if (!action && value != kInherit) {
    return Error{ErrorKind::kInvalid,
                 fmt::format("{}: \"{}\", expected none, junk, trash, soft-delete, hard-delete or "
                             "inherit",
                             KeyOf(disposition), value)};
  }
  if (action == Action::kHardDelete && tenant.graph.cloud != Cloud::kGlobal) {
    return Error{ErrorKind::kInvalid,
                 fmt::format("{}: hard-delete cannot be done in cloud {}, whose Graph has no "
                             "permanentDelete; expected soft-delete or milder",
                             KeyOf(disposition), ToString(tenant.graph.cloud))};
  }
  if (action) {
    settings->actions[disposition] = *action;
  } else {
    settings->actions.erase(disposition);
  }
  return {};
}

}  // namespace

std::string ToJson(const Settings& settings) {
  json::object tenants;
  for (const auto& [name, tenant] : settings.tenants) {
    json::object out, actions;
    if (tenant.mode) out["mode"] = ToString(*tenant.mode);
    for (const auto& [disposition, action] : tenant.actions) {
      actions[ToString(disposition)] = ToString(action);
    }
    out["actions"] = std::move(actions);
    tenants[name] = std::move(out);
  }
  return json::serialize(
      json::object{{"version", settings.version}, {"tenants", std::move(tenants)}});
}

Result<Settings> SettingsFromJson(std::string_view text) {
  Settings settings;
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    if (!in.Has("version")) in.Fault("version", "is missing");
    in.Integer("version", &settings.version);
    in.Object("tenants", [&](const JsonReader& tenants) {
      for (const auto& each : value.get_object().at("tenants").get_object()) {
        const std::string name(each.key().data(), each.key().size());
        tenants.Object(name,
                       [&](const JsonReader& tenant) { Read(tenant, &settings.tenants[name]); });
      }
    });
  });
  if (!read) return Within("settings", read.error());
  return settings;
}

Pins ReadPins(const std::string& tenant_file) {
  Pins pins;
  // Only where keys stand; whether the file is right was asked before.
  (void)ReadYamlFile(tenant_file, [&](YamlMap& map) {
    if (map.Has("mode")) pins["mode"] = map.Where("mode");
    map.Map("actions", [&](YamlMap& actions) {
      for (const Disposition disposition : kAllDispositions) {
        const std::string_view key = ToString(disposition);
        if (actions.Has(key)) pins[KeyOf(disposition)] = actions.Where(key);
      }
    });
  });
  return pins;
}

Status Change(const Tenant& tenant, const Pins& pins, std::string_view key, std::string_view value,
              TenantSettings* settings) {
  if (const auto pin = pins.find(key); pin != pins.end()) {
    return Error{ErrorKind::kRefused,
                 fmt::format("{} of {} is pinned at {}: change it there, or remove it there first",
                             key, tenant.name, pin->second)};
  }
  if (key == "mode") return ChangeMode(value, settings);
  if (const auto disposition = DispositionOf(key)) {
    return ChangeAction(tenant, *disposition, value, settings);
  }
  return Error{ErrorKind::kInvalid, fmt::format("there is no key \"{}\", expected mode or "
                                                "actions.DISPOSITION, such as actions.SPAM",
                                                key)};
}

Tenant Effective(const Tenant& file, const Pins& pins, const Settings& settings) {
  Tenant tenant = file;
  if (settings.version == 0) return tenant;
  tenant.settings_version += "+" + std::to_string(settings.version);
  const auto found = settings.tenants.find(tenant.name);
  if (found == settings.tenants.end()) return tenant;
  const TenantSettings& changed = found->second;
  if (changed.mode && pins.find("mode") == pins.end()) tenant.mode = *changed.mode;
  for (const auto& [disposition, action] : changed.actions) {
    if (pins.find(KeyOf(disposition)) == pins.end()) tenant.actions.Set(disposition, action);
  }
  return tenant;
}

TenantDirectory Effective(const TenantDirectory& files, const Settings& settings) {
  std::vector<Tenant> tenants;
  for (const Tenant& tenant : files.tenants()) {
    tenants.push_back(Effective(tenant, ReadPins(tenant.file), settings));
  }
  return TenantDirectory(std::move(tenants));
}

}  // namespace clawback
