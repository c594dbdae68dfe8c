// SPDX-License-Identifier: Apache-2.0
// Two sets of workers on one ledger, as two sidecars would be, and one of them stopped
// at its worst moments until its lease has ended. One process, for SQLite's ledger has
// one opener: what is shown is the lease, the fence and the look before the act.
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>

#include "retract/sidecar/workers.h"
#include "tests/retract/sidecar/bench_of_one.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds kShortLease = 400ms;

// One sidecar's hands: shares the ledger, and has its own turns.
struct Sidecar {
  Sidecar(BenchOfOne& a_bench, const Clock& a_clock) : bench(a_bench), clock(a_clock) {}
  Ending Carry(const ClaimedRetraction& claim) {
    return RetractOne(claim, {bench.mailboxes, bench.fingerprint, *bench.ledger, clock, turns,
                              kGiveUp, kShortLease / 2});
  }
  std::vector<ClaimedRetraction> Claim() {
    return Ok(bench.ledger->Claim(clock.Now(), kShortLease, 1));
  }
  // Until the lease of whoever has it ends.
  ClaimedRetraction ClaimInTime() {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (std::chrono::steady_clock::now() < deadline) {
      auto claims = Claim();
      if (!claims.empty()) return std::move(claims.front());
      std::this_thread::sleep_for(10ms);
    }
    BOOST_FAIL("the lease never ended");
    return {};
  }
  BenchOfOne& bench;
  const Clock& clock;
  MailboxTurns turns;
};

struct TwoSidecars : BenchOfOne {
  // The first stops in its first call of that kind; meanwhile the second takes over.
  void StopFirstIn(MailboxCall call) {
    Arm(Action::kSoftDelete);
    PutCopy();
    std::atomic<bool> stopped{false}, go_on{false};
    mailboxes.Before(call, [&] {
      if (stopped.exchange(true)) return;
      while (!go_on) std::this_thread::sleep_for(1ms);
    });
    auto claims = first.Claim();
    BOOST_REQUIRE_EQUAL(claims.size(), 1U);
    std::optional<Ending> ended;
    std::thread sleeper([&] { ended = first.Carry(claims.front()); });
    while (!stopped) std::this_thread::sleep_for(1ms);
    const auto took_over = second.Carry(second.ClaimInTime());
    go_on = true;
    sleeper.join();
    BOOST_TEST(std::holds_alternative<Finished>(took_over));
    BOOST_TEST(std::holds_alternative<Abandoned>(*ended));
    BOOST_TEST(mailboxes.FolderOf({kBox}, "item-1") == "Recoverable Items/Deletions");
    BOOST_TEST(std::string(ToString(Final().kind)) == "moved");
  }
  SystemClock real;
  Sidecar first{*this, real}, second{*this, real};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(two_sidecars, TwoSidecars)

BOOST_AUTO_TEST_CASE(stopped_while_it_resolves) {
  StopFirstIn(MailboxCall::kResolve);
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(stopped_while_it_searches) {
  StopFirstIn(MailboxCall::kFind);
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(stopped_while_it_reads_the_copy) {
  StopFirstIn(MailboxCall::kFetch);
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

BOOST_AUTO_TEST_CASE(stopped_while_it_reads_back) {
  StopFirstIn(MailboxCall::kLook);
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 1);
}

// The request is on its way when its sender stops: nobody can call it back. It moves
// the item to where the other one has put it.
BOOST_AUTO_TEST_CASE(stopped_with_the_act_on_its_way) {
  StopFirstIn(MailboxCall::kRetract);
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 2);
}

BOOST_AUTO_TEST_CASE(two_sets_of_workers_move_each_copy_once) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 40; ++i) {
    addresses.push_back("user" + std::to_string(i) + "@contoso.example");
    mailboxes.Put(mailboxes.AddMailbox({addresses.back()}), {"item", "Inbox", kId, "copy"});
  }
  Arm(Action::kSoftDelete, Mode::kEnforce, addresses);
  std::atomic<int> finished{0};
  const auto work = [&](Sidecar& sidecar) {
    while (finished < 40) {
      for (const auto& claim : sidecar.Claim()) {
        if (std::holds_alternative<Finished>(sidecar.Carry(claim))) ++finished;
      }
    }
  };
  std::thread one(work, std::ref(first)), other(work, std::ref(second));
  one.join();
  other.join();
  BOOST_TEST(mailboxes.CallsOf(MailboxCall::kRetract) == 40);
  BOOST_TEST(Ok(ledger->Counts()).final == 40);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
