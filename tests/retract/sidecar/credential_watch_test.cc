// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/credential_watch.h"

#include <boost/test/unit_test.hpp>

#include "retract/sidecar/authorization_json.h"
#include "tests/support/manual_clock.h"

namespace clawback {
namespace {

using std::chrono::hours;

Tenant Ending(std::string name, std::optional<Time> end) {
  Tenant tenant;
  tenant.name = std::move(name);
  tenant.settings_version = "v1";
  tenant.graph.client_secret = "file:/secret";
  tenant.graph.client_secret_ends = end;
  return tenant;
}

using Names = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_SUITE(credential_watch)

BOOST_AUTO_TEST_CASE(a_month_ahead_it_begins_to_warn) {
  const Time now = ManualClock::kMorning;
  BOOST_TEST(!EndWarning(std::nullopt, now));
  BOOST_TEST(!EndWarning(now + hours(24 * 30) + milliseconds(1), now));
  BOOST_TEST(EndWarning(now + hours(24 * 30), now).value_or("").find("in 30 days") !=
             std::string::npos);
  BOOST_TEST(EndWarning(now, now).value_or("").find("ended at") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(it_warns_once_a_day_of_each_that_ends) {
  ManualClock clock;
  CredentialWatch watch(clock);
  const Time now = clock.Now();
  Tenant unreadable = Ending("d", std::nullopt);
  unreadable.graph.client_secret.clear();
  unreadable.graph.certificate = "/nonexistent.pem";
  watch.Load(TenantDirectory({Ending("a", std::nullopt), Ending("b", now + hours(24 * 40)),
                              Ending("c", now - hours(1)), unreadable}));
  BOOST_TEST((watch.Look() == Names{}));  // Load has looked
  clock.Pass(hours(23));
  BOOST_TEST((watch.Look() == Names{}));
  clock.Pass(hours(1));
  BOOST_TEST((watch.Look() == Names{"c", "d"}));
  clock.Pass(hours(24 * 10));
  BOOST_TEST((watch.Look() == Names{"b", "c", "d"}));
}

BOOST_AUTO_TEST_CASE(it_ends_when_asked_to) {
  ManualClock clock;
  CredentialWatch watch(clock);
  std::stop_source stop;
  stop.request_stop();
  watch.Run(stop.get_token());
  BOOST_TEST(watch.Look().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
