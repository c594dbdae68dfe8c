// SPDX-License-Identifier: Apache-2.0
#include "policy/tenant.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/base/cidr.h"
#include "policy/base/names.h"
#include "policy/base/secret.h"
#include "policy/base/text.h"
#include "policy/config_checks.h"

namespace clawback {
namespace {

constexpr Name<Action> kActions[] = {{Action::kNone, "none"},
                                     {Action::kJunk, "junk"},
                                     {Action::kTrash, "trash"},
                                     {Action::kSoftDelete, "soft-delete"},
                                     {Action::kHardDelete, "hard-delete"}};

constexpr Name<Mode> kModes[] = {{Mode::kObserve, "observe"}, {Mode::kEnforce, "enforce"}};

constexpr Name<ListName> kLists[] = {{ListName::kExemptRecipients, "exempt_recipients"},
                                     {ListName::kTrustedSenders, "trusted_senders"},
                                     {ListName::kBlockedSenders, "blocked_senders"}};

constexpr Name<Cloud> kClouds[] = {{Cloud::kGlobal, "global"},
                                   {Cloud::kGccHigh, "gcc-high"},
                                   {Cloud::kDod, "dod"},
                                   {Cloud::kChina, "china"}};

constexpr Name<TlsVersion> kTlsVersions[] = {
    {TlsVersion::kNone, "none"}, {TlsVersion::kTls12, "TLS 1.2"}, {TlsVersion::kTls13, "TLS 1.3"}};

// "" where nothing was seen, so that a refusal reads well.
std::string Seen(std::string_view value) {
  return value.empty() ? "none" : fmt::format("\"{}\"", value);
}

bool StandsIn(const std::vector<std::string>& networks, std::string_view client_address) {
  const auto address = ParseIpAddress(client_address);
  if (!address) return false;
  return std::any_of(networks.begin(), networks.end(), [&](const std::string& text) {
    const auto network = ParseNetwork(text);
    return network && Contains(*network, *address);
  });
}

}  // namespace

std::string_view ToString(Action action) { return NameOf(kActions, action); }
std::optional<Action> ActionFrom(std::string_view text) { return ValueOf(kActions, text); }

std::string_view ToString(Mode mode) { return NameOf(kModes, mode); }
std::optional<Mode> ModeFrom(std::string_view text) { return ValueOf(kModes, text); }

std::string_view ToString(ListName list) { return NameOf(kLists, list); }
std::optional<ListName> ListNameFrom(std::string_view text) { return ValueOf(kLists, text); }

bool FitsList(ListName list, std::string_view entry) {
  return IsAddress(entry) || (list != ListName::kExemptRecipients && IsDomain(entry));
}

std::string_view FormOf(ListName list) {
  return list == ListName::kExemptRecipients ? "an address, local@domain"
                                             : "an address, local@domain, or a domain";
}

std::string_view ToString(Cloud cloud) { return NameOf(kClouds, cloud); }

bool Tenant::Accepts(std::string_view address) const {
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || at == 0) return false;
  const std::string domain = LowerAscii(address.substr(at + 1));
  return std::find(domains.begin(), domains.end(), domain) != domains.end();
}

bool Tenant::Names(ListName list, std::string_view address) const {
  const auto entries = lists.find(list);
  const std::size_t at = address.rfind('@');
  if (entries == lists.end() || at == std::string_view::npos || at == 0) return false;
  const std::string wanted = LowerAscii(address);
  const std::string_view domain = std::string_view(wanted).substr(at + 1);
  return std::any_of(entries->second.begin(), entries->second.end(),
                     [&](const std::string& entry) { return entry == wanted || entry == domain; });
}

std::optional<std::string> UnmetByChannel(const Demands& demands, const Channel& channel) {
  if (channel.tls < demands.minimum_tls) {
    return fmt::format("TLS: {}, expected at least {}", Seen(channel.tls_version),
                       NameOf(kTlsVersions, demands.minimum_tls));
  }
  if (!demands.certificate_subject.empty() &&
      !EqualIgnoringCase(channel.certificate_subject, demands.certificate_subject)) {
    return fmt::format("verified client certificate: {}, expected \"{}\"",
                       Seen(channel.certificate_subject), demands.certificate_subject);
  }
  if (!demands.networks.empty() && !StandsIn(demands.networks, channel.client_address)) {
    return fmt::format("client address: {}, expected one in the tenant's networks",
                       Seen(channel.client_address));
  }
  return std::nullopt;
}

std::optional<std::string> UnmetByMarks(const Tenant& tenant, const TenantMarks& marks) {
  const Demands& demands = tenant.demands;
  if (!demands.originator_org.empty() &&
      !EqualIgnoringCase(marks.originator_org, demands.originator_org)) {
    return fmt::format("X-OriginatorOrg: {}, expected \"{}\"", Seen(marks.originator_org),
                       demands.originator_org);
  }
  if (!demands.tenant_id_mark) return std::nullopt;
  if (marks.processed_tenant.empty() && marks.organization_id.empty()) {
    return "no tenant id in X-LD-Processed or X-MS-Exchange-Organization-Id";
  }
  for (const std::string* id : {&marks.processed_tenant, &marks.organization_id}) {
    if (id->empty() || EqualIgnoringCase(*id, tenant.tenant_id)) continue;
    return fmt::format("tenant id {}, expected \"{}\"", Seen(*id), tenant.tenant_id);
  }
  return std::nullopt;
}

std::optional<TenantDirectory::Hit> TenantDirectory::FindByServiceAddress(
    std::string_view address) const {
  const std::string wanted = LowerAscii(address);
  std::optional<Hit> hit;
  // To the end whatever is found: the time says nothing of how near a guess was.
  for (const Tenant& tenant : tenants_) {
    for (const ServiceAddress& candidate : tenant.service_addresses) {
      if (ConstantTimeEqual(candidate.address, wanted) && !hit) hit = Hit{&tenant, &candidate};
    }
  }
  return hit;
}

const Tenant* TenantDirectory::FindByName(std::string_view name) const {
  const auto found = std::find_if(tenants_.begin(), tenants_.end(),
                                  [&](const Tenant& tenant) { return tenant.name == name; });
  return found == tenants_.end() ? nullptr : &*found;
}

}  // namespace clawback
