// SPDX-License-Identifier: Apache-2.0
// A mistyped tenant is told apart from one of which there is nothing, and from one that was
// removed and has a history.
#include "retract/sidecar/known_tenant.h"

#include <boost/test/unit_test.hpp>
#include <fstream>

#include "retract/sidecar/answers.h"
#include "retract/sidecar/subscription.h"
#include "tests/retract/sidecar/bench_of_one.h"

namespace clawback {
namespace {

// The ledger knows of reports of contoso and of a change of fabrikam; a file is there for
// northwind alone.
struct TenantsBench : BenchOfOne {
  TenantsBench() : live(*ledger, FolderWithNorthwind(), files / "snapshot", "us") {
    Arm();
    const AuditNote note{
        {ActorKind::kUser, 1000, "ana"}, "tenant.remove", "fabrikam", "fabrikam", "left", "{}"};
    BOOST_REQUIRE(ledger->AppendAudit(note).ok());
    live.Begin(ReadTenantFolder(files / "").directory,
               [](const TenantDirectory&) { return std::vector<Error>(); });
  }
  std::string FolderWithNorthwind() {
    std::ofstream(files / "northwind.yaml")
        << "name: northwind\ntenant_id: 7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b2\n"
        << "domains: [northwind.example]\ngraph: {cloud: global, client_id: "
        << "0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e, client_secret: \"file:/x\"}\n";
    return files / "";
  }
  Result<std::string> Ask(std::string_view operation, const std::string& arguments) {
    ProtocolRequest request;
    request.operation = operation;
    request.arguments = arguments;
    return Answer(request, {ActorKind::kUser, 1000, "ana"},
                  {*ledger, [] { return SidecarStatus(); }, &live});
  }
  const samples::TemporaryFolder files;
  LiveSettings live;
};

struct Asking {
  std::string_view operation;
  std::string_view before, after;  // of the tenant's name
};

constexpr Asking kSearches[] = {{kTraceSearch, R"({"tenant":")", R"("})"},
                                {kAuditList, R"({"tenant":")", R"("})"},
                                {kHeldList, R"({"tenant":")", R"("})"},
                                {kJobList, R"({"tenant":")", R"("})"}};

constexpr Asking kOthers[] = {
    {kBreakerRelease, R"({"reason":"x","tenant":")", R"("})"},
    {kBreakerDiscard, R"({"reason":"x","tenant":")", R"("})"},
    {kJobPreview, R"({"task":"retract","action":"junk","reason":"x","matching":{"tenant":")",
     R"("}})"},
    {kJobPreview,
     R"({"task":"retract","action":"junk","reason":"x","message_ids":["<1@x>"],"tenant":")",
     R"("})"},
    {kJobPreview,
     R"({"task":"undo","reason":"x","acted":{"since":"2026-01-01T00:00:00Z","finding":"f","tenant":")",
     R"("}})"}};

std::string Arguments(const Asking& asking, std::string_view tenant) {
  return std::string(asking.before).append(tenant).append(asking.after);
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(known_tenant, TenantsBench)

BOOST_AUTO_TEST_CASE(a_mistyped_tenant_is_an_error_that_says_so) {
  std::vector<Asking> all(std::begin(kSearches), std::end(kSearches));
  all.insert(all.end(), std::begin(kOthers), std::end(kOthers));
  for (const Asking& asking : all) {
    const auto answer = Ask(asking.operation, Arguments(asking, "contosso"));
    BOOST_REQUIRE_MESSAGE(!answer.ok(), asking.operation);
    BOOST_TEST((answer.error().kind == ErrorKind::kNotFound), asking.operation);
    BOOST_TEST(answer.error().what.find("no tenant \"contosso\"") != std::string::npos,
               answer.error().what);
  }
}

BOOST_AUTO_TEST_CASE(a_tenant_of_files_reports_or_audit_is_searched) {
  for (const std::string_view tenant : {"northwind", "contoso", "fabrikam"}) {
    for (const Asking& asking : kSearches) {
      const auto answer = Ask(asking.operation, Arguments(asking, tenant));
      BOOST_TEST(answer.ok(), asking.operation << " of " << tenant);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_mistyped_tenant_is_not_followed) {
  ProtocolRequest request;
  request.operation = kSubscribe;
  request.arguments = R"({"tenant":"contosso"})";
  const auto refused = Subscription::Begin(request, *ledger, &live);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().kind == ErrorKind::kNotFound));
  request.arguments = R"({"tenant":"northwind"})";
  BOOST_TEST(Subscription::Begin(request, *ledger, &live).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
