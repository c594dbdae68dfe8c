// SPDX-License-Identifier: Apache-2.0
#include "policy/source_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "policy/base/cidr.h"
#include "policy/base/names.h"
#include "policy/base/text.h"
#include "policy/exchange_online.h"

namespace clawback {
namespace {

constexpr Name<Proof> kProofs[] = {{Proof::kTls, "tls"},
                                   {Proof::kCertificateSubject, "certificate-subject"},
                                   {Proof::kCertificateIssuer, "certificate-issuer"},
                                   {Proof::kNetwork, "network"},
                                   {Proof::kSecretAddress, "secret-address"},
                                   {Proof::kOriginatorOrg, "originator-org"},
                                   {Proof::kTenantId, "tenant-id"},
                                   {Proof::kProcessedTenant, "processed-tenant"},
                                   {Proof::kOrganizationId, "organization-id"}};

constexpr Name<Proof> kLabels[] = {
    {Proof::kTls, "TLS"},
    {Proof::kCertificateSubject, "verified client certificate"},
    {Proof::kCertificateIssuer, "issuer of the client certificate"},
    {Proof::kNetwork, "client address"},
    {Proof::kSecretAddress, "service address"},
    {Proof::kOriginatorOrg, "X-OriginatorOrg"},
    {Proof::kTenantId, "tenant id"},
    {Proof::kProcessedTenant, "tenant id in X-LD-Processed"},
    {Proof::kOrganizationId, "tenant id in X-MS-Exchange-Organization-Id"}};

constexpr Name<TlsVersion> kTlsVersions[] = {
    {TlsVersion::kNone, "none"}, {TlsVersion::kTls12, "TLS 1.2"}, {TlsVersion::kTls13, "TLS 1.3"}};

std::string Quoted(std::string_view text) { return fmt::format("\"{}\"", text); }

bool IsOneOf(const std::vector<std::string>& allowed, std::string_view text) {
  return std::any_of(allowed.begin(), allowed.end(),
                     [&](const std::string& each) { return EqualIgnoringCase(each, text); });
}

std::string OneOf(const std::vector<std::string>& texts) {
  return texts.size() == 1 ? Quoted(texts.front())
                           : fmt::format("one of \"{}\"", fmt::join(texts, "\", \""));
}

SourceCheck Make(Proof proof, bool demanded, bool met, std::string seen, std::string expected) {
  return {proof, demanded, met, std::move(seen), met ? "" : std::move(expected)};
}

bool StandsIn(const std::vector<std::string>& networks, std::string_view client_address) {
  const auto address = ParseIpAddress(client_address);
  if (!address) return false;
  return std::any_of(networks.begin(), networks.end(), [&](const std::string& text) {
    const auto network = ParseNetwork(text);
    return network && Contains(*network, *address);
  });
}

// Where none is demanded it is measured against what Exchange Online shows: so the trace
// tells what demanding it would change.
SourceCheck CheckSubject(const Demands& demands, const Channel& channel) {
  const bool demanded = !demands.certificate_subject.empty();
  const std::string wanted =
      demanded ? demands.certificate_subject : std::string(kExchangeOnlineName);
  return Make(Proof::kCertificateSubject, demanded,
              EqualIgnoringCase(channel.certificate_subject, wanted), channel.certificate_subject,
              Quoted(wanted));
}

SourceCheck CheckIssuer(const Demands& demands, const Channel& channel) {
  const auto& wanted = demands.certificate_issuers;
  const std::string& seen = channel.certificate_issuer;
  const bool met = wanted.empty() ? !seen.empty() : IsOneOf(wanted, seen);
  return Make(Proof::kCertificateIssuer, !wanted.empty(), met, seen,
              wanted.empty() ? "any that Postfix trusts" : OneOf(wanted));
}

SourceCheck CheckNetwork(const Demands& demands, const Channel& channel) {
  const bool demanded = !demands.networks.empty();
  const bool met =
      StandsIn(demanded ? demands.networks : ExchangeOnlineNetworks(), channel.client_address);
  return Make(Proof::kNetwork, demanded, met, channel.client_address,
              demanded ? "one in the tenant's networks" : "one of Exchange Online's");
}

SourceCheck CheckOriginatorOrg(const Tenant& tenant, const std::string& seen) {
  const auto& named = tenant.demands.originator_org;
  const bool any_domain = !named || named->empty();
  const bool met = any_domain ? IsOneOf(tenant.domains, seen) : EqualIgnoringCase(seen, *named);
  return Make(Proof::kOriginatorOrg, !named || !named->empty(), met, seen,
              any_domain ? "one of the tenant's domains, or what demands.originator_org names"
                         : Quoted(*named));
}

SourceCheck CheckTenantId(const Tenant& tenant, const TenantMarks& marks) {
  std::string seen;
  bool met = false, foreign = false;
  for (const std::string* id : {&marks.processed_tenant, &marks.organization_id}) {
    if (id->empty()) continue;
    const bool own = EqualIgnoringCase(*id, tenant.tenant_id);
    met = met || own;
    foreign = foreign || !own;
    if (seen != *id) seen += seen.empty() ? *id : " and " + *id;
  }
  return Make(Proof::kTenantId, tenant.demands.tenant_id_mark, met && !foreign, seen,
              Quoted(tenant.tenant_id) + " in X-LD-Processed or X-MS-Exchange-Organization-Id");
}

SourceCheck CheckId(Proof proof, bool demanded, const Tenant& tenant, const std::string& seen) {
  return Make(proof, demanded, EqualIgnoringCase(seen, tenant.tenant_id), seen,
              Quoted(tenant.tenant_id));
}

std::optional<std::string> Unmet(const std::vector<SourceCheck>& checks) {
  const SourceCheck* unmet = FirstUnmet(checks);
  if (unmet == nullptr) return std::nullopt;
  return Describe(*unmet);
}

}  // namespace

std::string_view ToString(Proof proof) { return NameOf(kProofs, proof); }
std::optional<Proof> ProofFrom(std::string_view text) { return ValueOf(kProofs, text); }

std::vector<SourceCheck> CheckChannel(const Demands& demands, const Channel& channel) {
  // The address itself is the secret: only whether it is one is told.
  const bool unguessable = IsUnguessable(channel.service_address);
  return {
      Make(Proof::kTls, demands.minimum_tls != TlsVersion::kNone,
           channel.tls >= std::max(demands.minimum_tls, TlsVersion::kTls12), channel.tls_version,
           fmt::format("at least {}",
                       NameOf(kTlsVersions, std::max(demands.minimum_tls, TlsVersion::kTls12)))),
      CheckSubject(demands, channel), CheckIssuer(demands, channel), CheckNetwork(demands, channel),
      Make(Proof::kSecretAddress, demands.secret_address, unguessable,
           unguessable ? "at least 128 bits" : "one that can be guessed",
           "one with 128 bits, such as clawback address add issues")};
}

std::vector<SourceCheck> CheckMarks(const Tenant& tenant, const TenantMarks& marks) {
  const Demands& demands = tenant.demands;
  return {
      CheckOriginatorOrg(tenant, marks.originator_org), CheckTenantId(tenant, marks),
      CheckId(Proof::kProcessedTenant, demands.processed_tenant, tenant, marks.processed_tenant),
      CheckId(Proof::kOrganizationId, demands.organization_id, tenant, marks.organization_id)};
}

const SourceCheck* FirstUnmet(const std::vector<SourceCheck>& checks) {
  const auto unmet = std::find_if(checks.begin(), checks.end(), [](const SourceCheck& check) {
    return check.demanded && !check.met;
  });
  return unmet == checks.end() ? nullptr : &*unmet;
}

std::string Describe(const SourceCheck& check) {
  const std::string seen = check.seen.empty() ? "none" : Quoted(check.seen);
  return fmt::format("{}: {}, expected {}", NameOf(kLabels, check.proof), seen, check.expected);
}

std::optional<std::string> UnmetByChannel(const Demands& demands, const Channel& channel) {
  return Unmet(CheckChannel(demands, channel));
}

std::optional<std::string> UnmetByMarks(const Tenant& tenant, const TenantMarks& marks) {
  return Unmet(CheckMarks(tenant, marks));
}

// Case does not count in an address. What is drawn from hexadecimal digits holds 4 bits a
// character, from base32 5; what repeats few characters was not drawn at random.
bool IsUnguessable(std::string_view address) {
  constexpr std::size_t kBits = 128, kDifferent = 8;
  const std::string local = LowerAscii(address.substr(0, address.rfind('@')));
  std::set<char> different;
  std::size_t characters = 0;
  bool hexadecimal = true;
  for (const char c : local) {
    const bool letter = c >= 'a' && c <= 'z', digit = c >= '0' && c <= '9';
    if (!letter && !digit) continue;
    ++characters;
    different.insert(c);
    hexadecimal = hexadecimal && (digit || c <= 'f');
  }
  return characters * (hexadecimal ? 4 : 5) >= kBits && different.size() >= kDifferent;
}

}  // namespace clawback
