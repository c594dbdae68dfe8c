// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/consent_states.h"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <set>

#include "tests/retract/ledger/samples.h"
#include "tests/support/manual_clock.h"

namespace clawback {
namespace {

const Actor kAna{ActorKind::kUser, 1000, "ana"};
const Actor kBen{ActorKind::kUser, 1001, "ben"};

bool IsRefused(const Status& taken) {
  return !taken.ok() && taken.error().kind == ErrorKind::kRefused;
}

struct Kept {
  samples::TemporaryFolder folder;
  std::unique_ptr<Ledger> ledger = *OpenSqliteLedger(folder / "ledger");
  ManualClock clock;
  ConsentStates states{*ledger, clock};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(consent_states, Kept)

BOOST_AUTO_TEST_CASE(a_state_is_good_once) {
  const auto state = states.Issue("contoso", kAna);
  BOOST_REQUIRE(state.ok());
  BOOST_TEST(states.Take(*state, "contoso", kAna).ok());
  BOOST_TEST(IsRefused(states.Take(*state, "contoso", kAna)));
  BOOST_TEST(IsRefused(states.Take("", "contoso", kAna)));
}

BOOST_AUTO_TEST_CASE(it_is_of_its_tenant_and_its_asker_and_any_try_uses_it_up) {
  const auto first = states.Issue("contoso", kAna);
  BOOST_TEST(IsRefused(states.Take(*first, "fabrikam", kAna)));
  BOOST_TEST(IsRefused(states.Take(*first, "contoso", kAna)));
  const auto second = states.Issue("contoso", kAna);
  BOOST_TEST(IsRefused(states.Take(*second, "contoso", kBen)));
  BOOST_TEST(IsRefused(states.Take(*second, "contoso", kAna)));
  // The kernel's word for a user is the number; accounts have names alone.
  const auto third = states.Issue("contoso", {ActorKind::kUser, 1000, "ana"});
  BOOST_TEST(states.Take(*third, "contoso", {ActorKind::kUser, 1000, "renamed"}).ok());
  const auto fourth = states.Issue("contoso", {ActorKind::kAccount, -1, "ana"});
  BOOST_TEST(IsRefused(states.Take(*fourth, "contoso", {ActorKind::kAccount, -1, "ben"})));
}

BOOST_AUTO_TEST_CASE(it_ends_after_ten_minutes) {
  const auto one = states.Issue("contoso", kAna);
  const auto other = states.Issue("contoso", kAna);
  clock.Pass(ConsentStates::kLife - milliseconds(1));
  BOOST_TEST(states.Take(*one, "contoso", kAna).ok());
  clock.Pass(milliseconds(1));
  BOOST_TEST(IsRefused(states.Take(*other, "contoso", kAna)));
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_gives_it_no_longer_life) {
  const auto state = states.Issue("contoso", kAna);
  clock.Set(ManualClock::kMorning - std::chrono::hours(24));
  BOOST_TEST(IsRefused(states.Take(*state, "contoso", kAna)));
}

BOOST_AUTO_TEST_CASE(it_outlives_a_restart_and_stays_good_once) {
  const auto state = states.Issue("contoso", kAna);
  ledger.reset();
  ledger = *OpenSqliteLedger(folder / "ledger");
  ConsentStates later{*ledger, clock};
  BOOST_TEST(later.Take(*state, "contoso", kAna).ok());
  BOOST_TEST(IsRefused(later.Take(*state, "contoso", kAna)));
}

BOOST_AUTO_TEST_CASE(a_flood_drops_the_oldest) {
  const auto first = states.Issue("contoso", kAna);
  std::set<std::string> all{*first};
  for (std::size_t i = 0; i < kMostConsents; ++i) {
    clock.Pass(milliseconds(1));
    all.insert(*states.Issue("contoso", kAna));
  }
  BOOST_TEST(all.size() == kMostConsents + 1);
  BOOST_TEST(IsRefused(states.Take(*first, "contoso", kAna)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
