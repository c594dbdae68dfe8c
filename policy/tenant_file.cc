// SPDX-License-Identifier: Apache-2.0
// A tenant's YAML file → Tenant. Every key stands here once; clawback-tenant.yaml(5)
// describes them.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <span>
#include <system_error>

#include "policy/base/digest.h"
#include "policy/base/secret.h"
#include "policy/base/text.h"
#include "policy/config_checks.h"
#include "policy/exchange_online.h"
#include "policy/limits.h"
#include "policy/source_checks.h"
#include "policy/tenant.h"

namespace clawback {
namespace {

constexpr std::string_view kShortName = "a-z, 0-9 and inner \"-\", at most 63";
constexpr std::string_view kGuid = "a GUID such as 7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1";
constexpr std::string_view kDomain =
    "a domain such as contoso.example (international ones in their xn-- form)";
constexpr std::string_view kOrigin = "https://host or https://host:port";

// The names, or the regions, that relays have, for a fault.
std::string Those(const std::vector<RelayHost>& relays, std::string RelayHost::*member) {
  std::set<std::string> words;
  for (const RelayHost& relay : relays) words.insert(relay.*member);
  return fmt::format("{}", fmt::join(words, ", "));
}

bool Any(const std::vector<RelayHost>& relays, std::string RelayHost::*member,
         const std::string& word) {
  return relays.empty() || std::any_of(relays.begin(), relays.end(), [&](const RelayHost& relay) {
           return relay.*member == word;
         });
}

void ReadServiceAddress(YamlMap& map, const std::vector<RelayHost>& relays, bool secret,
                        std::vector<ServiceAddress>* addresses) {
  ServiceAddress address;
  ReadChecked(map, "address", &address.address, IsAddress, "an address, local@domain",
              Presence::kRequired);
  ReadChecked(map, "region", &address.region, IsShortName, kShortName, Presence::kRequired);
  if (!address.region.empty() && !Any(relays, &RelayHost::region, address.region)) {
    map.Fault("region", fmt::format("\"region\": no relay stands in {}, expected one of {}",
                                    address.region, Those(relays, &RelayHost::region)));
  }
  address.address = LowerAscii(address.address);
  const bool known = std::any_of(addresses->begin(), addresses->end(), [&](const auto& other) {
    return !other.address.empty() && other.address == address.address;
  });
  if (known) map.Fault("address", "\"address\": the same service address twice, expected one");
  if (secret && !address.address.empty() && !IsUnguessable(address.address)) {
    map.Fault("address",
              "\"address\": can be guessed, expected 26 random letters and digits or more before "
              "the @ (clawback address add issues such), or demands.secret_address: false");
  }
  addresses->push_back(std::move(address));
}

// Reads key as texts of one form, in lower case.
void ReadForms(YamlMap& map, std::string_view key, bool (*check)(std::string_view),
               std::string_view form, std::vector<std::string>* out,
               Presence presence = Presence::kOptional) {
  map.Strings(key, out, presence);
  for (std::size_t i = 0; i < out->size(); ++i) {
    std::string& text = (*out)[i];
    text = LowerAscii(text);
    if (text.empty() || check(text)) continue;
    map.Fault(key, i, fmt::format("\"{}\": expected {}", key, form));
  }
}

void ReadPerson(YamlMap& map, std::vector<Person>* people) {
  Person person;
  map.String("name", &person.name, Presence::kRequired);
  ReadForms(map, "addresses", IsAddress, "an address, local@domain", &person.addresses);
  people->push_back(std::move(person));
}

void ReadBrand(YamlMap& map, std::vector<TenantBrand>* brands) {
  TenantBrand brand;
  map.String("name", &brand.name, Presence::kRequired);
  ReadForms(map, "domains", IsDomain, kDomain, &brand.domains);
  brands->push_back(std::move(brand));
}

void ReadList(YamlMap& map, ListName list, std::vector<std::string>* entries) {
  map.Strings(ToString(list), entries);
  for (std::size_t i = 0; i < entries->size(); ++i) {
    std::string& entry = (*entries)[i];
    entry = LowerAscii(entry);
    if (entry.empty() || FitsList(list, entry)) continue;
    map.Fault(ToString(list), i, fmt::format("\"{}\": expected {}", ToString(list), FormOf(list)));
  }
}

void ReadRegionRule(YamlMap& map, const std::vector<RelayHost>& relays, RegionRule* rule) {
  constexpr std::string_view kKey = "fallback_relays";
  map.Enum<RegionPolicy>("region_policy", &rule->policy,
                         {{"strict", RegionPolicy::kStrict}, {"primary", RegionPolicy::kPrimary}});
  map.Strings(kKey, &rule->fallback_relays);
  for (std::size_t i = 0; i < rule->fallback_relays.size(); ++i) {
    const std::string& name = rule->fallback_relays[i];
    if (name.empty()) continue;
    if (!IsShortName(name)) {
      map.Fault(kKey, i, fmt::format("\"{}\": expected the name of a relay, {}", kKey, kShortName));
    } else if (!Any(relays, &RelayHost::name, name)) {
      map.Fault(kKey, i,
                fmt::format("\"{}\": there is no relay {}, expected one of {}", kKey, name,
                            Those(relays, &RelayHost::name)));
    }
  }
  if (rule->policy == RegionPolicy::kStrict && !rule->fallback_relays.empty()) {
    map.Fault(kKey, fmt::format("\"{}\": expected none, for region_policy is strict: reports of "
                                "another region are never taken",
                                kKey));
  } else if (rule->policy == RegionPolicy::kPrimary && rule->fallback_relays.empty()) {
    map.Fault("region_policy",
              "\"region_policy\": expected fallback_relays beside primary, the "
              "names of the relays that may take another region's reports");
  }
}

void ReadIssuers(YamlMap& map, Demands* demands) {
  map.Strings("certificate_issuers", &demands->certificate_issuers);
  if (!demands->certificate_issuers.empty() && demands->certificate_subject.empty()) {
    map.Fault("certificate_issuers",
              "\"certificate_issuers\": expected certificate_subject with it, for an authority "
              "vouches for many names");
  }
}

void ReadDemands(YamlMap& map, const std::vector<std::string>& exchange_online, Demands* demands) {
  map.Enum<TlsVersion>(
      "minimum_tls", &demands->minimum_tls,
      {{"none", TlsVersion::kNone}, {"1.2", TlsVersion::kTls12}, {"1.3", TlsVersion::kTls13}});
  map.String("certificate_subject", &demands->certificate_subject);
  ReadIssuers(map, demands);
  ReadNetworks(map, "networks", exchange_online, &demands->networks);
  map.Bool("secret_address", &demands->secret_address);
  std::string originator_org;
  ReadChecked(map, "originator_org", &originator_org, IsDomain,
              "a domain such as contoso.onmicrosoft.com");
  if (map.Has("originator_org")) demands->originator_org = originator_org;
  map.Bool("tenant_id_mark", &demands->tenant_id_mark);
  map.Bool("processed_tenant", &demands->processed_tenant);
  map.Bool("organization_id", &demands->organization_id);
  // A certificate can only be seen inside TLS.
  if (!demands->certificate_subject.empty() && demands->minimum_tls == TlsVersion::kNone) {
    map.Fault("minimum_tls", "\"minimum_tls\": expected 1.2 or 1.3 with certificate_subject");
  }
}

void ReadAction(YamlMap& map, Disposition disposition, ActionTable* actions) {
  Action action = actions->For(disposition);
  map.Enum<Action>(ToString(disposition), &action,
                   {{"none", Action::kNone},
                    {"junk", Action::kJunk},
                    {"trash", Action::kTrash},
                    {"soft-delete", Action::kSoftDelete},
                    {"hard-delete", Action::kHardDelete}});
  actions->Set(disposition, action);
}

// Every disposition but NONE: what is not bad is never acted on.
void ReadActions(YamlMap& map, Cloud cloud, ActionTable* actions) {
  for (const Disposition disposition : kAllDispositions) {
    if (disposition == Disposition::kNone) continue;
    ReadAction(map, disposition, actions);
    const auto why_not = WhyNoHardDelete(cloud);
    if (actions->For(disposition) != Action::kHardDelete || !why_not) continue;
    map.Fault(ToString(disposition), fmt::format("\"{}\": {}", ToString(disposition), *why_not));
  }
}

void ReadReference(YamlMap& map, std::string_view key, const std::string& file, std::string* out) {
  constexpr std::string_view kFile = "file:";
  std::string reference;
  map.String(key, &reference);
  if (reference.empty()) return;
  const bool names_file = reference.size() > kFile.size() &&
                          std::string_view(reference).substr(0, kFile.size()) == kFile;
  if (names_file) {
    reference = std::string(kFile) + ResolvePath(file, reference.substr(kFile.size()));
  }
  if (const Status checked = CheckSecretReference(reference); !checked.ok()) {
    return map.Fault(key, fmt::format("\"{}\": {}", key, checked.error().what));
  }
  *out = reference;
}

void CheckCredential(YamlMap& map) {
  constexpr std::string_view kOne =
      "expected client_secret, certificate with certificate_key, or federated_token";
  const bool secret = map.Has("client_secret");
  const bool certificate = map.Has("certificate");
  const bool key = map.Has("certificate_key");
  const bool federated = map.Has("federated_token");
  const int kinds = (secret ? 1 : 0) + (certificate || key ? 1 : 0) + (federated ? 1 : 0);
  if (kinds > 1) {
    map.Fault(secret ? "client_secret" : "federated_token", fmt::format("{}, not both", kOne));
  } else if (kinds == 0) {
    map.Fault("", fmt::format("no credential, {}", kOne));
  } else if (certificate && !key) {
    map.Fault("certificate", "\"certificate\" without \"certificate_key\", expected both");
  } else if (key && !certificate) {
    map.Fault("certificate_key", "\"certificate_key\" without \"certificate\", expected both");
  }
}

// A day, from which on the secret is worth nothing, or a time.
void ReadEnd(YamlMap& map, std::optional<Time>* end) {
  constexpr std::string_view kKey = "client_secret_ends";
  std::string text;
  map.String(kKey, &text);
  if (text.empty()) return;
  *end = ParseTime(text.find('T') == std::string::npos ? text + "T00:00:00Z" : text);
  if (!*end) {
    map.Fault(kKey, fmt::format("\"{}\": expected a day such as 2027-03-31, or a time such as "
                                "2027-03-31T12:00:00Z",
                                kKey));
  } else if (!map.Has("client_secret")) {
    map.Fault(kKey, fmt::format("\"{}\" without \"client_secret\", expected both", kKey));
  }
}

// RFC 6749 3.1.2: absolute, no fragment. http is for loopback only, as in Entra ID.
bool IsRedirectUri(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return c > 0x20 && c < 0x7f && c != '#' && c != '?' && c != '"' && c != '\\';
  });
  if (!plain || text.size() > 255) return false;
  constexpr std::string_view kLoopback = "http://localhost";
  constexpr std::string_view kScheme = "https://";
  if (text.starts_with(kLoopback)) {
    text.remove_prefix(std::string_view("http://").size());
  } else if (text.starts_with(kScheme)) {
    text.remove_prefix(kScheme.size());
  } else {
    return false;
  }
  return IsHttpsOrigin(std::string(kScheme) + std::string(text.substr(0, text.find('/'))));
}

void ReadCloud(YamlMap& map, Cloud* cloud) {
  map.Enum<Cloud>("cloud", cloud,
                  {{"global", Cloud::kGlobal},
                   {"gcc-high", Cloud::kGccHigh},
                   {"dod", Cloud::kDod},
                   {"china", Cloud::kChina}});
}

void ReadGraph(YamlMap& map, const std::string& file, GraphAccess* graph) {
  ReadCloud(map, &graph->cloud);
  ReadChecked(map, "login_url", &graph->login_url, IsHttpsOrigin, kOrigin);
  ReadChecked(map, "graph_url", &graph->graph_url, IsHttpsOrigin, kOrigin);
  ReadChecked(map, "client_id", &graph->client_id, IsGuid, kGuid, Presence::kRequired);
  ReadReference(map, "client_secret", file, &graph->client_secret);
  ReadPath(map, "certificate", file, &graph->certificate);
  ReadReference(map, "certificate_key", file, &graph->certificate_key);
  ReadReference(map, "federated_token", file, &graph->federated_token);
  ReadEnd(map, &graph->client_secret_ends);
  ReadChecked(map, "redirect_uri", &graph->redirect_uri, IsRedirectUri,
              "https://host/path, or http://localhost/path, as registered with the app");
  ReadPath(map, "ca_file", file, &graph->ca_file);
  CheckCredential(map);
}

// What a tenant may name that does not stand in its file.
struct Known {
  const std::vector<RelayHost>& relays;
  const std::vector<std::string>& exchange_online;  // networks
};

void ReadTenant(YamlMap& map, const std::string& file, const Known& known, Tenant* tenant) {
  ReadChecked(map, "name", &tenant->name, IsShortName, kShortName, Presence::kRequired);
  ReadChecked(map, "tenant_id", &tenant->tenant_id, IsGuid, kGuid, Presence::kRequired);
  tenant->tenant_id = LowerAscii(tenant->tenant_id);
  ReadForms(map, "domains", IsDomain, kDomain, &tenant->domains, Presence::kRequired);
  tenant->demands.networks = known.exchange_online;
  map.Map("demands",
          [&](YamlMap& inner) { ReadDemands(inner, known.exchange_online, &tenant->demands); });
  // After demands: how an address must be made depends on them.
  map.List("service_addresses", [&](YamlMap& inner) {
    ReadServiceAddress(inner, known.relays, tenant->demands.secret_address,
                       &tenant->service_addresses);
  });
  ReadRegionRule(map, known.relays, &tenant->region_rule);
  map.Enum<AfterAccepting>(
      "after_accepting", &tenant->after_accepting,
      {{"discard", AfterAccepting::kDiscard}, {"pass-on", AfterAccepting::kPassOn}});
  map.Enum<KeepBodies>("keep_bodies", &tenant->keep_bodies,
                       {{"none", KeepBodies::kNone}, {"detections", KeepBodies::kDetections}});
  map.List("people", [&](YamlMap& inner) { ReadPerson(inner, &tenant->people); });
  map.List("brands", [&](YamlMap& inner) { ReadBrand(inner, &tenant->brands); });
  for (const ListName list : kAllLists) ReadList(map, list, &tenant->lists[list]);
  map.Map("list_files",
          [&](YamlMap& inner) { ReadListFilePaths(inner, file, &tenant->list_files); });
  ReadLimits(map, tenant);
  map.Enum<Mode>("mode", &tenant->mode, {{"observe", Mode::kObserve}, {"enforce", Mode::kEnforce}});
  map.Map(
      "graph", [&](YamlMap& inner) { ReadGraph(inner, file, &tenant->graph); },
      Presence::kRequired);
  // After graph: what can be done depends on the cloud.
  map.Map("actions",
          [&](YamlMap& inner) { ReadActions(inner, tenant->graph.cloud, &tenant->actions); });
}

std::string SettingsVersion(std::string_view bytes) {
  const Digest digest = Sha256Of(bytes);
  return ToHex(std::span<const std::uint8_t>(digest).first(8));
}

// Who has each name, tenant id and service address of a folder, by file.
class Claims {
 public:
  void Add(const Tenant& tenant, std::vector<ConfigFault>* faults) {
    Claim("name", tenant.name, tenant, faults);
    Claim("tenant id", tenant.tenant_id, tenant, faults);
    for (const ServiceAddress& address : tenant.service_addresses) {
      Claim("service address", address.address, tenant, faults);
    }
  }

 private:
  void Claim(std::string_view what, const std::string& value, const Tenant& tenant,
             std::vector<ConfigFault>* faults) {
    const auto [claim, fresh] = claims_.try_emplace(fmt::format("{} {}", what, value), tenant.file);
    if (fresh || claim->second == tenant.file) return;
    faults->push_back({tenant.file, 0, 0,
                       fmt::format("{} \"{}\" is also in {}, expected one tenant to have it", what,
                                   value, claim->second)});
  }

  std::map<std::string, std::string> claims_;
};

}  // namespace

TenantFile ReadTenantFile(const std::string& path, const std::vector<RelayHost>& relays) {
  TenantFile file;
  file.tenant.file = path;
  const auto bytes = ReadConfigBytes(path);
  if (!bytes.ok()) {
    file.faults.push_back({path, 0, 0, bytes.error().what});
    return file;
  }
  file.tenant.settings_version = SettingsVersion(*bytes);
  const NetworkList exchange_online =
      ExchangeOnlineNetworksOf(std::filesystem::path(path).parent_path().string());
  file.faults = ReadYamlText(*bytes, path, [&](YamlMap& map) {
    ReadTenant(map, path, {relays, exchange_online.networks}, &file.tenant);
  });
  file.faults.insert(file.faults.end(), exchange_online.faults.begin(),
                     exchange_online.faults.end());
  return file;
}

TenantDirectoryFiles ReadTenantFolder(const std::string& folder,
                                      const std::vector<RelayHost>& relays) {
  return ReadTenantFolder(folder, "", relays);
}

TenantDirectoryFiles ReadTenantFolder(const std::string& folder, const std::string& fresh,
                                      const std::vector<RelayHost>& relays) {
  std::vector<std::string> paths;
  std::error_code error;
  for (auto entry = std::filesystem::directory_iterator(folder, error);
       !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    if (entry->path().extension() == ".yaml") paths.push_back(entry->path().string());
  }
  if (error) return {{}, {{folder, 0, 0, error.message() + ", expected a folder of tenants"}}};
  std::sort(paths.begin(), paths.end());
  if (!fresh.empty()) paths.push_back(fresh);
  std::vector<Tenant> tenants;
  std::vector<ConfigFault> faults;
  Claims claims;
  for (const std::string& path : paths) {
    TenantFile file = ReadTenantFile(path, relays);
    faults.insert(faults.end(), file.faults.begin(), file.faults.end());
    if (!file.faults.empty()) continue;
    claims.Add(file.tenant, &faults);
    tenants.push_back(std::move(file.tenant));
  }
  return {TenantDirectory(std::move(tenants)), std::move(faults)};
}

}  // namespace clawback
