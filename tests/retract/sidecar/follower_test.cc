// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/follower.h"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "retract/ledger/pruning.h"
#include "tests/retract/sidecar/bench_of_one.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;

const std::string kSegment = "decisions-20261103.db";

// Rows in memory; nullopt cannot be read.
class FakeSource final : public DecisionSource {
 public:
  void Add(std::optional<DecisionRecord> record) {
    {
      const std::scoped_lock lock(mutex_);
      rows_[++last_] = std::move(record);
    }
    changed_.notify_all();
  }
  void Fail(Error error) {
    const std::scoped_lock lock(mutex_);
    error_ = std::move(error);
  }
  Result<std::vector<FollowedRecord>> ReadAfter(const SegmentPosition& position,
                                                std::size_t limit) override {
    const std::scoped_lock lock(mutex_);
    if (error_) return *std::exchange(error_, std::nullopt);
    std::vector<FollowedRecord> records;
    for (auto row = rows_.upper_bound(position.sequence);
         row != rows_.end() && records.size() < limit; ++row) {
      if (row->second) {
        records.push_back({{kSegment, row->first}, *row->second});
        continue;
      }
      if (!records.empty()) break;
      return Error{ErrorKind::kInvalid, kSegment + " row " + std::to_string(row->first) + ": bad"};
    }
    return records;
  }
  Result<SegmentPosition> NextAfter(const SegmentPosition& position) override {
    const std::scoped_lock lock(mutex_);
    const auto row = rows_.upper_bound(position.sequence);
    if (row == rows_.end()) return Error{ErrorKind::kNotFound, "no more"};
    return SegmentPosition{kSegment, row->first};
  }
  Result<std::vector<FollowedCount>> CountsAfter(const SegmentPosition& position,
                                                 std::size_t limit) override {
    const std::scoped_lock lock(mutex_);
    if (counts_error_) return *counts_error_;
    std::vector<FollowedCount> counts;
    for (const FollowedCount& each : counts_) {
      if (each.position.sequence > position.sequence && counts.size() < limit) {
        counts.push_back(each);
      }
    }
    return counts;
  }
  void AddCount(const FlowKey& key, FlowCount counted) {
    const std::scoped_lock lock(mutex_);
    counts_.push_back({{kSegment, static_cast<std::int64_t>(counts_.size()) + 1}, key, counted});
  }
  void FailCounts(std::optional<Error> error) {
    const std::scoped_lock lock(mutex_);
    counts_error_ = std::move(error);
  }
  void Wait(milliseconds at_most) override {
    std::unique_lock lock(mutex_);
    const std::int64_t seen = last_;
    changed_.wait_for(lock, at_most, [&] { return last_ != seen; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, std::optional<DecisionRecord>> rows_;
  std::int64_t last_ = 0;
  std::optional<Error> error_;
  std::vector<FollowedCount> counts_;
  std::optional<Error> counts_error_;
};

// A ledger that takes no record whose relay is "poison".
class PickyLedger final : public Ledger {
 public:
  explicit PickyLedger(Ledger& ledger) : ledger_(ledger) {}
  Status Ingest(std::string_view relay, std::span<const FollowedRecord> records) override {
    for (const FollowedRecord& followed : records) {
      if (followed.record.relay == "poison") return Error{ErrorKind::kInvalid, "cannot take it in"};
    }
    return ledger_.Ingest(relay, records);
  }
  Result<SegmentPosition> FollowedTo(std::string_view relay) override {
    return ledger_.FollowedTo(relay);
  }
  using Ledger::Claim;
  Result<std::vector<ClaimedRetraction>> Claim(Time now, milliseconds lease, std::size_t limit,
                                               const PassedOver& passed_over) override {
    return ledger_.Claim(now, lease, limit, passed_over);
  }
  Result<Intended> RecordIntent(const ClaimedRetraction& claim, const ActIntent& intent) override {
    return ledger_.RecordIntent(claim, intent);
  }
  Result<std::vector<ActIntent>> IntentsOf(std::int64_t id) override {
    return ledger_.IntentsOf(id);
  }
  Status Finish(const ClaimedRetraction& claim, const Outcome& outcome) override {
    return ledger_.Finish(claim, outcome);
  }
  Status Hold(const ClaimedRetraction& claim, const Outcome& why) override {
    return ledger_.Hold(claim, why);
  }
  Status Postpone(const ClaimedRetraction& claim, Time due, std::string_view why,
                  Obstacle obstacle) override {
    return ledger_.Postpone(claim, due, why, obstacle);
  }
  Status KeepConsent(const Digest& state, const AskedConsent& asked, Time now) override {
    return ledger_.KeepConsent(state, asked, now);
  }
  Result<AskedConsent> TakeConsent(const Digest& state, Time now) override {
    return ledger_.TakeConsent(state, now);
  }
  Status KeepTenure(Time ends) override { return ledger_.KeepTenure(ends); }
  Result<PruneStep> Prune(const PruneCursor& from, Time before, std::size_t most) override {
    return ledger_.Prune(from, before, most);
  }
  Status LimitWaits(Time now, milliseconds longest_wait, milliseconds lease) override {
    return ledger_.LimitWaits(now, longest_wait, lease);
  }
  Result<std::optional<Time>> NextDue() override { return ledger_.NextDue(); }
  Result<Asked> RetractByHand(const ByHand& asked, Action action, Time now) override {
    return ledger_.RetractByHand(asked, action, now);
  }
  Result<Asked> UndoByHand(const ByHand& asked, Time now) override {
    return ledger_.UndoByHand(asked, now);
  }
  Holding& holding() override { return ledger_.holding(); }
  Jobs& jobs() override { return ledger_.jobs(); }
  Result<std::vector<TraceRow>> Search(const TraceQuery& query) override {
    return ledger_.Search(query);
  }
  Result<TraceStory> Story(std::int64_t id) override { return ledger_.Story(id); }
  Result<RegionAccount> Regions(const RegionQuery& query) override {
    return ledger_.Regions(query);
  }
  Result<LedgerCounts> Counts() override { return ledger_.Counts(); }
  Result<SegmentPosition> CountsFollowedTo(std::string_view relay) override {
    return ledger_.CountsFollowedTo(relay);
  }
  Status IngestCounts(std::string_view relay, std::span<const FollowedCount> counts) override {
    return ledger_.IngestCounts(relay, counts);
  }
  Result<FlowCounts> Flow(std::string_view tenant, Time since) override {
    return ledger_.Flow(tenant, since);
  }
  Status ForgetFlow(Time before) override { return ledger_.ForgetFlow(before); }
  Status AppendAudit(const AuditNote& note) override { return ledger_.AppendAudit(note); }
  Result<std::vector<AuditEntry>> FindAudit(const AuditQuery& query) override {
    return ledger_.FindAudit(query);
  }
  Result<AuditCheck> CheckAudit() override { return ledger_.CheckAudit(); }
  Result<std::int64_t> NewestChange() override { return ledger_.NewestChange(); }
  Result<ChangePage> Changes(const ChangeQuery& query) override { return ledger_.Changes(query); }
  Result<Settings> CurrentSettings() override { return ledger_.CurrentSettings(); }
  Status ChangeSettings(const Settings& next, const AuditNote& note) override {
    return ledger_.ChangeSettings(next, note);
  }

 private:
  Ledger& ledger_;
};

struct Bench {
  Bench() : ledger(Ok(OpenSqliteLedger(folder / "ledger"))) {}
  Follower MakeFollower(std::string mark = "") {
    return Follower({"us-east", std::move(mark)}, source, *ledger, clock, [this] { ++batches; });
  }
  std::int64_t Reports() { return Ok(ledger->Counts()).reports; }

  samples::TemporaryFolder folder;
  std::unique_ptr<Ledger> ledger;
  FakeSource source;
  ManualClock clock;
  std::atomic<int> batches{0};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(follower, Bench)

BOOST_AUTO_TEST_CASE(records_are_taken_over_in_batches_and_once) {
  for (int i = 1; i <= 600; ++i) source.Add(samples::Record(i));
  Follower follower = MakeFollower();
  std::size_t passed = 0;
  while (const std::size_t step = Ok(follower.Step())) passed += step;
  BOOST_TEST(passed == 600u);
  BOOST_TEST(Reports() == 600);
  BOOST_TEST(batches == 3);
  BOOST_TEST(follower.position().sequence == 600);
}

BOOST_AUTO_TEST_CASE(it_goes_on_where_the_ledger_says_it_stopped) {
  source.Add(samples::Record(1));
  Ok(MakeFollower().Step());
  source.Add(samples::Record(2));
  Follower second = MakeFollower();
  BOOST_TEST(Ok(second.Step()) == 1u);
  BOOST_TEST(Reports() == 2);
}

BOOST_AUTO_TEST_CASE(an_unreadable_row_stops_nothing_and_stays_visible) {
  source.Add(samples::Record(1));
  source.Add(std::nullopt);
  source.Add(samples::Record(3));
  Follower follower = MakeFollower();
  while (Ok(follower.Step()) > 0) {
  }
  BOOST_TEST(follower.unreadable() == 1u);
  BOOST_TEST(follower.position().sequence == 3);
  TraceQuery query;
  query.handling = Handling::kMalformed;
  const auto rows = Ok(ledger->Search(query));
  BOOST_REQUIRE_EQUAL(rows.size(), 1u);
  const auto story = Ok(ledger->Story(rows[0].id));
  BOOST_TEST(story.record.decision.reason ==
             "decision cannot be read (decisions-20261103.db row 2): decisions-20261103.db row 2: "
             "bad");
  BOOST_TEST(Reports() == 3);
}

BOOST_AUTO_TEST_CASE(a_record_that_the_ledger_refuses_is_passed_alone) {
  DecisionRecord poison = samples::Record(2);
  poison.relay = "poison";
  source.Add(samples::Record(1));
  source.Add(poison);
  source.Add(samples::Record(3));
  PickyLedger picky(*ledger);
  Follower follower({"us-east", ""}, source, picky, clock, [] {});
  BOOST_TEST(Ok(follower.Step()) == 3u);
  BOOST_TEST(follower.unreadable() == 1u);
  BOOST_TEST(Reports() == 3);
  BOOST_TEST(Ok(follower.Step()) == 0u);
}

BOOST_AUTO_TEST_CASE(a_segment_that_cannot_be_read_just_now_moves_nothing) {
  source.Add(samples::Record(1));
  source.Fail({ErrorKind::kTransient, "disk I/O error"});
  Follower follower = MakeFollower();
  BOOST_TEST(!follower.Step().ok());
  BOOST_TEST(Reports() == 0);
  BOOST_TEST(follower.unreadable() == 0u);
  BOOST_TEST(Ok(follower.Step()) == 1u);
}

BOOST_AUTO_TEST_CASE(counts_come_along_and_what_is_wrong_with_them_holds_up_nothing) {
  const FlowKey key{"contoso", FlowKind::kRepeat, "", samples::kMorning};
  source.FailCounts(Error{ErrorKind::kTransient, "disk I/O error"});
  source.AddCount(key, {3, samples::kMorning});
  source.Add(samples::Record(1));
  Follower follower = MakeFollower();
  BOOST_TEST(Ok(follower.Step()) == 1u);
  BOOST_TEST(Reports() == 1);
  source.FailCounts(std::nullopt);
  BOOST_TEST(Ok(follower.Step()) == 0u);
  Follower second = MakeFollower();  // goes on where the ledger says it stopped
  BOOST_TEST(Ok(second.Step()) == 0u);
  BOOST_TEST(Ok(ledger->Flow("contoso", samples::kMorning)).at(key).count == 3);
}

BOOST_AUTO_TEST_CASE(segments_that_are_not_made_yet_are_waited_for) {
  source.Fail({ErrorKind::kNotFound, "no folder"});
  Follower follower = MakeFollower();
  BOOST_TEST(Ok(follower.Step()) == 0u);
}

BOOST_AUTO_TEST_CASE(a_new_decision_is_followed_while_it_runs_and_marked_for_the_milter) {
  const std::string mark = folder / "retractd.sock.followed";
  Follower follower = MakeFollower(mark);
  std::jthread running([&](const std::stop_token& stop) { follower.Run(stop); });
  source.Add(samples::Record(1));
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!ReadFollowedMark(mark) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(5ms);
  }
  BOOST_TEST(Ok(ReadFollowedMark(mark)).sequence == 1);
  BOOST_TEST(Reports() == 1);
  BOOST_TEST(follower.last_error() == "");
}

BOOST_AUTO_TEST_CASE(what_goes_wrong_is_kept_until_it_goes_well_again) {
  source.Fail({ErrorKind::kTransient, "disk I/O error"});
  Follower follower = MakeFollower();
  std::jthread running([&](const std::stop_token& stop) { follower.Run(stop); });
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  bool seen = false;
  while (!seen && std::chrono::steady_clock::now() < deadline) {
    seen = follower.last_error() == "disk I/O error";
  }
  BOOST_TEST(seen);
  while (!follower.last_error().empty() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(5ms);
  }
  BOOST_TEST(follower.last_error() == "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
