// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/backoff.h"

#include <boost/test/unit_test.hpp>
#include <set>
#include <vector>

namespace clawback {
namespace {

using namespace std::chrono_literals;

constexpr Time kArmed{milliseconds(1793696400000LL)};

// Seconds after arming of each look, when each comes exactly when it is due.
std::vector<std::int64_t> Looks(milliseconds give_up_after, std::size_t most) {
  std::vector<std::int64_t> looks;
  int attempts = 0;
  for (Time now = kArmed; looks.size() < most;) {
    const auto next = NextLook(kArmed, now, give_up_after, attempts++);
    if (!next) break;
    now = *next;
    looks.push_back((now - kArmed) / 1s);
  }
  return looks;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(backoff)

BOOST_AUTO_TEST_CASE(looks_come_quickly_at_first_and_then_hourly) {
  const std::vector<std::int64_t> expected = {5, 15, 45, 120, 300, 900, 3600, 7200, 10800};
  const auto looks = Looks(48h, expected.size());
  BOOST_TEST(looks == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_last_look_is_when_the_time_is_over) {
  const auto looks = Looks(90min, 100);
  BOOST_TEST(looks.back() == 5400);
  BOOST_TEST(looks.size() == 8u);
  BOOST_TEST(Looks(48h, 100).back() == 48 * 3600);
}

BOOST_AUTO_TEST_CASE(no_look_comes_after_the_time_is_over) {
  BOOST_TEST(!NextLook(kArmed, kArmed + 48h, 48h, 6).has_value());
  BOOST_TEST(!NextLook(kArmed, kArmed + 100h, 48h, 50).has_value());
}

BOOST_AUTO_TEST_CASE(a_look_that_took_long_skips_the_one_it_ran_into) {
  BOOST_TEST((*NextLook(kArmed, kArmed + 4500ms, 48h, 0) - kArmed) / 1s == 15);
}

BOOST_AUTO_TEST_CASE(a_clock_set_back_does_not_delay_the_next_look) {
  BOOST_TEST((*NextLook(kArmed, kArmed - 24h, 48h, 9) - (kArmed - 24h)) / 1s == 5);
}

// The clock was set ahead, or nobody was there: the quick looks come all the same.
BOOST_AUTO_TEST_CASE(a_time_that_is_over_at_once_is_looked_for_as_if_it_had_been_there) {
  const std::int64_t expected[] = {5, 10, 30, 75, 180, 600};
  for (int attempts = 0; attempts < 6; ++attempts) {
    const auto next = NextLook(kArmed, kArmed + 240h, 48h, attempts);
    BOOST_REQUIRE(next.has_value());
    BOOST_TEST((*next - kArmed - 240h) / 1s == expected[attempts]);
    BOOST_TEST(!IsOver(kArmed, kArmed + 240h, 48h, attempts));
  }
  BOOST_TEST(IsOver(kArmed, kArmed + 240h, 48h, 6));
  BOOST_TEST(IsOver(kArmed, kArmed + 3s, 3s, 0));
  BOOST_TEST(!IsOver(kArmed, kArmed + 20s, 20s, 1));
  BOOST_TEST(IsOver(kArmed, kArmed + 20s, 20s, 2));
}

BOOST_AUTO_TEST_CASE(a_wait_that_was_asked_for_wins_over_our_own) {
  const Error throttled{ErrorKind::kThrottled, "429", 17s};
  BOOST_TEST((NextTry(throttled, {9}, kArmed, 48h) - kArmed) / 1ms == 17000);
  const Error at_once{ErrorKind::kThrottled, "429", 0ms};
  BOOST_TEST((NextTry(at_once, {9}, kArmed, 48h) - kArmed) / 1ms == 0);
}

BOOST_AUTO_TEST_CASE(nobody_can_make_us_wait_longer_than_we_keep_trying) {
  const Error absurd{ErrorKind::kThrottled, "429", std::chrono::hours(24 * 365 * 200)};
  BOOST_TEST((NextTry(absurd, {0}, kArmed, 48h) - kArmed) / 1h == 48);
}

BOOST_AUTO_TEST_CASE(our_own_wait_doubles_from_three_seconds_to_three_minutes_and_is_spread) {
  const Error reset{ErrorKind::kTransient, "connection reset"};
  const std::int64_t expected[] = {3, 6, 12, 24, 48, 96, 180, 180};
  for (int before = 0; before < 8; ++before) {
    std::set<milliseconds> waits;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      const milliseconds wait = NextTry(reset, {before, seed}, kArmed, 48h) - kArmed;
      const milliseconds least = std::chrono::seconds(expected[before]);
      BOOST_TEST((wait >= least && wait <= std::min<milliseconds>(least * 5 / 4, 3min)));
      waits.insert(wait);
    }
    BOOST_TEST((waits.size() > 50 || expected[before] == 180));
  }
  BOOST_TEST((NextTry(reset, {1000000, 7}, kArmed, 48h) - kArmed) / 1s == 180);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
