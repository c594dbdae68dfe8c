// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/pruner.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <thread>

#include "tests/retract/sidecar/bench_of_one.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;

constexpr milliseconds kDay = 24h;
constexpr milliseconds kRetention = 400 * kDay;

struct Pruning {
  explicit Pruning(PrunerOptions options = {kRetention, 0ms, 1h})
      : pruner(options, *ledger, clock) {}

  // So old, and nothing is done about them.
  void Ingest(int reports, milliseconds age) {
    std::vector<FollowedRecord> followed;
    for (int i = 0; i < reports; ++i) {
      FollowedRecord& one = followed.emplace_back();
      one.position = {"decisions-20261103.db", ++sequence};
      one.record =
          samples::Record(static_cast<int>(sequence), {Action::kNone, {kAda}, std::string()});
      one.record.received = clock.Now() - age;
    }
    Ok(ledger->Ingest("us-east", followed));
  }
  // To the pass's end; how many steps.
  int Pass() {
    for (int steps = 1; steps < 1000; ++steps) {
      if (pruner.Step() == 1h) return steps;
    }
    BOOST_FAIL("the pass does not end");
    return 0;
  }
  std::int64_t Reports() { return Ok(ledger->Counts()).reports; }

  samples::TemporaryFolder folder;
  std::unique_ptr<Ledger> ledger = Ok(OpenSqliteLedger(folder / "ledger"));
  ManualClock clock;
  std::int64_t sequence = 0;
  Pruner pruner;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(pruner)

BOOST_AUTO_TEST_CASE(what_is_older_than_the_retention_goes_in_steps) {
  Pruning bench;
  bench.Ingest(400, kRetention + 1h);
  bench.Ingest(5, kRetention - 1h);
  BOOST_TEST((bench.pruner.progress().passed == Time{}));
  BOOST_TEST(bench.Pass() > 3);
  BOOST_TEST(bench.Reports() == 5);
  const PruneProgress progress = bench.pruner.progress();
  BOOST_TEST((progress.retention == kRetention));
  BOOST_TEST(progress.messages == 400);
  BOOST_TEST(progress.needed == 0);
  BOOST_TEST((progress.passed == bench.clock.Now()));
  bench.clock.Pass(2h);
  bench.Ingest(1, 0ms);
  bench.Pass();
  BOOST_TEST(bench.Reports() == 1);
  BOOST_TEST(bench.pruner.progress().messages == 405);
}

BOOST_AUTO_TEST_CASE(what_is_needed_is_counted_anew_with_each_pass) {
  Pruning bench;
  FollowedRecord followed{{"decisions-20261103.db", 1}, samples::Record(1)};
  followed.record.received = bench.clock.Now() - 2 * kRetention;
  Ok(bench.ledger->Ingest("us-east", {&followed, 1}));
  for (int pass = 0; pass < 2; ++pass) {
    bench.Pass();
    BOOST_TEST(bench.pruner.progress().needed == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_ahead_makes_nothing_old) {
  Pruning bench;
  bench.Ingest(1, 0ms);
  bench.clock.Set(bench.clock.Now() + 2 * kRetention);
  bench.Pass();
  BOOST_TEST(bench.Reports() == 1);
  bench.clock.Pass(kRetention + 1h);
  bench.Pass();
  BOOST_TEST(bench.Reports() == 0);
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_is_believed) {
  Pruning bench;
  bench.Ingest(1, kRetention + 1h);
  bench.Ingest(1, 0ms);
  bench.clock.Set(bench.clock.Now() - 2h);
  bench.Pass();
  BOOST_TEST(bench.Reports() == 2);
}

BOOST_AUTO_TEST_CASE(an_error_is_waited_out_and_the_pass_goes_on) {
  Pruning bench;
  bench.Ingest(1, kRetention + 1h);
  const std::string ledger = bench.folder / "ledger";
  std::filesystem::rename(ledger + "/ledger.db", ledger + "/away.db");
  BOOST_TEST((bench.pruner.Step() == 1min));
  BOOST_TEST((bench.pruner.Step() == 1min));
  std::filesystem::rename(ledger + "/away.db", ledger + "/ledger.db");
  bench.Pass();
  BOOST_TEST(bench.Reports() == 0);
}

BOOST_AUTO_TEST_CASE(it_runs_until_it_is_asked_to_stop) {
  Pruning bench;
  bench.Ingest(300, kRetention + 1h);
  std::jthread running([&](const std::stop_token& stop) { bench.pruner.Run(stop); });
  for (int tries = 0; tries < 1000 && bench.pruner.progress().passed == Time{}; ++tries) {
    std::this_thread::sleep_for(10ms);
  }
  BOOST_TEST(bench.pruner.progress().messages == 300);
  running.request_stop();  // in the middle of an hour
  running.join();
}

BOOST_AUTO_TEST_CASE(the_first_pass_waits) {
  Pruning bench({kRetention, 1h, 1h});
  bench.Ingest(1, kRetention + 1h);
  std::jthread running([&](const std::stop_token& stop) { bench.pruner.Run(stop); });
  std::this_thread::sleep_for(50ms);
  running.request_stop();
  running.join();
  BOOST_TEST(bench.Reports() == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
