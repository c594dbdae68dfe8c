// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/request_limits.h"

#include <boost/test/unit_test.hpp>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/manual_clock.h"

namespace clawback {
namespace {

BOOST_AUTO_TEST_SUITE(request_limits)

using std::chrono::seconds;

const RequestScope kAnna{"contoso", "anna"};
const RequestScope kBen{"contoso", "ben"};

BOOST_AUTO_TEST_CASE(the_fifth_request_to_a_mailbox_waits_and_other_mailboxes_do_not) {
  const ManualClock clock;
  RequestLimits limits(clock, {16, 16, 4});
  std::vector<RequestLimits::Slot> slots;
  for (int i = 0; i < 4; ++i) {
    auto slot = limits.Enter(kAnna, seconds(0));
    BOOST_REQUIRE(slot.ok());
    slots.push_back(*std::move(slot));
  }
  const auto fifth = limits.Enter(kAnna, milliseconds(1));
  BOOST_TEST((!fifth.ok() && fifth.error().kind == ErrorKind::kTransient));
  BOOST_TEST(limits.Enter(kBen, seconds(0)).ok());
  slots.pop_back();
  BOOST_TEST(limits.Enter(kAnna, seconds(0)).ok());
}

BOOST_AUTO_TEST_CASE(a_tenant_and_the_relay_have_their_caps) {
  const ManualClock clock;
  RequestLimits limits(clock, {3, 2, 4});
  const auto first = limits.Enter({"a", "1"}, seconds(0));
  const auto second = limits.Enter({"a", "2"}, seconds(0));
  BOOST_TEST(!limits.Enter({"a", "3"}, milliseconds(1)).ok());
  const auto third = limits.Enter({"b", "1"}, seconds(0));
  BOOST_TEST((first.ok() && second.ok() && third.ok()));
  BOOST_TEST(!limits.Enter({"c", "1"}, milliseconds(1)).ok());
}

// How many requests, each in a mailbox of its own, a tenant may have under way; they are kept.
std::size_t Entered(RequestLimits& limits, const std::string& tenant,
                    std::vector<RequestLimits::Slot>* slots) {
  for (std::size_t entered = 0;; ++entered) {
    auto slot = limits.Enter({tenant, std::to_string(entered)}, milliseconds(1));
    if (!slot.ok()) return entered;
    slots->push_back(*std::move(slot));
  }
}

BOOST_AUTO_TEST_CASE(among_several_none_takes_all) {
  const ManualClock clock;
  RequestLimits own(clock, {64, 64, 4});
  std::vector<RequestLimits::Slot> alone;
  BOOST_TEST(Entered(own, "silent", &alone) == 64U);
  RequestLimits limits(clock, {64, 64, 4});
  std::vector<RequestLimits::Slot> shared;
  limits.Share(true);
  BOOST_TEST(Entered(limits, "silent", &shared) == 56U);
  BOOST_TEST(Entered(limits, "silent too", &shared) == 7U);
  BOOST_TEST(Entered(limits, "third", &shared) == 1U);
  shared.pop_back();
  BOOST_TEST(!limits.Enter({"silent", "x"}, milliseconds(1)).ok());
  BOOST_TEST(limits.Enter({"fourth", "x"}, milliseconds(1)).ok());
  limits.Share(false);
  BOOST_TEST(limits.Enter({"silent", "x"}, milliseconds(1)).ok());
}

BOOST_AUTO_TEST_CASE(who_waits_gets_the_slot_that_comes_free) {
  const ManualClock clock;
  RequestLimits limits(clock, {1, 1, 1});
  std::optional<RequestLimits::Slot> held(*limits.Enter(kAnna, seconds(0)));
  std::atomic<bool> entered{false};
  std::thread waiter([&] { entered = limits.Enter(kBen, seconds(30)).ok(); });
  held.reset();
  waiter.join();
  BOOST_TEST(entered.load());
}

BOOST_AUTO_TEST_CASE(a_paused_mailbox_is_throttled_at_once_until_its_time_has_passed) {
  ManualClock clock;
  RequestLimits limits(clock);
  limits.Pause(kAnna, seconds(5));
  limits.Pause(kAnna, seconds(2));  // never shortens
  clock.Pass(seconds(1));
  const auto early = limits.Enter(kAnna, seconds(30));
  BOOST_REQUIRE(!early.ok());
  BOOST_TEST((early.error().kind == ErrorKind::kThrottled));
  BOOST_TEST((early.error().retry_after == seconds(4)));
  BOOST_TEST(limits.Enter(kBen, seconds(0)).ok());
  clock.Pass(seconds(4));
  BOOST_TEST(limits.Enter(kAnna, seconds(0)).ok());
}

BOOST_AUTO_TEST_CASE(a_pause_of_a_tenant_is_one_of_all_its_mailboxes) {
  ManualClock clock;
  RequestLimits limits(clock);
  limits.Pause({"a", ""}, seconds(5));
  BOOST_TEST(!limits.Enter({"a", "1"}, seconds(0)).ok());
  BOOST_TEST(!limits.Enter({"a", "directory"}, seconds(0)).ok());
  BOOST_TEST(limits.Enter({"b", "1"}, seconds(0)).ok());
  clock.Pass(seconds(5));
  BOOST_TEST(limits.Enter({"a", "1"}, seconds(0)).ok());
}

BOOST_AUTO_TEST_CASE(a_throttle_that_says_no_time_doubles_from_three_seconds_while_it_goes_on) {
  ManualClock clock;
  RequestLimits limits(clock);
  const auto next_pause = [&] {
    limits.Pause(kAnna, std::nullopt);
    limits.Pause(kAnna, std::nullopt);  // another answer to what was already under way
    const auto left = *limits.Enter(kAnna, seconds(0)).error().retry_after;
    clock.Pass(left);
    return left;
  };
  for (const int expected : {3, 6, 12, 24, 48, 96, 180, 180}) {
    BOOST_TEST((next_pause() == seconds(expected)));
  }
  clock.Pass(seconds(181));
  BOOST_TEST((next_pause() == seconds(3)));
}

BOOST_AUTO_TEST_CASE(people_may_be_looked_up_by_more_than_four_at_once) {
  const ManualClock clock;
  RequestLimits limits(clock, {.relay = 16, .tenant = 16, .mailbox = 4});
  std::vector<RequestLimits::Slot> slots;
  for (int i = 0; i < 16; ++i) {
    auto slot = limits.Enter({"contoso", std::string(kDirectory)}, seconds(0));
    BOOST_REQUIRE(slot.ok());
    slots.push_back(*std::move(slot));
  }
}

// How many requests are let in until one is told to wait; 0: none is.
int MadeUntilTold(RequestLimits& limits, int most, std::optional<milliseconds>* told = nullptr) {
  for (int made = 0; made < most; ++made) {
    const auto slot = limits.Enter(kAnna, seconds(0));
    if (slot.ok()) continue;
    BOOST_TEST((slot.error().kind == ErrorKind::kThrottled));
    if (told != nullptr) *told = slot.error().retry_after;
    return made;
  }
  return 0;
}

BOOST_AUTO_TEST_CASE(a_mailbox_gets_its_budget_of_ten_minutes_and_no_more) {
  ManualClock clock;
  RequestLimits limits(clock, {.mailbox_budget = 1000});
  std::optional<milliseconds> told;
  BOOST_TEST(MadeUntilTold(limits, 600) == 0);
  clock.Pass(std::chrono::minutes(4));
  BOOST_TEST(MadeUntilTold(limits, 600, &told) == 400);
  // The first 600 are forgotten ten minutes after the last of them, at the earliest.
  BOOST_TEST((told >= std::chrono::minutes(6) && told <= std::chrono::minutes(6) + seconds(10)));
  BOOST_TEST(limits.Enter(kBen, seconds(0)).ok());
  BOOST_TEST(limits.Enter({"contoso", std::string(kDirectory)}, seconds(0)).ok());
  clock.Pass(*told);
  BOOST_TEST(MadeUntilTold(limits, 2000, &told) == 600);
  clock.Pass(*told);
  BOOST_TEST(MadeUntilTold(limits, 2000) == 400);
}

BOOST_AUTO_TEST_CASE(after_a_spent_budget_a_hundredth_is_there_at_once) {
  ManualClock clock;
  RequestLimits limits(clock, {.mailbox_budget = 1000});
  // One request each second: what is free again comes by one a second, too.
  for (int i = 0; i < 500; ++i) {
    BOOST_TEST(limits.Enter(kAnna, seconds(0)).ok());
    clock.Pass(seconds(1));
  }
  std::optional<milliseconds> told;
  BOOST_TEST(MadeUntilTold(limits, 2000, &told) == 500);
  clock.Pass(*told);
  BOOST_TEST(MadeUntilTold(limits, 2000) >= 10);
}

// So many threads of each tenant as it says wait before any slot is free; then one slot
// after the other is given back. Answers whose turn each was.
std::string TurnsOf(RequestLimits& limits, const std::vector<std::string>& waiting) {
  std::string turns;
  std::mutex mutex;
  std::optional<RequestLimits::Slot> held(*limits.Enter({"first", "x"}, seconds(0)));
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    threads.emplace_back([&, i] {
      const auto slot = limits.Enter({waiting[i], std::to_string(i)}, seconds(60));
      const std::lock_guard lock(mutex);
      turns += slot.ok() ? waiting[i] : "-";
    });
    // They must wait in this order.
    while (limits.waiting() <= i) std::this_thread::sleep_for(milliseconds(1));
  }
  held.reset();
  for (std::thread& thread : threads) thread.join();
  return turns;
}

BOOST_AUTO_TEST_CASE(tenants_take_turns_however_many_wait_for_one) {
  const ManualClock clock;
  RequestLimits limits(clock, {.relay = 1, .tenant = 1, .mailbox = 4});
  BOOST_TEST(TurnsOf(limits, {"a", "a", "a", "a", "b", "b", "c"}) == "abcabaa");
}

BOOST_AUTO_TEST_CASE(who_waits_is_told_of_a_pause_and_takes_no_slot_with_it) {
  ManualClock clock;
  RequestLimits limits(clock, {.relay = 1, .tenant = 1, .mailbox = 1});
  std::optional<RequestLimits::Slot> held(*limits.Enter(kAnna, seconds(0)));
  std::optional<Error> told;
  std::thread waiter([&] { told = limits.Enter(kBen, seconds(60)).error(); });
  while (limits.waiting() == 0) std::this_thread::sleep_for(milliseconds(1));
  limits.Pause(kBen, seconds(5));
  waiter.join();
  BOOST_REQUIRE(told.has_value());
  BOOST_TEST((told->kind == ErrorKind::kThrottled && told->retry_after == seconds(5)));
  held.reset();
  BOOST_TEST(limits.Enter(kAnna, seconds(0)).ok());
}

BOOST_AUTO_TEST_CASE(many_threads_never_pass_the_cap_of_a_mailbox) {
  const ManualClock clock;
  RequestLimits limits(clock, {16, 16, 4});
  std::atomic<int> inside{0}, most{0}, refused{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 12; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto slot = limits.Enter(kAnna, seconds(60));
        if (!slot.ok()) ++refused;
        const int now = ++inside;
        int seen = most;
        while (now > seen && !most.compare_exchange_weak(seen, now)) {
        }
        std::this_thread::yield();
        --inside;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(refused == 0);
  BOOST_TEST(most <= 4);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
