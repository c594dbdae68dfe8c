// SPDX-License-Identifier: Apache-2.0
// Service addresses: those that files name, and those issued here. The local part is the
// secret by which the relay knows a tenant's mail.
#include <fmt/format.h>

#include <algorithm>

#include "policy/base/random_text.h"
#include "policy/base/text.h"
#include "policy/config_checks.h"
#include "policy/json.h"
#include "retract/sidecar/live_settings.h"
#include "retract/sidecar/no_tenant.h"
#include "retract/sidecar/protocol_fields.h"

namespace clawback {
namespace {

namespace json = boost::json;

// For the audit, which is not to hold the secret.
std::string Masked(std::string_view address) {
  return std::string(address.substr(0, 4)) + "..." + std::string(address.substr(address.find('@')));
}

// That of another address of the tenant in the region: it leads to that region's relays.
Result<std::string> DomainFor(const Tenant& tenant, const std::string& region) {
  for (const ServiceAddress& each : tenant.service_addresses) {
    if (each.region == region) return each.address.substr(each.address.rfind('@') + 1);
  }
  return Error{ErrorKind::kInvalid,
               fmt::format("domain: {} has no address in region {} to take it from, expected the "
                           "domain whose MX is that region's relay",
                           tenant.name, region)};
}

bool IsTaken(const TenantDirectory& files, const Settings& settings, const std::string& address) {
  const auto same = [&](const ServiceAddress& each) { return each.address == address; };
  const auto names = [&](const std::vector<ServiceAddress>& addresses) {
    return std::any_of(addresses.begin(), addresses.end(), same);
  };
  return std::any_of(files.tenants().begin(), files.tenants().end(),
                     [&](const Tenant& each) { return names(each.service_addresses); }) ||
         std::any_of(settings.tenants.begin(), settings.tenants.end(),
                     [&](const auto& each) { return names(each.second.addresses); });
}

// One address as clients see it. now tells whether it is still valid.
json::object RowOf(const Tenant& tenant, const ServiceAddress& address, const Pins& pins,
                   Time now) {
  const auto pin = pins.find("service_addresses." + address.address);
  json::object row{{"tenant", tenant.name},
                   {"address", address.address},
                   {"region", address.region},
                   {"from", pin == pins.end() ? "settings" : pin->second},
                   {"valid", address.IsValid(now)}};
  if (address.ends) row["ends"] = FormatTime(*address.ends);
  if (!address.replaces.empty()) row["replaces"] = address.replaces;
  return row;
}

void AddRows(const Tenant& tenant, Time now, json::array* rows) {
  const Pins pins = ReadPins(tenant.file);
  for (const ServiceAddress& each : tenant.service_addresses) {
    rows->push_back(RowOf(tenant, each, pins, now));
  }
}

struct AddressArguments {
  std::string tenant, region, domain, address, why;
  std::optional<Time> ends;
};

Result<AddressArguments> ReadAddress(const std::string& text, const std::string& region) {
  AddressArguments arguments{"", region, "", "", "", {}};
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    in.Text("tenant", &arguments.tenant);
    in.Text("region", &arguments.region);
    in.Text("domain", &arguments.domain);
    in.Text("address", &arguments.address);
    in.Text("why", &arguments.why);
    ReadTime(in, "ends", &arguments.ends);
    if (arguments.why.empty()) in.Fault("why", "is missing: say why, it goes into the audit");
    if (!IsShortName(arguments.region)) in.Fault("region", "expected a region such as us");
    if (!arguments.domain.empty() && !IsDomain(arguments.domain)) {
      in.Fault("domain", "expected a domain such as relay.example");
    }
  });
  if (!read) return read.error();
  arguments.domain = LowerAscii(arguments.domain);
  arguments.address = LowerAscii(arguments.address);
  return arguments;
}

// Whether another address has taken over from this one already.
bool IsReplaced(const Tenant& tenant, const std::string& address, Time now) {
  const auto& addresses = tenant.service_addresses;
  return std::any_of(addresses.begin(), addresses.end(), [&](const ServiceAddress& each) {
    return each.replaces == address && each.IsValid(now);
  });
}

// Which address a rotation is about: the one that is named, or the only one of the region
// that has not been replaced.
Result<ServiceAddress> AddressToReplace(const Tenant& tenant, const AddressArguments& arguments,
                                        Time now) {
  std::vector<ServiceAddress> found;
  for (const ServiceAddress& each : tenant.service_addresses) {
    const bool named = each.address == arguments.address;
    const bool only = arguments.address.empty() && each.region == arguments.region &&
                      !IsReplaced(tenant, each.address, now);
    if ((named || only) && each.IsValid(now)) found.push_back(each);
  }
  if (found.empty()) {
    return Error{ErrorKind::kNotFound,
                 fmt::format("{} has no such address in force: clawback address list names them, "
                             "clawback address add issues the first",
                             tenant.name)};
  }
  if (found.size() > 1) {
    return Error{ErrorKind::kInvalid,
                 fmt::format("address: {} has {} of them in region {}, name the one to replace",
                             tenant.name, found.size(), arguments.region)};
  }
  if (IsReplaced(tenant, found[0].address, now)) {
    return Error{ErrorKind::kRefused, "address: its rotation is under way, retire it first"};
  }
  return found[0];
}

// A file's address ends where it is taken out of the file.
Status CheckNotPinned(const Tenant& tenant, const std::string& address) {
  const Pins pins = ReadPins(tenant.file);
  const auto pin = pins.find("service_addresses." + address);
  if (pin == pins.end()) return {};
  return Error{ErrorKind::kRefused,
               fmt::format("the address stands in the tenant's file at {}: to end it take it out "
                           "there, then clawback tenant reload, and SIGUSR1 to clawback-milter",
                           pin->second)};
}

// Without another one the tenant's reports would bounce.
Status CheckNotTheLast(const Tenant& tenant, const ServiceAddress& address, Time now) {
  const auto& addresses = tenant.service_addresses;
  const bool another = std::any_of(addresses.begin(), addresses.end(), [&](const auto& each) {
    return each.address != address.address && each.region == address.region && each.IsValid(now) &&
           !each.ends;
  });
  if (another) return {};
  return Error{ErrorKind::kRefused,
               fmt::format("it is the only address of {} in region {}: clawback address rotate "
                           "issues another one first",
                           tenant.name, address.region)};
}

Status EndAddress(const std::string& address, Time ends, TenantSettings* settings) {
  for (ServiceAddress& each : settings->addresses) {
    if (each.address != address) continue;
    each.ends = ends;
    return {};
  }
  return Error{ErrorKind::kTransient, "the address changed meanwhile, ask again"};
}

// A report for it would wait for a relay that there is not.
Status CheckRegion(const std::vector<RelayHost>& relays, const std::string& region) {
  if (relays.empty() || !HostsOf(relays, region).empty()) return {};
  return Error{ErrorKind::kInvalid,
               "region: no relay stands in \"" + region + "\", see relays in clawback.yaml"};
}

}  // namespace

Result<TenantDirectory> LiveSettings::EffectiveTenants() const {
  const auto files = ReadTenants();
  if (!files) return files.error();
  const auto settings = ledger_.CurrentSettings();
  if (!settings) return settings.error();
  return Effective(*files, *settings);
}

Result<std::string> LiveSettings::ListAddresses(const std::string& text) {
  std::string name;
  const Status read = ReadJson(text, [&](const JsonReader& in) { in.Text("tenant", &name); });
  if (!read) return read.error();
  const auto tenants = EffectiveTenants();
  if (!tenants) return tenants.error();
  if (!name.empty() && tenants->FindByName(name) == nullptr) return NoTenant(name);
  json::array rows;
  for (const Tenant& tenant : tenants->tenants()) {
    if (name.empty() || tenant.name == name) AddRows(tenant, SystemClock().Now(), &rows);
  }
  return json::serialize(json::object{{"rows", std::move(rows)}});
}

Result<std::string> LiveSettings::IssueAddress(const Issue& issue, const Actor& who) {
  if (Status known = CheckRegion(relays_, issue.region); !known) return known.error();
  const auto files = ReadTenants();
  if (!files) return files.error();
  const auto settings = ledger_.CurrentSettings();
  if (!settings) return settings.error();
  const TenantDirectory tenants = Effective(*files, *settings);
  const Tenant* tenant = tenants.FindByName(issue.tenant);
  if (tenant == nullptr) return NoTenant(issue.tenant);
  const auto domain =
      issue.domain.empty() ? DomainFor(*tenant, issue.region) : Result<std::string>(issue.domain);
  if (!domain) return domain.error();
  const auto local = RandomText();
  if (!local) return local.error();
  const ServiceAddress issued{*local + "@" + *domain, issue.region, {}, issue.replaces};
  if (!IsAddress(issued.address)) {
    return Error{ErrorKind::kInvalid, "domain: too long for an address"};
  }
  if (IsTaken(*files, *settings, issued.address)) {
    return Error{ErrorKind::kTransient, "the address is taken, ask again"};
  }
  const auto add = [&](const Tenant&, const Pins&, TenantSettings* changed) {
    changed->addresses.push_back(issued);
    return issue.ends ? EndAddress(issue.replaces, *issue.ends, changed) : Status{};
  };
  json::object evidence{{"region", issued.region}};
  if (!issue.replaces.empty()) evidence["replaces"] = Masked(issue.replaces);
  if (issue.ends) evidence["ends"] = FormatTime(*issue.ends);
  const auto changed = Apply(
      {tenant->name, issue.what, Masked(issued.address), issue.why, json::serialize(evidence), add},
      who);
  if (!changed) return changed.error();
  return json::serialize(RowOf(*tenant, issued, {}, SystemClock().Now()));
}

Result<std::string> LiveSettings::AddAddress(const std::string& text, const Actor& who) {
  const auto arguments = ReadAddress(text, region_);
  if (!arguments) return arguments.error();
  return IssueAddress(
      {arguments->tenant, arguments->region, arguments->domain, arguments->why, "address.add"},
      who);
}

Result<std::string> LiveSettings::RotateAddress(const std::string& text, const Actor& who) {
  const auto arguments = ReadAddress(text, region_);
  if (!arguments) return arguments.error();
  const auto tenants = EffectiveTenants();
  if (!tenants) return tenants.error();
  const Tenant* tenant = tenants->FindByName(arguments->tenant);
  if (tenant == nullptr) return NoTenant(arguments->tenant);
  const Time now = SystemClock().Now();
  const auto old = AddressToReplace(*tenant, *arguments, now);
  if (!old) return old.error();
  if (arguments->ends) {
    if (*arguments->ends <= now) return Error{ErrorKind::kInvalid, "ends: expected a time to come"};
    if (Status free = CheckNotPinned(*tenant, old->address); !free) return free.error();
  }
  const std::string domain = arguments->domain.empty()
                                 ? old->address.substr(old->address.rfind('@') + 1)
                                 : arguments->domain;
  return IssueAddress({tenant->name, old->region, domain, arguments->why, "address.rotate",
                       old->address, arguments->ends},
                      who);
}

Result<std::string> LiveSettings::RetireAddress(const std::string& text, const Actor& who) {
  const auto arguments = ReadAddress(text, region_);
  if (!arguments) return arguments.error();
  const auto tenants = EffectiveTenants();
  if (!tenants) return tenants.error();
  const auto hit = tenants->FindByServiceAddress(arguments->address);
  const Time now = SystemClock().Now();
  if (!hit || !hit->address->IsValid(now)) {
    return Error{ErrorKind::kNotFound,
                 "no such address is in force: clawback address list names them"};
  }
  if (Status free = CheckNotPinned(*hit->tenant, arguments->address); !free) return free.error();
  if (Status another = CheckNotTheLast(*hit->tenant, *hit->address, now); !another) {
    return another.error();
  }
  ServiceAddress ended = *hit->address;
  ended.ends = std::max(now, arguments->ends.value_or(now));
  const auto end = [&](const Tenant&, const Pins&, TenantSettings* changed) {
    return EndAddress(ended.address, *ended.ends, changed);
  };
  const json::object evidence{{"region", ended.region}, {"ends", FormatTime(*ended.ends)}};
  const auto changed = Apply({hit->tenant->name, "address.retire", Masked(ended.address),
                              arguments->why, json::serialize(evidence), end},
                             who);
  if (!changed) return changed.error();
  return json::serialize(RowOf(*hit->tenant, ended, {}, now));
}

}  // namespace clawback
