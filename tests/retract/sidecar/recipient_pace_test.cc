// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/recipient_pace.h"

#include <boost/test/unit_test.hpp>

#include "tests/support/manual_clock.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(recipient_pace)

BOOST_AUTO_TEST_CASE(nobody_rests_until_a_time_of_a_clock_that_was_set_back) {
  constexpr Time kNow = ManualClock::kMorning;
  RecipientPace pace(4);
  ClaimedRetraction claim;
  claim.tenant = "contoso";
  claim.recipient = "ada@contoso.example";
  pace.Begin(claim);
  pace.End(claim, kNow + 240h, kNow + 240h - 1min);
  BOOST_TEST(pace.Busy(kNow).size() == 1U);
  pace.LimitRests(kNow + 1s);
  BOOST_TEST(pace.Busy(kNow).size() == 1U);
  BOOST_TEST(pace.Busy(kNow + 1s).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
