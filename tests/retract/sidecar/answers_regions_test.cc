// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/answers_regions.h"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "retract/ledger/pruning.h"
#include "tests/retract/ledger/samples.h"

namespace clawback {
namespace {

const std::vector<std::string> kTenants{"contoso", "fabrikam"};
constexpr Time kDecember{std::chrono::sys_days(std::chrono::year(2026) / 12 / 1)};

std::unique_ptr<Ledger> LedgerWith(const samples::TemporaryFolder& folder,
                                   const std::string& address_region) {
  auto ledger = *OpenSqliteLedger(folder / "ledger");
  FollowedRecord followed{{"decisions-20261103.db", 1}, samples::Record(1)};
  followed.record.channel.address_region = address_region;
  BOOST_REQUIRE(ledger->Ingest("us-east", std::vector{followed}).ok());
  return ledger;
}

boost::json::object Report(Ledger& ledger, Time now, const char* arguments) {
  const auto answer = RegionReportResult(arguments, "us-east", kTenants, ledger, now);
  BOOST_REQUIRE_MESSAGE(answer.ok(), samples::Fault(answer));
  return boost::json::parse(*answer).as_object();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(answers_regions)

BOOST_AUTO_TEST_CASE(a_month_begins_and_ends_where_the_next_does) {
  const auto november = MonthOf("2026-11");
  BOOST_REQUIRE(november.has_value());
  BOOST_TEST(FormatTime(november->from) == "2026-11-01T00:00:00.000Z");
  BOOST_TEST(FormatTime(november->until) == "2026-12-01T00:00:00.000Z");
  BOOST_TEST(FormatTime(MonthOf("2026-12")->until) == "2027-01-01T00:00:00.000Z");
  for (const char* wrong : {"", "2026", "2026-13", "2026-00", "2026-1", "2026/11", "+026-11",
                            "2026--1", "2026-1x", "2026-111", " 2026-1"}) {
    BOOST_TEST(!MonthOf(wrong).has_value(), wrong);
  }
}

BOOST_AUTO_TEST_CASE(a_month_in_order_is_proven_and_one_report_elsewhere_is_not) {
  const samples::TemporaryFolder good, bad, old;
  const char* november = R"({"month":"2026-11"})";
  const auto fine = Report(*LedgerWith(good, "us"), kDecember, november);
  BOOST_TEST(fine.at("proven").as_bool());
  BOOST_TEST(fine.at("ended").as_bool());
  BOOST_TEST(fine.at("in_region").as_int64() == 1);
  BOOST_TEST(fine.at("ledger_of").as_string() == "us-east");
  BOOST_TEST(fine.at("violations").as_array().empty());

  const auto wrong = Report(*LedgerWith(bad, "eu"), kDecember, november);
  BOOST_TEST(!wrong.at("proven").as_bool());
  BOOST_TEST(wrong.at("violation").as_int64() == 1);
  const auto& named = wrong.at("violations").as_array().at(0).as_object();
  BOOST_TEST(named.at("message_id").as_string() == "<1@sender.example>");
  BOOST_TEST(named.at("address_region").as_string() == "eu");
  BOOST_TEST(named.at("relay").as_string() == "us-east");

  const auto unknown = Report(*LedgerWith(old, ""), kDecember, november);
  BOOST_TEST(!unknown.at("proven").as_bool());
  BOOST_TEST(unknown.at("unproven").as_int64() == 1);
}

BOOST_AUTO_TEST_CASE(a_month_of_which_reports_were_pruned_is_not_proven) {
  const samples::TemporaryFolder folder;
  const auto ledger = LedgerWith(folder, "us");
  const char* november = R"({"month":"2026-11"})";
  BOOST_TEST(Report(*ledger, kDecember, november).at("complete").as_bool());
  FollowedRecord old{{"decisions-20261103.db", 2},
                     samples::Record(2, {Action::kNone, {"a@b.c"}, ""})};
  BOOST_REQUIRE(ledger->Ingest("us-east", {&old, 1}).ok());
  for (PruneCursor at; at.stage != PruneStage::kDone;) {
    at = ledger->Prune(at, kDecember, 100).value().next;
  }
  const auto pruned = Report(*ledger, kDecember, november);
  BOOST_TEST(!pruned.at("complete").as_bool());
  BOOST_TEST(!pruned.at("proven").as_bool());
  BOOST_TEST(pruned.at("in_region").as_int64() == 1);  // it is armed
  BOOST_TEST(Report(*ledger, kDecember, R"({"month":"2026-12"})").at("complete").as_bool());
}

BOOST_AUTO_TEST_CASE(it_keeps_to_month_and_tenant_and_says_when_the_month_goes_on) {
  const samples::TemporaryFolder folder;
  const auto ledger = LedgerWith(folder, "eu");
  const Time before = kDecember - milliseconds(1);
  BOOST_TEST(!Report(*ledger, before, R"({"month":"2026-11"})").at("ended").as_bool());
  BOOST_TEST(Report(*ledger, before, R"({"month":"2026-10"})").at("proven").as_bool());
  BOOST_TEST(Report(*ledger, before, R"({"month":"2026-11","tenant":"fabrikam"})")
                 .at("rows")
                 .as_array()
                 .empty());
  for (const char* wrong : {"{}", R"({"month":"2026-12"})", R"({"month":"November"})"}) {
    const auto answer = RegionReportResult(wrong, "us-east", kTenants, *ledger, before);
    BOOST_REQUIRE(!answer.ok());
    BOOST_TEST((answer.error().kind == ErrorKind::kInvalid), wrong);
  }
}

// A mistyped name proves nothing; one that is gone is known by its reports.
BOOST_AUTO_TEST_CASE(a_tenant_that_there_never_was_is_an_error) {
  const samples::TemporaryFolder folder;
  const auto ledger = LedgerWith(folder, "us");
  const auto answer = RegionReportResult(R"({"month":"2026-11","tenant":"contosso"})", "us-east",
                                         kTenants, *ledger, kDecember);
  BOOST_REQUIRE(!answer.ok());
  BOOST_TEST((answer.error().kind == ErrorKind::kNotFound));
  BOOST_TEST(RegionReportResult(R"({"month":"2026-11","tenant":"contoso"})", "us-east", {}, *ledger,
                                kDecember)
                 .ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
