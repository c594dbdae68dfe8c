// SPDX-License-Identifier: Apache-2.0
// What every Clock promises: the machine's, and the one that tests turn by hand.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <memory>
#include <ostream>
#include <string_view>
#include <thread>
#include <vector>

#include "policy/base/clock.h"
#include "tests/support/manual_clock.h"

namespace clawback {

struct ClockMaker {
  std::string_view name;
  std::unique_ptr<Clock> (*make)();
};
inline std::ostream& operator<<(std::ostream& out, const ClockMaker& maker) {
  return out << maker.name;
}

namespace {

const ClockMaker kClocks[] = {
    {"system", [] { return std::unique_ptr<Clock>(std::make_unique<SystemClock>()); }},
    {"manual", [] { return std::unique_ptr<Clock>(std::make_unique<ManualClock>()); }},
};

BOOST_AUTO_TEST_SUITE(clock_contract)

BOOST_DATA_TEST_CASE(monotonic_time_never_goes_back, kClocks, maker) {
  const auto clock = maker.make();
  auto last = clock->Monotonic();
  for (int i = 0; i < 1000; ++i) {
    const auto now = clock->Monotonic();
    BOOST_REQUIRE(now >= last);
    last = now;
  }
}

BOOST_DATA_TEST_CASE(wall_time_is_after_the_year_2020_and_can_be_written_down, kClocks, maker) {
  const Time now = maker.make()->Now();
  BOOST_TEST((now > *ParseTime("2020-01-01T00:00:00Z")));
  BOOST_TEST((*ParseTime(FormatTime(now)) == now));
}

BOOST_DATA_TEST_CASE(both_times_are_read_from_any_thread, kClocks, maker) {
  const auto clock = maker.make();
  std::vector<std::thread> readers;
  for (int i = 0; i < 4; ++i) {
    readers.emplace_back([&] {
      for (int n = 0; n < 1000; ++n) {
        (void)clock->Now();
        (void)clock->Monotonic();
      }
    });
  }
  for (std::thread& reader : readers) reader.join();
  const auto earlier = clock->Monotonic();
  BOOST_TEST((clock->Monotonic() >= earlier));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
