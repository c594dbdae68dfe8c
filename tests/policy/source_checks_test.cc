// SPDX-License-Identifier: Apache-2.0
#include "policy/source_checks.h"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "policy/decide.h"

namespace clawback {
namespace {

constexpr char kId[] = "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1";
constexpr char kOther[] = "00000000-0000-0000-0000-000000000000";

// Everything demanded, and a source that proves all of it.
struct Source {
  Tenant tenant;
  Channel channel;
  TenantMarks marks;
};

Source Proven() {
  Source source;
  source.tenant.tenant_id = kId;
  source.tenant.domains = {"contoso.example", "contoso.onmicrosoft.com"};
  source.tenant.demands.certificate_subject = "mail.protection.outlook.com";
  source.tenant.demands.certificate_issuers = {"Some CA", "Another CA"};
  source.tenant.demands.processed_tenant = true;
  source.tenant.demands.organization_id = true;
  source.channel.client_address = "40.92.1.1";
  source.channel.tls = TlsVersion::kTls12;
  source.channel.tls_version = "TLSv1.2";
  source.channel.certificate_subject = "mail.protection.outlook.com";
  source.channel.certificate_issuer = "Another CA";
  source.channel.service_address = "k4mzq7ydx2vtn6rh3wcj5bpsl2eafgui@relay.example";
  source.marks = {"contoso.onmicrosoft.com", kId, kId};
  return source;
}

// How each proof is taken away, and the others that fall with it.
struct Loss {
  Proof proof;
  std::function<void(Source&)> take;
  std::set<Proof> also = {};
};
const Loss kLosses[] = {
    {Proof::kTls, [](Source& s) { s.channel.tls = TlsVersion::kNone; }},
    {Proof::kCertificateSubject, [](Source& s) { s.channel.certificate_subject = "a.example"; }},
    {Proof::kCertificateIssuer, [](Source& s) { s.channel.certificate_issuer = "Evil CA"; }},
    {Proof::kNetwork, [](Source& s) { s.channel.client_address = "203.0.113.1"; }},
    {Proof::kSecretAddress, [](Source& s) { s.channel.service_address = "journal@relay.example"; }},
    {Proof::kOriginatorOrg, [](Source& s) { s.marks.originator_org = "evil.example"; }},
    {Proof::kProcessedTenant,
     [](Source& s) { s.marks.processed_tenant = kOther; },
     {Proof::kTenantId}},
    {Proof::kOrganizationId,
     [](Source& s) { s.marks.organization_id = kOther; },
     {Proof::kTenantId}},
};

std::map<Proof, SourceCheck> ChecksOf(const Source& source) {
  std::map<Proof, SourceCheck> checks;
  for (const auto& list : {CheckChannel(source.tenant.demands, source.channel),
                           CheckMarks(source.tenant, source.marks)}) {
    for (const SourceCheck& check : list) checks[check.proof] = check;
  }
  return checks;
}

bool IsActedOn(const Source& source) {
  if (UnmetByChannel(source.tenant.demands, source.channel)) return false;
  Judgement judgement;
  judgement.report.kind = ReportKind::kJournalReport;
  judgement.report.marks = source.marks;
  return Decide(source.tenant, judgement).handling == Handling::kDecided;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(source_checks)

// Every combination of what may be missing: only the full demanded set is acted on.
BOOST_AUTO_TEST_CASE(only_the_full_demanded_set_is_acted_on) {
  const unsigned all = 1U << std::size(kLosses);
  for (unsigned lost = 0; lost < all; ++lost) {
    Source source = Proven();
    std::set<Proof> missing;
    for (std::size_t i = 0; i < std::size(kLosses); ++i) {
      if ((lost >> i & 1U) == 0) continue;
      kLosses[i].take(source);
      missing.insert(kLosses[i].proof);
      missing.insert(kLosses[i].also.begin(), kLosses[i].also.end());
    }
    for (const auto& [proof, check] : ChecksOf(source)) {
      BOOST_TEST(check.demanded);
      BOOST_TEST(check.met == (missing.count(proof) == 0), ToString(proof) << " of " << lost);
      BOOST_TEST(check.expected.empty() == check.met);
    }
    BOOST_TEST(IsActedOn(source) == (lost == 0), lost);
  }
}

// What is not demanded is looked at and recorded all the same, and stops nothing.
BOOST_AUTO_TEST_CASE(what_is_not_demanded_is_recorded_and_stops_nothing) {
  Source source = Proven();
  source.tenant.demands = {.minimum_tls = TlsVersion::kNone,
                           .certificate_subject = "",
                           .certificate_issuers = {},
                           .networks = {},
                           .secret_address = false,
                           .originator_org = "",
                           .tenant_id_mark = false};
  for (const auto& [proof, check] : ChecksOf(source)) {
    BOOST_TEST(!check.demanded);
    BOOST_TEST(check.met, ToString(proof));
  }
  for (const Loss& loss : kLosses) loss.take(source);
  for (const auto& [proof, check] : ChecksOf(source)) {
    BOOST_TEST(!check.demanded);
    BOOST_TEST(check.met == (proof == Proof::kCertificateIssuer), ToString(proof));
  }
  BOOST_TEST(IsActedOn(source));
  source.channel.certificate_issuer.clear();
  BOOST_TEST(!ChecksOf(source)[Proof::kCertificateIssuer].met);
}

BOOST_AUTO_TEST_CASE(originator_org_is_one_of_the_domains_unless_it_is_named) {
  Source source = Proven();
  source.marks.originator_org = "Contoso.Example";
  BOOST_TEST(IsActedOn(source));
  source.tenant.demands.originator_org = "contoso.onmicrosoft.com";
  BOOST_TEST(!IsActedOn(source));
  source.marks.originator_org = "contoso.onmicrosoft.com";
  BOOST_TEST(IsActedOn(source));
  source.marks.originator_org = "";
  BOOST_TEST(!IsActedOn(source));
  source.tenant.demands.originator_org.reset();
  BOOST_TEST(!IsActedOn(source));
}

BOOST_AUTO_TEST_CASE(an_address_is_unguessable_from_128_bits_on) {
  for (const std::string address :
       {"k4mzq7ydx2vtn6rh3wcj5bpsl2eafgui@r.example",      // 32 of base32
        "abcdefghijklmnopqrstuvwxy2@r.example",            // 26 are enough
        "jrn-0123456789abcdef0123456789abcdef@r.example",  // "jrn" is no hexadecimal digit
        "0123456789abcdef0123456789abcdef@r.example"}) {   // 32 hexadecimal digits
    BOOST_TEST(IsUnguessable(address), address);
  }
  for (const std::string address : {"jrn-7f3c1a52@r.example", "abcdefghijklmnopqrstuvwxy@r.example",
                                    "0123456789abcdef0123456789abcde@r.example", "@r.example", "",
                                    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@r.example",
                                    "j@a-domain-of-many-letters-does-not-count.example"}) {
    BOOST_TEST(!IsUnguessable(address), address);
  }
}

BOOST_AUTO_TEST_CASE(words_read_back) {
  for (const Loss& loss : kLosses) BOOST_TEST((ProofFrom(ToString(loss.proof)) == loss.proof));
  BOOST_TEST(!ProofFrom("certificate").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
