// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/throttle.h"

#include <boost/test/unit_test.hpp>
#include <ctime>
#include <string>

namespace clawback::practice {
namespace {

using namespace std::chrono_literals;

const Throttle::Key kKey{"app", "user"};

std::string DateIn(std::chrono::seconds from_now) {
  const std::time_t at =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
  std::tm parts{};
  ::gmtime_r(&at, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

bool Refuses(Throttle& throttle, Throttle::Instant now) {
  const bool refused = throttle.Enter(kKey, {}, now) == Throttle::Verdict::kTooMany;
  if (!refused) throttle.Leave(kKey);
  return refused;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(throttle)

BOOST_AUTO_TEST_CASE(every_form_of_retry_after_pauses_and_who_comes_early_is_counted) {
  for (const std::string& form : {std::string("60"), std::string("59.5"), DateIn(60s)}) {
    Throttle throttle;
    const Throttle::Instant now = std::chrono::steady_clock::now();
    throttle.Pause(kKey, form, now);
    BOOST_TEST(Refuses(throttle, now + 30s), form);
    BOOST_TEST(throttle.counters().early_returns == 1, form);
    BOOST_TEST(!Refuses(throttle, now + 61s), form);
  }
}

BOOST_AUTO_TEST_CASE(a_date_that_has_passed_does_not_pause) {
  Throttle throttle;
  const Throttle::Instant now = std::chrono::steady_clock::now();
  throttle.Pause(kKey, DateIn(-60s), now);
  BOOST_TEST(!Refuses(throttle, now));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback::practice
