// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/throttle.h"

#include <boost/test/unit_test.hpp>
#include <ctime>
#include <string>

namespace clawback::practice {
namespace {

using namespace std::chrono_literals;

const ThrottleKey kKey{"app", "user"};

std::string DateIn(std::chrono::seconds from_now) {
  const std::time_t at =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
  std::tm parts{};
  ::gmtime_r(&at, &parts);
  char text[40];
  return {text, std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts)};
}

bool Refuses(Throttle& throttle, Throttle::Instant now) {
  const bool refused = throttle.Enter(kKey, {}, now) != Throttle::Verdict::kEnter;
  if (!refused) throttle.Leave(kKey);
  return refused;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(throttle)

BOOST_AUTO_TEST_CASE(every_form_of_retry_after_pauses_and_who_comes_early_is_counted) {
  for (const std::string& form : {std::string("60"), std::string("59.5"), DateIn(60s)}) {
    Throttle throttle;
    const Throttle::Instant now = std::chrono::steady_clock::now();
    throttle.Pause(kKey, false, form, now);
    BOOST_TEST(Refuses(throttle, now + 30s), form);
    BOOST_TEST(throttle.counters().early_returns == 1, form);
    BOOST_TEST(!Refuses(throttle, now + 61s), form);
  }
}

BOOST_AUTO_TEST_CASE(a_date_that_has_passed_does_not_pause) {
  Throttle throttle;
  const Throttle::Instant now = std::chrono::steady_clock::now();
  throttle.Pause(kKey, false, DateIn(-60s), now);
  BOOST_TEST(!Refuses(throttle, now));
}

BOOST_AUTO_TEST_CASE(the_limit_of_an_app_holds_in_all_its_mailboxes_and_no_other_app) {
  Throttle throttle;
  const ServiceSettings settings{.app_requests = 2};
  const Throttle::Instant now = std::chrono::steady_clock::now();
  const auto enter = [&](const ThrottleKey& key, Throttle::Instant at) {
    const Throttle::Verdict verdict = throttle.Enter(key, settings, at);
    if (verdict == Throttle::Verdict::kEnter) throttle.Leave(key);
    return verdict;
  };
  for (const char* user : {"one", "two"}) {
    BOOST_TEST((enter({"app", user}, now) == Throttle::Verdict::kEnter));
  }
  BOOST_TEST((enter({"app", "three"}, now) == Throttle::Verdict::kAppOver));
  BOOST_TEST((enter({"other", "one"}, now) == Throttle::Verdict::kEnter));
  BOOST_TEST(throttle.counters().early_returns == 0);
  BOOST_TEST((enter({"app", "two"}, now + 500ms) == Throttle::Verdict::kAppOver));
  BOOST_TEST(throttle.counters().early_returns == 1);
  BOOST_TEST((throttle.counters().earliest == 500ms));
  BOOST_TEST((enter({"app", "two"}, now + 11s) == Throttle::Verdict::kEnter));
}

BOOST_AUTO_TEST_CASE(one_too_many_at_once_is_told_from_one_too_many_in_all) {
  Throttle throttle;
  const Throttle::Instant now = std::chrono::steady_clock::now();
  for (int i = 0; i < 4; ++i) {
    BOOST_TEST((throttle.Enter(kKey, {}, now) == Throttle::Verdict::kEnter));
  }
  BOOST_TEST((throttle.Enter(kKey, {}, now) == Throttle::Verdict::kMailboxOver));
  BOOST_TEST(throttle.counters().over_concurrency == 1);
  BOOST_TEST(throttle.counters().most_in_flight == 4);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback::practice
