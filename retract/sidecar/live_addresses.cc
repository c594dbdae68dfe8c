// SPDX-License-Identifier: Apache-2.0
// Service addresses: those that files name, and those issued here. The local part is the
// secret by which the relay knows a tenant's mail.
#include <fmt/format.h>
#include <sys/random.h>

#include <algorithm>
#include <array>

#include "policy/base/text.h"
#include "policy/config_checks.h"
#include "policy/json.h"
#include "retract/sidecar/live_settings.h"

namespace clawback {
namespace {

namespace json = boost::json;

// 160 bits from the kernel, as 32 characters of base32 (RFC 4648, lower case).
Result<std::string> RandomLocalPart() {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::array<unsigned char, 20> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return Error{ErrorKind::kTransient, "the kernel gave no random bytes"};
  }
  std::string text;
  unsigned bits = 0, held = 0;
  for (const unsigned char byte : bytes) {
    held = (held << 8U | byte) & 0xfffU;
    for (bits += 8; bits >= 5; bits -= 5) text += kAlphabet[held >> (bits - 5) & 31U];
  }
  return text;
}

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

void AddRows(const Tenant& tenant, json::array* rows) {
  const Pins pins = ReadPins(tenant.file);
  for (const ServiceAddress& each : tenant.service_addresses) {
    const auto pin = pins.find("service_addresses." + each.address);
    rows->push_back(json::object{{"tenant", tenant.name},
                                 {"address", each.address},
                                 {"region", each.region},
                                 {"from", pin == pins.end() ? "settings" : pin->second}});
  }
}

struct AddArguments {
  std::string tenant, region, domain, why;
};

Result<AddArguments> ReadAdd(const std::string& text, const std::string& region) {
  AddArguments arguments{"", region, "", ""};
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    in.Text("tenant", &arguments.tenant);
    in.Text("region", &arguments.region);
    in.Text("domain", &arguments.domain);
    in.Text("why", &arguments.why);
    if (arguments.why.empty()) in.Fault("why", "is missing: say why, it goes into the audit");
    if (!IsShortName(arguments.region)) in.Fault("region", "expected a region such as us");
    if (!arguments.domain.empty() && !IsDomain(arguments.domain)) {
      in.Fault("domain", "expected a domain such as relay.example");
    }
  });
  if (!read) return read.error();
  arguments.domain = LowerAscii(arguments.domain);
  return arguments;
}

}  // namespace

Result<std::string> LiveSettings::ListAddresses(const std::string& text) {
  std::string name;
  const Status read = ReadJson(text, [&](const JsonReader& in) { in.Text("tenant", &name); });
  if (!read) return read.error();
  const auto files = ReadTenants();
  if (!files) return files.error();
  const auto settings = ledger_.CurrentSettings();
  if (!settings) return settings.error();
  if (!name.empty() && files->FindByName(name) == nullptr) {
    return Error{ErrorKind::kNotFound,
                 "there is no tenant \"" + name + "\": clawback tenant list names them"};
  }
  json::array rows;
  const TenantDirectory tenants = Effective(*files, *settings);
  for (const Tenant& tenant : tenants.tenants()) {
    if (name.empty() || tenant.name == name) AddRows(tenant, &rows);
  }
  return json::serialize(json::object{{"rows", std::move(rows)}});
}

Result<std::string> LiveSettings::AddAddress(const std::string& text, const Actor& who) {
  const auto arguments = ReadAdd(text, region_);
  if (!arguments) return arguments.error();
  const auto files = ReadTenants();
  if (!files) return files.error();
  const auto settings = ledger_.CurrentSettings();
  if (!settings) return settings.error();
  const TenantDirectory tenants = Effective(*files, *settings);
  const Tenant* tenant = tenants.FindByName(arguments->tenant);
  if (tenant == nullptr) {
    return Error{ErrorKind::kNotFound, "there is no tenant \"" + arguments->tenant +
                                           "\": clawback tenant list names them"};
  }
  auto domain = arguments->domain.empty() ? DomainFor(*tenant, arguments->region)
                                          : Result<std::string>(arguments->domain);
  if (!domain) return domain.error();
  const auto local = RandomLocalPart();
  if (!local) return local.error();
  const ServiceAddress issued{*local + "@" + *domain, arguments->region};
  if (!IsAddress(issued.address)) {
    return Error{ErrorKind::kInvalid, "domain: too long for an address"};
  }
  if (IsTaken(*files, *settings, issued.address)) {
    return Error{ErrorKind::kTransient, "the address is taken, ask again"};
  }
  const auto add = [&](const Tenant&, const Pins&, TenantSettings* changed) {
    changed->addresses.push_back(issued);
    return Status{};
  };
  const json::object evidence{{"region", issued.region}};
  const auto changed = Apply({tenant->name, "address.add", Masked(issued.address), arguments->why,
                              json::serialize(evidence), add},
                             who);
  if (!changed) return changed.error();
  return json::serialize(json::object{{"tenant", tenant->name},
                                      {"address", issued.address},
                                      {"region", issued.region},
                                      {"from", "settings"}});
}

}  // namespace clawback
