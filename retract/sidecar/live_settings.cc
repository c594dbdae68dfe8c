// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/live_settings.h"

#include <fmt/format.h>

#include "policy/base/log.h"
#include "policy/json.h"
#include "policy/limits.h"
#include "retract/ledger/holding.h"
#include "retract/ledger/settings_snapshot.h"
#include "retract/sidecar/no_tenant.h"

namespace clawback {
namespace {

namespace json = boost::json;

// The milter reads a snapshot of at most 4 MiB.
constexpr std::size_t kMostBytes = 3UL << 20;

void ReadWhy(const JsonReader& in, std::string* why) {
  in.Text("why", why);
  if (why->find_first_not_of(" \t\r\n") == std::string::npos) {
    in.Fault("why", "is missing: say why, it goes into the audit");
  }
}

// People with their addresses, brands with their domains.
template <typename Named>
std::string TextOf(const std::vector<Named>& all, std::vector<std::string> Named::*from) {
  std::string text;
  for (const Named& each : all) {
    if (!text.empty()) text += "; ";
    text += each.name;
    if (!(each.*from).empty()) text += fmt::format(" <{}>", fmt::join(each.*from, ", "));
  }
  return text;
}

struct NamedArguments {
  std::string tenant, name, why;
  std::vector<std::string> from;
};

// name_key: "person", from_key: "addresses".
Result<NamedArguments> ReadNamed(const std::string& text, std::string_view name_key,
                                 std::string_view from_key) {
  NamedArguments arguments;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    in.Text("tenant", &arguments.tenant);
    in.Text(name_key, &arguments.name);
    in.Texts(from_key, &arguments.from);
    ReadWhy(in, &arguments.why);
  });
  if (!read) return read.error();
  return arguments;
}

std::string EvidenceOf(std::string_view key, const std::vector<std::string>& texts) {
  json::object evidence;
  PutText(&evidence, key, fmt::format("{}", fmt::join(texts, ", ")));
  return json::serialize(evidence);
}

Result<Tenant> FindTenant(const TenantDirectory& tenants, const std::string& name) {
  const Tenant* found = tenants.FindByName(name);
  if (found != nullptr) return *found;
  return NoTenant(name);
}

// One key: its value, and where it comes from.
json::object KeyFields(std::string_view key, std::string_view value, const Pins& pins) {
  json::object out{{"key", key}, {"value", value}};
  const auto pin = pins.find(key);
  if (pin != pins.end()) out["pinned_at"] = pin->second;
  return out;
}

json::object Fields(const Tenant& file, const Settings& settings) {
  const Pins pins = ReadPins(file.file);
  const Tenant tenant = Effective(file, pins, settings);
  json::array keys, domains;
  keys.push_back(KeyFields("mode", ToString(tenant.mode), pins));
  for (const Disposition disposition : kAllDispositions) {
    if (disposition == Disposition::kNone) continue;
    keys.push_back(KeyFields("actions." + std::string(ToString(disposition)),
                             ToString(tenant.actions.For(disposition)), pins));
  }
  keys.push_back(KeyFields("people", TextOf(tenant.people, &Person::addresses), pins));
  keys.push_back(KeyFields("brands", TextOf(tenant.brands, &TenantBrand::domains), pins));
  for (const ListName list : kAllLists) {
    const auto entries = tenant.lists.find(list);
    const std::string text =
        entries == tenant.lists.end() ? "" : fmt::format("{}", fmt::join(entries->second, ", "));
    keys.push_back(KeyFields(ToString(list), text, pins));
  }
  for (const LimitKey& key : LimitKeys()) {
    keys.push_back(KeyFields(key.name, LimitText(key, key.get(tenant)), pins));
  }
  for (const std::string& domain : tenant.domains) domains.emplace_back(domain);
  return {{"name", tenant.name},
          {"tenant_id", tenant.tenant_id},
          {"domains", std::move(domains)},
          {"file", tenant.file},
          {"settings_version", tenant.settings_version},
          {"keys", std::move(keys)}};
}

struct SetArguments {
  std::string tenant, key, value, why;
};

Result<SetArguments> ReadSet(const std::string& text) {
  SetArguments arguments;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    in.Text("tenant", &arguments.tenant);
    in.Text("key", &arguments.key);
    in.Text("value", &arguments.value);
    ReadWhy(in, &arguments.why);
  });
  if (!read) return read.error();
  return arguments;
}

std::string ValueOf(const json::object& tenant, std::string_view key) {
  for (const json::value& each : tenant.at("keys").as_array()) {
    if (each.at("key").as_string() == key) return std::string(each.at("value").as_string());
  }
  return "";
}

}  // namespace

Result<TenantDirectory> LiveSettings::ReadTenants() const {
  TenantDirectoryFiles files = ReadTenantFolder(tenants_, relays_);
  if (files.faults.empty()) return std::move(files.directory);
  return Error{ErrorKind::kInvalid, ToString(files.faults.front()) + " (clawback check says all)"};
}

Result<Tenant> LiveSettings::Find(const std::string& name) const {
  const auto tenants = ReadTenants();
  if (!tenants) return tenants.error();
  return FindTenant(*tenants, name);
}

Status LiveSettings::Publish() {
  const auto settings = ledger_.CurrentSettings();
  if (!settings) return settings.error();
  // Limits that cannot be read now stay as they were.
  if (const auto tenants = ReadTenants()) {
    LimitsByTenant limits;
    const TenantDirectory effective = Effective(*tenants, *settings);
    for (const Tenant& tenant : effective.tenants()) {
      limits.emplace(tenant.name, LimitsOf(tenant));
    }
    ledger_.holding().UseLimits(std::move(limits));
  }
  return WriteSettingsSnapshot(snapshot_, *settings);
}

Result<std::string> LiveSettings::List() {
  const auto tenants = ReadTenants();
  if (!tenants) return tenants.error();
  const auto settings = ledger_.CurrentSettings();
  if (!settings) return settings.error();
  json::array rows;
  for (const Tenant& tenant : tenants->tenants()) rows.push_back(Fields(tenant, *settings));
  return json::serialize(json::object{{"rows", std::move(rows)}});
}

Result<LiveSettings::Standing> LiveSettings::Asked(const std::string& arguments) const {
  std::string name;
  const Status read = ReadJson(arguments, [&](const JsonReader& in) { in.Text("tenant", &name); });
  if (!read) return read.error();
  Result<Tenant> tenant = Find(name);
  if (!tenant) return tenant.error();
  Result<Settings> settings = ledger_.CurrentSettings();
  if (!settings) return settings.error();
  return Standing{std::move(*tenant), std::move(*settings)};
}

Result<std::string> LiveSettings::Show(const std::string& arguments) {
  return Told(Asked(arguments));
}

Result<std::string> LiveSettings::ShowSettings(const std::string& arguments) {
  Result<Standing> asked = Asked(arguments);
  if (!asked) return asked.error();
  std::erase_if(asked->settings.tenants,
                [&](const auto& named) { return named.first != asked->file.name; });
  return ToJson(asked->settings);
}

Result<std::string> LiveSettings::Set(const std::string& text, const Actor& who) {
  const auto arguments = ReadSet(text);
  if (!arguments) return arguments.error();
  json::object evidence;
  PutText(&evidence, "to", arguments->value);
  const auto change = [&](const Tenant& tenant, const Pins& pins, TenantSettings* settings) {
    return Change(tenant, pins, arguments->key, arguments->value, settings);
  };
  const auto changed = Apply({arguments->tenant, "settings.set", arguments->key, arguments->why,
                              json::serialize(evidence), change},
                             who);
  return Told(changed);
}

Result<std::string> LiveSettings::EditList(ListChange change, const std::string& text,
                                           const Actor& who) {
  std::string tenant, list, entry, why;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    in.Text("tenant", &tenant);
    in.Text("list", &list);
    in.Text("entry", &entry);
    ReadWhy(in, &why);
  });
  if (!read) return read.error();
  json::object evidence;
  PutText(&evidence, "entry", entry);
  const auto changed =
      Apply({tenant, change == ListChange::kAdd ? "settings.list-add" : "settings.list-remove",
             list, why, json::serialize(evidence),
             [&](const Tenant& file, const Pins& pins, TenantSettings* settings) {
               return ChangeList(file, pins, change, list, entry, settings);
             }},
            who);
  return Told(changed);
}

Result<std::string> LiveSettings::Told(const Result<Standing>& standing) {
  if (!standing) return standing.error();
  return json::serialize(Fields(standing->file, standing->settings));
}

Result<std::string> LiveSettings::EditPeople(ListChange change, const std::string& text,
                                             const Actor& who) {
  const auto arguments = ReadNamed(text, "person", "addresses");
  if (!arguments) return arguments.error();
  return Told(Apply(
      {arguments->tenant,
       change == ListChange::kAdd ? "settings.person-add" : "settings.person-remove",
       arguments->name, arguments->why, EvidenceOf("addresses", arguments->from),
       [&](const Tenant& file, const Pins& pins, TenantSettings* settings) {
         return ChangePeople(file, pins, change, {arguments->name, arguments->from}, settings);
       }},
      who));
}

Result<std::string> LiveSettings::EditBrands(ListChange change, const std::string& text,
                                             const Actor& who) {
  const auto arguments = ReadNamed(text, "brand", "domains");
  if (!arguments) return arguments.error();
  return Told(Apply(
      {arguments->tenant,
       change == ListChange::kAdd ? "settings.brand-add" : "settings.brand-remove", arguments->name,
       arguments->why, EvidenceOf("domains", arguments->from),
       [&](const Tenant& file, const Pins& pins, TenantSettings* settings) {
         return ChangeBrands(file, pins, change, {arguments->name, arguments->from}, settings);
       }},
      who));
}

Result<LiveSettings::Standing> LiveSettings::Apply(const Wanted& wanted, const Actor& who) {
  const auto tenants = ReadTenants();
  if (!tenants) return tenants.error();
  const auto tenant = FindTenant(*tenants, wanted.tenant);
  if (!tenant) return tenant.error();
  const std::lock_guard lock(changing_);
  auto settings = ledger_.CurrentSettings();
  if (!settings) return settings.error();
  const std::string before = ValueOf(Fields(*tenant, *settings), wanted.target);
  const Status changed =
      wanted.change(*tenant, ReadPins(tenant->file), &SettingsOf(*tenant, &*settings));
  if (!changed) return changed.error();
  ++settings->version;
  if (ToJson(*settings).size() > kMostBytes) {
    return Error{ErrorKind::kRefused, "the settings of all tenants would pass 3 MiB"};
  }
  json::object evidence = json::parse(wanted.evidence).as_object();
  evidence["version"] = settings->version;
  PutText(&evidence, "from", before);
  const Status kept = ledger_.ChangeSettings(
      *settings,
      {who, wanted.what, tenant->name, wanted.target, wanted.why, json::serialize(evidence)});
  if (!kept) return kept.error();
  if (Status published = Publish(); !published) {
    Log(Severity::kError, "settings-not-published", {{"error", published.error().what}});
    return Within("the change is recorded, but the milter was not told", published.error());
  }
  return Standing{*tenant, std::move(*settings)};
}

}  // namespace clawback
