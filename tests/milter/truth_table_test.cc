// SPDX-License-Identifier: Apache-2.0
// From the connection to the record: every combination of what a source may fail to prove.
#include <boost/test/unit_test.hpp>
#include <functional>
#include <string>

#include "tests/milter/world.h"

namespace clawback {
namespace {

using Kind = Answer::Kind;

constexpr char kId[] = "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1";
constexpr char kOtherId[] = "00000000-1111-4222-8333-444444444444";

// A source as Postfix and the report tell of it; this one proves everything.
struct Source {
  std::string client = "40.92.1.1";
  Greeting greeting{"TLSv1.2", "mail.protection.outlook.com", "Some CA"};
  std::string address = "<k4mzq7ydx2vtn6rh3wcj5bpsl2eafgui@relay.example>";
  TenantMarks marks{"contoso.onmicrosoft.com", kId, kId};
};

Tenant DemandingTenant() {
  Tenant tenant =
      TenantNamed("contoso", {{"k4mzq7ydx2vtn6rh3wcj5bpsl2eafgui@relay.example", "us"}});
  tenant.tenant_id = kId;
  tenant.demands.certificate_subject = "mail.protection.outlook.com";
  tenant.demands.certificate_issuers = {"Some CA"};
  tenant.demands.processed_tenant = true;
  tenant.demands.organization_id = true;
  tenant.demands.networks = {"40.92.0.0/15"};
  tenant.demands.originator_org = "contoso.onmicrosoft.com";
  tenant.demands.tenant_id_mark = true;
  tenant.mode = Mode::kEnforce;
  tenant.actions.Set(Disposition::kMalicious, Action::kSoftDelete);
  return tenant;
}

// One proof, and how it goes missing. Without one of the connection no content arrives.
struct Loss {
  bool of_connection;
  std::function<void(Source&)> take;
};
const Loss kLosses[] = {
    {true, [](Source& s) { s.greeting.tls_version = "TLSv1.1"; }},
    {true, [](Source& s) { s.greeting.certificate_subject = "mail.attacker.example"; }},
    {true, [](Source& s) { s.greeting.certificate_issuer = "Attacker CA"; }},
    {true, [](Source& s) { s.client = "203.0.113.1"; }},
    {true, [](Source& s) { s.address = "<k4mzq7ydx2vtn6rh3wcj5bpsl2eafguj@relay.example>"; }},
    {false, [](Source& s) { s.marks.originator_org = "attacker.onmicrosoft.com"; }},
    {false, [](Source& s) { s.marks.processed_tenant = kOtherId; }},
    {false, [](Source& s) { s.marks.organization_id = kOtherId; }},
};

Judgement BadMail(const TenantMarks& marks) {
  Judgement judgement = UsableReport();
  judgement.report.marks = marks;
  judgement.verdict.disposition = Disposition::kMalicious;
  return judgement;
}

Answer Send(World& world, const Source& source) {
  world.verdict = [&] { return Result<Judgement>(BadMail(source.marks)); };
  Session session(world.intake, source.client, "client.example");
  session.Helo(source.greeting);
  return World::Send(session, "report", source.address);
}

bool IsActedOn(const Decision& decision) {
  for (const RecipientDecision& recipient : decision.recipients) {
    if (recipient.action != Action::kNone) return true;
  }
  return false;
}

BOOST_AUTO_TEST_SUITE(truth_table)

BOOST_AUTO_TEST_CASE(only_a_source_that_proves_everything_is_acted_on) {
  constexpr unsigned kAll = 1U << std::size(kLosses);
  for (unsigned lost = 0; lost < kAll; ++lost) {
    Source source;
    bool connected = true;
    for (std::size_t i = 0; i < std::size(kLosses); ++i) {
      if ((lost >> i & 1U) == 0) continue;
      kLosses[i].take(source);
      connected = connected && !kLosses[i].of_connection;
    }
    BOOST_TEST_CONTEXT("missing: " << lost) {
      World world;
      world.intake.tenants.Publish(TenantDirectory({DemandingTenant()}));
      const Answer answer = Send(world, source);
      BOOST_TEST((answer.kind == Kind::kDiscard) == connected);
      BOOST_REQUIRE_EQUAL(world.queue.records.size(), connected ? 1U : 0U);
      BOOST_TEST(world.judged.size() == world.queue.records.size());
      if (!connected) continue;
      const Decision& decision = world.queue.records.front().decision;
      BOOST_TEST(ToString(decision.handling) == (lost == 0 ? "decided" : "unauthentic"));
      BOOST_TEST(IsActedOn(decision) == (lost == 0));
      BOOST_TEST(decision.reason.empty() == (lost == 0));
    }
  }
}

// Each proof counts by itself: a table that only ever fails as a whole would prove nothing.
BOOST_AUTO_TEST_CASE(what_is_not_demanded_may_be_missing) {
  for (const Loss& loss : kLosses) {
    Tenant tenant = DemandingTenant();
    tenant.demands = Demands{};
    tenant.demands.minimum_tls = TlsVersion::kNone;
    tenant.demands.networks.clear();
    tenant.demands.originator_org = "";
    tenant.demands.tenant_id_mark = false;
    Source source;
    loss.take(source);
    World world;
    world.intake.tenants.Publish(TenantDirectory({tenant}));
    const bool issued = source.address == Source{}.address;
    BOOST_TEST((Send(world, source).kind == Kind::kDiscard) == issued);
    if (issued) BOOST_TEST(IsActedOn(world.queue.records.front().decision));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
