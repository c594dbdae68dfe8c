// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/answers_audit.h"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "tests/retract/ledger/samples.h"

namespace clawback {

BOOST_AUTO_TEST_SUITE(answers_audit)

BOOST_AUTO_TEST_CASE(entries_and_the_state_of_the_chain_are_answered) {
  samples::TemporaryFolder folder;
  auto ledger = *OpenSqliteLedger(folder / "ledger");
  AuditNote note{{ActorKind::kUser, 1000, "ana"},
                 "settings.set",
                 "contoso",
                 "mode",
                 "ticket 7",
                 R"({"to":"enforce"})"};
  BOOST_REQUIRE(ledger->AppendAudit(note).ok());
  const AnswerSources sources{*ledger, [] { return SidecarStatus(); }};
  const auto rows = boost::json::parse(*AuditListResult(R"({"tenant":"contoso"})", sources));
  const auto& row = rows.at("rows").as_array().at(0).as_object();
  BOOST_TEST(row.at("who").at("text").as_string() == "ana (uid 1000)");
  BOOST_TEST(row.at("evidence").at("to").as_string() == "enforce");
  BOOST_TEST(boost::json::parse(*AuditVerifyResult(*ledger)).at("whole").as_bool());
  BOOST_TEST(!AuditListResult(R"({"limit":0})", sources).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
