// SPDX-License-Identifier: Apache-2.0
#include "policy/settings.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/base/text.h"
#include "policy/config_checks.h"
#include "policy/json.h"
#include "policy/limits.h"

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

void Read(const JsonReader& in, Person* person) {
  in.Text("name", &person->name);
  in.Texts("addresses", &person->addresses);
}

void Read(const JsonReader& in, TenantBrand* brand) {
  in.Text("name", &brand->name);
  in.Texts("domains", &brand->domains);
}

void Read(const JsonReader& in, ServiceAddress* address) {
  in.Text("address", &address->address);
  in.Text("region", &address->region);
  in.Text("replaces", &address->replaces);
  std::string ends;
  in.Text("ends", &ends);
  if (in.Has("ends")) address->ends = ParseTime(ends);
  if (in.Has("ends") && !address->ends) in.Fault("ends", "expected a time of RFC 3339 in UTC");
  if (!IsAddress(address->address)) in.Fault("address", "expected an address");
  if (!IsShortName(address->region)) in.Fault("region", "expected a region");
}

void Read(const JsonReader& in, TenantSettings* tenant) {
  if (in.Has("tenant_id")) in.Text("tenant_id", &tenant->tenant_id);
  if (in.Has("mode")) in.Named("mode", &tenant->mode.emplace(), ModeFrom);
  in.Object("actions", [&](const JsonReader& actions) {
    for (const Disposition disposition : kAllDispositions) {
      const std::string_view key = ToString(disposition);
      if (actions.Has(key)) actions.Named(key, &tenant->actions[disposition], ActionFrom);
    }
  });
  in.Objects("addresses",
             [&](const JsonReader& address) { Read(address, &tenant->addresses.emplace_back()); });
  in.Objects("people",
             [&](const JsonReader& person) { Read(person, &tenant->people.emplace_back()); });
  in.Objects("brands",
             [&](const JsonReader& brand) { Read(brand, &tenant->brands.emplace_back()); });
  in.Object("lists", [&](const JsonReader& lists) {
    for (const ListName list : kAllLists) {
      if (lists.Has(ToString(list))) lists.Texts(ToString(list), &tenant->lists[list]);
    }
  });
  in.Object("limits", [&](const JsonReader& limits) {
    for (const LimitKey& key : LimitKeys()) {
      if (!limits.Has(key.name)) continue;
      std::int64_t& value = tenant->limits[std::string(key.name)];
      limits.Integer(key.name, &value);
      if (value < key.min || value > key.max) limits.Fault(key.name, "is out of bounds");
    }
  });
}

json::array Texts(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) out.emplace_back(text);
  return out;
}

// People and brands: a name, and where mail under it may come from.
template <typename Named>
json::array NamedFields(const std::vector<Named>& all, std::string_view key,
                        std::vector<std::string> Named::*from) {
  json::array out;
  for (const Named& each : all) {
    json::object fields{{key, Texts(each.*from)}};
    PutText(&fields, "name", each.name);
    out.push_back(std::move(fields));
  }
  return out;
}

json::object Fields(const TenantSettings& tenant) {
  json::object out, actions, lists, limits;
  json::array addresses;
  out["tenant_id"] = tenant.tenant_id;
  if (tenant.mode) out["mode"] = ToString(*tenant.mode);
  for (const auto& [disposition, action] : tenant.actions) {
    actions[ToString(disposition)] = ToString(action);
  }
  for (const ServiceAddress& each : tenant.addresses) {
    json::object address{{"address", each.address}, {"region", each.region}};
    if (each.ends) address["ends"] = FormatTime(*each.ends);
    if (!each.replaces.empty()) address["replaces"] = each.replaces;
    addresses.push_back(std::move(address));
  }
  for (const auto& [list, entries] : tenant.lists) lists[ToString(list)] = Texts(entries);
  for (const auto& [key, value] : tenant.limits) limits[key] = value;
  out["actions"] = std::move(actions);
  out["addresses"] = std::move(addresses);
  out["people"] = NamedFields(tenant.people, "addresses", &Person::addresses);
  if (!tenant.brands.empty()) {
    out["brands"] = NamedFields(tenant.brands, "domains", &TenantBrand::domains);
  }
  out["lists"] = std::move(lists);
  out["limits"] = std::move(limits);
  return out;
}

// Far beyond what people keep by hand, and it all goes to the milter in one file.
constexpr std::size_t kMostEntries = 5000;

Error Full(std::string_view what) {
  return {ErrorKind::kRefused, fmt::format("{}: {} entries, no more are kept", what, kMostEntries)};
}

Status CheckPin(const Tenant& tenant, const Pins& pins, std::string_view key) {
  const auto pin = pins.find(key);
  if (pin == pins.end()) return {};
  return Error{ErrorKind::kRefused,
               fmt::format("{} of {} is pinned at {}: change it there, or remove it there first",
                           key, tenant.name, pin->second)};
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
  const auto why_not = WhyNoHardDelete(tenant.graph.cloud);
  if (action == Action::kHardDelete && why_not) {
    return Error{ErrorKind::kInvalid, fmt::format("{}: {}", KeyOf(disposition), *why_not)};
  }
  if (action) {
    settings->actions[disposition] = *action;
  } else {
    settings->actions.erase(disposition);
  }
  return {};
}

Status ChangeLimit(const LimitKey& key, std::string_view value, TenantSettings* settings) {
  if (value == kInherit) {
    settings->limits.erase(std::string(key.name));
    return {};
  }
  const auto number = LimitFrom(key, value);
  if (!number) return number.error();
  settings->limits[std::string(key.name)] = *number;
  return {};
}

std::string LimitNames() {
  std::vector<std::string_view> names;
  for (const LimitKey& key : LimitKeys()) names.push_back(key.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string ListNames() {
  std::vector<std::string_view> names;
  for (const ListName list : kAllLists) names.push_back(ToString(list));
  return fmt::format("{}", fmt::join(names, ", "));
}

// What people and brands have in common: entries with a name, and where mail under it may
// come from.
template <typename Named>
struct NamedList {
  std::string_view key, example;
  std::vector<std::string> Named::*from;
  bool (*check)(std::string_view);
  std::string_view form;
};

bool IsName(std::string_view text) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  return !Trim(text).empty() && IsUtf8(text) && std::none_of(text.begin(), text.end(), control);
}

template <typename Named>
Status AddNamed(const Named& entry, const NamedList<Named>& list, std::vector<Named>* entries) {
  if (!IsName(entry.name)) {
    return Error{ErrorKind::kInvalid,
                 fmt::format("{}: expected a name such as {}", list.key, list.example)};
  }
  if (entries->size() >= kMostEntries) return Full(list.key);
  Named added{entry.name, {}};
  for (const std::string& from : entry.*list.from) {
    if (!list.check(from)) {
      return Error{ErrorKind::kInvalid,
                   fmt::format("{}: \"{}\", expected {}", list.key, from, list.form)};
    }
    (added.*list.from).push_back(LowerAscii(from));
  }
  entries->push_back(std::move(added));
  return {};
}

template <typename Named>
Status ChangeNamed(const Tenant& tenant, const Pins& pins, ListChange change, const Named& entry,
                   const NamedList<Named>& list, std::vector<Named>* entries) {
  if (Status free = CheckPin(tenant, pins, list.key); !free) return free;
  const auto found = std::find_if(entries->begin(), entries->end(),
                                  [&](const Named& each) { return each.name == entry.name; });
  if (change == ListChange::kRemove) {
    if (found == entries->end()) {
      return Error{ErrorKind::kNotFound,
                   fmt::format("{} does not hold \"{}\"", list.key, entry.name)};
    }
    entries->erase(found);
    return {};
  }
  if (found != entries->end()) {
    return Error{ErrorKind::kInvalid,
                 fmt::format("{} holds \"{}\" already: remove it first", list.key, entry.name)};
  }
  return AddNamed(entry, list, entries);
}

// Settings of before the id was kept are its own.
bool IsOther(const TenantSettings& settings, const Tenant& tenant) {
  return !settings.tenant_id.empty() && settings.tenant_id != tenant.tenant_id;
}

}  // namespace

std::string ToJson(const Settings& settings) {
  json::object tenants;
  for (const auto& [name, tenant] : settings.tenants) {
    tenants[name] = Fields(tenant);
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
    for (const std::string_view key : {"people", "brands"}) {
      if (map.Has(key)) pins[std::string(key)] = map.Where(key);
    }
    for (const ListName list : kAllLists) {
      if (map.Has(ToString(list))) pins[std::string(ToString(list))] = map.Where(ToString(list));
    }
    if (map.Has("approval_above")) pins["approval_above"] = map.Where("approval_above");
    for (const std::string_view section : {"breaker", "thresholds"}) {
      map.Map(section, [&](YamlMap& inner) {
        for (const LimitKey& key : LimitKeys()) {
          const std::size_t dot = key.name.find('.');
          if (key.name.substr(0, dot) != section) continue;
          const std::string_view name = key.name.substr(dot + 1);
          if (inner.Has(name)) pins[std::string(key.name)] = inner.Where(name);
        }
      });
    }
    map.List("service_addresses", [&](YamlMap& inner) {
      std::string address;
      inner.String("address", &address);
      pins["service_addresses." + LowerAscii(address)] = inner.Where("address");
    });
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
  if (Status free = CheckPin(tenant, pins, key); !free) return free;
  if (key == "mode") return ChangeMode(value, settings);
  if (const auto disposition = DispositionOf(key)) {
    return ChangeAction(tenant, *disposition, value, settings);
  }
  if (const LimitKey* limit = FindLimit(key)) return ChangeLimit(*limit, value, settings);
  return Error{ErrorKind::kInvalid,
               fmt::format("there is no key \"{}\", expected mode, actions.DISPOSITION, such as "
                           "actions.SPAM, or one of {}",
                           key, LimitNames())};
}

Status ChangeList(const Tenant& tenant, const Pins& pins, ListChange change, std::string_view list,
                  std::string_view entry, TenantSettings* settings) {
  const auto name = ListNameFrom(list);
  if (!name) {
    return Error{ErrorKind::kInvalid,
                 fmt::format("there is no list \"{}\", expected one of {}", list, ListNames())};
  }
  if (Status free = CheckPin(tenant, pins, list); !free) return free;
  const std::string wanted = LowerAscii(entry);
  std::vector<std::string>& entries = settings->lists[*name];
  const auto found = std::find(entries.begin(), entries.end(), wanted);
  if (change == ListChange::kRemove) {
    if (found == entries.end()) {
      return Error{ErrorKind::kNotFound, fmt::format("{} does not hold \"{}\"", list, wanted)};
    }
    entries.erase(found);
    return {};
  }
  if (!FitsList(*name, wanted)) {
    return Error{ErrorKind::kInvalid,
                 fmt::format("{}: \"{}\", expected {}", list, entry, FormOf(*name))};
  }
  if (found != entries.end()) {
    return Error{ErrorKind::kInvalid, fmt::format("{} holds \"{}\" already", list, wanted)};
  }
  if (entries.size() >= kMostEntries) return Full(list);
  entries.push_back(wanted);
  return {};
}

Status ChangePeople(const Tenant& tenant, const Pins& pins, ListChange change, const Person& person,
                    TenantSettings* settings) {
  return ChangeNamed(tenant, pins, change, person,
                     NamedList<Person>{"people", "Alice Moreau", &Person::addresses, IsAddress,
                                       "an address, local@domain"},
                     &settings->people);
}

Status ChangeBrands(const Tenant& tenant, const Pins& pins, ListChange change,
                    const TenantBrand& brand, TenantSettings* settings) {
  return ChangeNamed(tenant, pins, change, brand,
                     NamedList<TenantBrand>{"brands", "Contoso Pay", &TenantBrand::domains,
                                            IsDomain, "a domain such as contoso.example"},
                     &settings->brands);
}

TenantSettings& SettingsOf(const Tenant& tenant, Settings* settings) {
  TenantSettings& found = settings->tenants[tenant.name];
  if (IsOther(found, tenant)) found = {};
  found.tenant_id = tenant.tenant_id;
  return found;
}

Tenant Effective(const Tenant& file, const Pins& pins, const Settings& settings) {
  Tenant tenant = file;
  if (settings.version == 0) return tenant;
  tenant.settings_version += "+" + std::to_string(settings.version);
  const auto found = settings.tenants.find(tenant.name);
  if (found == settings.tenants.end() || IsOther(found->second, tenant)) return tenant;
  const TenantSettings& changed = found->second;
  if (changed.mode && pins.find("mode") == pins.end()) tenant.mode = *changed.mode;
  for (const auto& [disposition, action] : changed.actions) {
    if (pins.find(KeyOf(disposition)) == pins.end()) tenant.actions.Set(disposition, action);
  }
  if (!changed.people.empty() && pins.find("people") == pins.end()) tenant.people = changed.people;
  if (!changed.brands.empty() && pins.find("brands") == pins.end()) tenant.brands = changed.brands;
  for (const auto& [list, entries] : changed.lists) {
    if (pins.find(ToString(list)) == pins.end()) tenant.lists[list] = entries;
  }
  for (const auto& [name, value] : changed.limits) {
    const LimitKey* key = FindLimit(name);
    if (key != nullptr && pins.find(name) == pins.end()) key->set(&tenant, value);
  }
  for (const ServiceAddress& issued : changed.addresses) {
    const bool named =
        std::any_of(file.service_addresses.begin(), file.service_addresses.end(),
                    [&](const auto& each) { return each.address == issued.address; });
    if (!named) tenant.service_addresses.push_back(issued);
  }
  return tenant;
}

TenantDirectory Effective(const TenantDirectory& files, const Settings& settings) {
  std::map<std::string, std::string, std::less<>> owners;
  for (const auto& [name, tenant] : settings.tenants) {
    for (const ServiceAddress& issued : tenant.addresses) owners.emplace(issued.address, name);
  }
  std::vector<Tenant> tenants;
  for (const Tenant& tenant : files.tenants()) {
    tenants.push_back(Effective(tenant, ReadPins(tenant.file), settings));
    auto& addresses = tenants.back().service_addresses;
    const auto taken = [&](const ServiceAddress& address) {
      const auto owner = owners.find(address.address);
      return owner != owners.end() && owner->second != tenant.name;
    };
    addresses.erase(std::remove_if(addresses.begin(), addresses.end(), taken), addresses.end());
  }
  return TenantDirectory(std::move(tenants));
}

}  // namespace clawback
