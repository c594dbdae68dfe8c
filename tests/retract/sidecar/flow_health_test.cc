// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/flow_health.h"

#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "retract/sidecar/answers_flow.h"
#include "retract/sidecar/flow_watch.h"
#include "tests/retract/ledger/samples.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;
using samples::kMorning;  // a Tuesday, 9:00

// So many reports in the hour that begins at, the last of them a minute before its end.
void Add(FlowCounts* counts, Time hour, std::int64_t reports, FlowKind kind = FlowKind::kReport,
         const std::string& detail = "") {
  (*counts)[{"contoso", kind, detail, hour}] = {reports, hour + 59min};
}

// A week in which every hour from 8 to 17 o'clock brings 60 reports, but on Saturday and
// Sunday only one; up to kMorning, not with it.
FlowCounts OfficeWeeks(int weeks) {
  FlowCounts counts;
  for (Time hour = kMorning - std::chrono::hours(168 * weeks); hour < kMorning; hour += 1h) {
    const auto day = std::chrono::floor<std::chrono::days>(hour);
    const auto of_day = std::chrono::duration_cast<std::chrono::hours>(hour - day).count();
    const unsigned weekday = std::chrono::weekday(day).c_encoding();
    if (of_day < 8 || of_day > 17) continue;
    Add(&counts, hour, weekday == 0 || weekday == 6 ? 1 : 60);
  }
  return counts;
}

const FlowTotal& TotalOf(const FlowHealth& health, FlowKind kind, const std::string& detail = "") {
  const auto found = std::find_if(
      health.totals.begin(), health.totals.end(),
      [&](const FlowTotal& total) { return total.kind == kind && total.detail == detail; });
  BOOST_REQUIRE(found != health.totals.end());
  return *found;
}

// A ledger, a clock and a watch over the tenant contoso.
struct Watched {
  samples::TemporaryFolder folder;
  ManualClock clock;
  std::unique_ptr<Ledger> ledger = *OpenSqliteLedger(folder / "ledger");

  void Ingest(const FlowCounts& counts) {
    std::vector<FollowedCount> followed;
    for (const auto& [key, counted] : counts) {
      followed.push_back({{"decisions-20261103.db", ++rows_}, key, counted});
    }
    BOOST_REQUIRE(ledger->IngestCounts("us-east", followed).ok());
  }

 private:
  std::int64_t rows_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(flow_health)

BOOST_AUTO_TEST_CASE(without_a_report_it_waits_and_every_kind_is_told) {
  const FlowHealth health = AssessFlow({}, kMorning);
  BOOST_TEST((health.state == FlowState::kWaiting));
  BOOST_TEST(!health.last_report.has_value());
  BOOST_TEST(health.totals.size() == std::size(kAllFlowKinds));
  BOOST_TEST(!FlowAlert(health).has_value());
}

BOOST_AUTO_TEST_CASE(counts_of_a_clock_that_was_set_back_hide_no_stop) {
  FlowCounts counts = OfficeWeeks(2);
  Add(&counts, kMorning + 240h, 60);
  const FlowHealth health = AssessFlow(counts, kMorning + 9h);
  BOOST_TEST((health.state == FlowState::kStopped));
  BOOST_TEST((*health.last_report == kMorning - 1min));
}

BOOST_AUTO_TEST_CASE(the_last_hour_is_told_beside_the_usual_of_the_same_hour) {
  FlowCounts counts = OfficeWeeks(2);
  const FlowHealth health = AssessFlow(counts, kMorning + 10min);
  BOOST_TEST((health.state == FlowState::kFlowing));
  BOOST_TEST((health.hour == kMorning - 1h));
  BOOST_TEST(health.reports == 60);
  // Five days of 60, two of one.
  BOOST_TEST(health.usual == (5 * 60 + 2) / 7.0, boost::test_tools::tolerance(0.001));
}

BOOST_AUTO_TEST_CASE(a_flow_that_stops_is_alarmed_and_one_that_rests_is_not) {
  const FlowCounts counts = OfficeWeeks(2);
  const auto state = [&](Time now) { return AssessFlow(counts, now).state; };
  BOOST_TEST((state(kMorning + 5min) == FlowState::kFlowing));
  BOOST_TEST((state(kMorning + 30min) == FlowState::kStopped));
  const FlowHealth stopped = AssessFlow(counts, kMorning + 1h);
  BOOST_TEST(stopped.missing > 40);
  BOOST_TEST(FlowAlert(stopped).value().find("no report since 2026-11-03T08:59") == 0U);
  // However long it lasts, what it does not bring is not taken for usual.
  BOOST_TEST(AssessFlow(counts, kMorning + 24h * 10).missing > stopped.missing);
  // At night, and at the weekend, nothing is missing.
  FlowCounts until_evening = counts;
  for (Time hour = kMorning; hour < kMorning + 9h; hour += 1h) Add(&until_evening, hour, 60);
  BOOST_TEST((AssessFlow(until_evening, kMorning + 22h).state == FlowState::kFlowing));
  FlowCounts until_friday;
  for (const auto& [key, counted] : counts) {
    if (key.since < kMorning - 24h * 3) until_friday[key] = counted;
  }
  const Time saturday_noon = kMorning - 24h * 3 + 3h;
  BOOST_TEST((AssessFlow(until_friday, saturday_noon).state == FlowState::kFlowing));
}

BOOST_AUTO_TEST_CASE(a_young_flow_is_measured_by_its_mean) {
  FlowCounts counts;
  for (int hours = 5; hours > 0; --hours) Add(&counts, kMorning - hours * 1h, 20);
  const FlowHealth health = AssessFlow(counts, kMorning + 20min);
  BOOST_TEST(health.usual == 20, boost::test_tools::tolerance(0.001));
  BOOST_TEST((health.state == FlowState::kFlowing));
  BOOST_TEST((AssessFlow(counts, kMorning + 40min).state == FlowState::kStopped));
}

BOOST_AUTO_TEST_CASE(totals_are_of_a_day_and_a_week) {
  FlowCounts counts;
  Add(&counts, kMorning - 1h, 2, FlowKind::kUnmetDemand, "network");
  Add(&counts, kMorning - 72h, 3, FlowKind::kUnmetDemand, "network");
  Add(&counts, kMorning - 72h, 5, FlowKind::kUnmetDemand, "tls");
  Add(&counts, kMorning - 24h * 9, 7, FlowKind::kUnmetDemand, "network");
  const FlowHealth health = AssessFlow(counts, kMorning);
  BOOST_TEST(TotalOf(health, FlowKind::kUnmetDemand, "network").day == 2);
  BOOST_TEST(TotalOf(health, FlowKind::kUnmetDemand, "network").week == 5);
  BOOST_TEST(TotalOf(health, FlowKind::kUnmetDemand, "tls").week == 5);
  BOOST_TEST(TotalOf(health, FlowKind::kRepeat).week == 0);
}

BOOST_AUTO_TEST_CASE(a_certificate_is_alarmed_three_weeks_before_its_end) {
  const auto alert = [](std::chrono::hours left) {
    return CertificateAlert({"/etc/relay.crt", kMorning + left, ""}, kMorning);
  };
  BOOST_TEST(!alert(22 * 24h).has_value());
  BOOST_TEST(alert(20 * 24h).value().find("ends in 20 days") != std::string::npos);
  BOOST_TEST(alert(-1h).value().find("ended at") != std::string::npos);
  BOOST_TEST(!CertificateAlert(LookAtCertificate(""), kMorning).has_value());
  BOOST_TEST(CertificateAlert(LookAtCertificate("/nowhere.crt"), kMorning).has_value());
}

BOOST_AUTO_TEST_CASE(an_alert_is_said_once_a_day_and_its_end_too) {
  Watched watched;
  watched.clock.Set(kMorning + 1h);
  watched.Ingest(OfficeWeeks(2));
  FlowWatch watch(*watched.ledger, watched.clock, "", [] {
    return std::vector<std::string>{"contoso", "quiet"};
  });
  const auto first = watch.Step();
  BOOST_REQUIRE_EQUAL(first.size(), 1U);
  BOOST_TEST(first[0].find("contoso: no report since") == 0U);
  BOOST_TEST(watch.Step().empty());
  watched.clock.Set(kMorning + 26h);
  BOOST_TEST(watch.Step().size() == 1U);
  FlowCounts back;
  Add(&back, kMorning + 25h, 60);
  watched.Ingest(back);
  BOOST_TEST(watch.Step().empty());
  watched.clock.Set(kMorning + 27h);  // stopped anew: said anew
  BOOST_TEST(watch.Step().size() == 1U);
}

BOOST_AUTO_TEST_CASE(the_flow_of_a_tenant_tells_what_demanding_the_certificate_would_refuse) {
  Watched watched;
  FlowCounts counts;
  Add(&counts, kMorning - 1h, 10);
  Add(&counts, kMorning - 1h, 4, FlowKind::kNoCertificate);
  Add(&counts, kMorning - 1h, 9, FlowKind::kToAddress, "a@relay.example");
  Add(&counts, kMorning - 2h, 1, FlowKind::kConnectorValidation);
  counts[{"", FlowKind::kUnknownAddress, "", kMorning - 1h}] = {6, kMorning};
  watched.Ingest(counts);
  Tenant tenant;
  tenant.name = "contoso";
  tenant.service_addresses = {{"a@relay.example", "us"}, {"b@relay.example", "us", kMorning, ""}};
  const TenantDirectory tenants({tenant});
  const RelayCertificate ending{"/etc/relay.crt", kMorning + 24h, ""};
  const auto answer = TenantFlowResult("{}", tenants, ending, *watched.ledger, kMorning);
  BOOST_REQUIRE_MESSAGE(answer.ok(), samples::Fault(answer));
  const auto result = boost::json::parse(*answer).as_object();
  const auto& row = result.at("rows").at(0).as_object();
  BOOST_TEST(row.at("state").as_string() == "flowing");
  BOOST_TEST(row.at("certificate").at("would_refuse").as_int64() == 4);
  BOOST_TEST(row.at("certificate").at("of").as_int64() == 10);
  BOOST_TEST(!row.at("certificate").at("demanded").as_bool());
  BOOST_TEST(row.at("connector_validated").as_string() == "2026-11-03T07:59:00.000Z");
  BOOST_TEST(row.at("addresses").at(0).at("last_report").as_string() == "2026-11-03T08:59:00.000Z");
  BOOST_TEST(!row.at("addresses").at(1).at("valid").as_bool());
  BOOST_TEST(row.at("alerts").at(0).at("kind").as_string() == "relay-certificate");
  BOOST_TEST(result.at("unknown_addresses").at("week").as_int64() == 6);
  BOOST_TEST((TenantFlowResult(R"({"tenant":"nobody"})", tenants, ending, *watched.ledger, kMorning)
                  .error()
                  .kind == ErrorKind::kNotFound));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
