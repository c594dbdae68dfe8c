// SPDX-License-Identifier: Apache-2.0
// What every Ledger promises of what it prunes, and of what it keeps.
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "policy/message/hunt_features.h"
#include "retract/ledger/holding.h"
#include "retract/ledger/jobs.h"
#include "retract/ledger/pruning.h"
#include "tests/contract/ledger_contract.h"
#include "tests/retract/ledger/samples.h"

namespace clawback {
namespace {

using samples::Wanted;
using namespace std::chrono_literals;

const Actor kAna{ActorKind::kUser, 1000, "ana"};
const std::string kAda = "ada@contoso.example";
const std::string kBob = "bob@contoso.example";
const std::string kSegment = "decisions-20261103.db";

template <typename T>
T Ok(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.ok(), samples::Fault(result));
  return *std::move(result);
}
void Ok(const Status& status) { BOOST_REQUIRE_MESSAGE(status.ok(), samples::Fault(status)); }
template <typename T>
ErrorKind Refusal(const Result<T>& result) {
  BOOST_REQUIRE(!result.ok());
  return result.error().kind;
}

// The ledger arms by the machine's clock; the reports are some days older.
Time Now() { return SystemClock().Now() + 1s; }
const Time kOld = SystemClock().Now() - 100h;
// All that was done until now is older.
Time AllIsOld() { return Now() + 1h; }
// The reports are older, and what was done about them is not.
Time OnlyReportsAreOld() { return SystemClock().Now() - 1h; }

struct Pruned {
  std::int64_t messages = 0, needed = 0, unreadable = 0;
  int steps = 0;
};

struct Bench {
  std::shared_ptr<Ledger> ledger;
  std::int64_t sequence = 0;

  void Ingest(std::vector<DecisionRecord> records, const std::string& relay = "us-east") {
    std::vector<FollowedRecord> followed;
    followed.reserve(records.size());
    for (DecisionRecord& record : records) {
      followed.push_back({{kSegment, ++sequence}, std::move(record)});
    }
    Ok(ledger->Ingest(relay, followed));
  }
  std::vector<ClaimedRetraction> Claim() { return Ok(ledger->Claim(Now(), 2min, 1000)); }
  static Outcome Ended(OutcomeKind kind) {
    Outcome outcome;
    outcome.kind = kind;
    outcome.at = Now();
    return outcome;
  }
  Intended Intend(const ClaimedRetraction& claim) {
    return Ok(ledger->RecordIntent(claim, {"mbx-" + claim.recipient, "item-" + claim.message_id,
                                           "f", "Inbox", Now(), claim.action}));
  }
  void MoveAll() {
    for (auto claims = Claim(); !claims.empty(); claims = Claim()) {
      for (const auto& claim : claims) {
        if (claim.task == Task::kRetract) BOOST_TEST((Intend(claim) == Intended::kRecorded));
        Outcome moved =
            Ended(claim.task == Task::kUndo ? OutcomeKind::kUndone : OutcomeKind::kMoved);
        moved.item_ids = "item-" + claim.message_id;
        Ok(ledger->Finish(claim, moved));
      }
    }
  }
  Pruned Prune(Time before, std::size_t most = 1000) {
    Pruned all;
    for (PruneCursor at; at.stage != PruneStage::kDone; ++all.steps) {
      BOOST_REQUIRE(all.steps < 10000);
      const PruneStep step = Ok(ledger->Prune(at, before, most));
      all.messages += step.messages;
      all.needed += step.needed;
      all.unreadable += step.unreadable;
      at = step.next;
    }
    return all;
  }
  std::vector<std::int64_t> Kept(const TraceQuery& query = {}) {
    std::vector<std::int64_t> ids;
    for (const TraceRow& row : Ok(ledger->Search(query))) ids.push_back(row.id);
    std::reverse(ids.begin(), ids.end());
    return ids;
  }
  JobRow Prepared() {
    JobWanted wanted;
    wanted.action = Action::kTrash;
    wanted.reason = "campaign";
    wanted.who = kAna;
    wanted.matching.emplace();
    return Ok(ledger->jobs().PreviewJob(wanted, Now())).job;
  }
  JobRow Started() {
    const JobRow job = Prepared();
    return Ok(ledger->jobs().StartJob({job.id, kAna, "go", job.digest}, Now()));
  }
};

Bench MakeSqlite() {
  struct OnDisk {
    samples::TemporaryFolder folder;
    std::unique_ptr<Ledger> ledger;
  };
  auto made = std::make_shared<OnDisk>();
  made->ledger = Ok(OpenSqliteLedger(made->folder / "ledger"));
  return {{made, made->ledger.get()}};
}

struct BenchMaker {
  std::string_view name;
  Bench (*make)();
};
std::ostream& operator<<(std::ostream& out, const BenchMaker& maker) { return out << maker.name; }
const BenchMaker kLedgers[] = {{"sqlite", MakeSqlite}};

DecisionRecord Record(int number, Wanted wanted = {}) {
  DecisionRecord record = samples::Record(number, std::move(wanted));
  record.received = kOld + std::chrono::seconds(number);
  return record;
}

DecisionRecord Harmless(int number) { return Record(number, {Action::kNone, {kAda}, ""}); }

// The same message in another report, as of a journal rule that matched twice.
DecisionRecord Fork(int number, int digest, std::vector<std::string> recipients) {
  DecisionRecord fork = Record(number, {Action::kJunk, std::move(recipients), ""});
  fork.report_digest = samples::DigestOf(digest);
  return fork;
}

using Ids = std::vector<std::int64_t>;

}  // namespace

BOOST_AUTO_TEST_SUITE(ledger_retention)

BOOST_DATA_TEST_CASE(what_is_older_goes_and_is_found_by_nothing,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  const Time before = AllIsOld();
  DecisionRecord old = Record(1);
  old.judgement.hunt.hosts = {"evil.example"};
  old.judgement.hunt.subject_key = "invoice";
  old.judgement.fingerprint.text = {1, 2, 3, 4, 5, 6, 7, 8};
  old.judgement.fingerprint.text_triples = 8;
  DecisionRecord young = old;
  young.report_digest = samples::DigestOf(2);
  young.judgement.report.message_id = "<2@sender.example>";
  young.judgement.report.network_message_id = "2";
  young.received = before;
  bench.Ingest({old, young});
  bench.MoveAll();
  BOOST_TEST(Ok(bench.ledger->Counts()).final == 2);
  BOOST_TEST(bench.Prune(OnlyReportsAreOld()).messages == 0);  // acted on within the retention
  young.received = before + 24h;
  young.report_digest = samples::DigestOf(3);
  bench.Ingest({young});
  const Pruned pruned = bench.Prune(before + 1h);
  BOOST_TEST(pruned.messages == 2);
  BOOST_TEST(pruned.needed == 0);
  BOOST_TEST(bench.Kept() == Ids({3}), boost::test_tools::per_element());
  TraceQuery like;
  like.like = 3;
  TraceQuery host;
  host.host = "evil.example";
  TraceQuery recipient;
  recipient.recipient = kAda;
  TraceQuery id;
  id.message_id = "<1@sender.example>";
  for (const auto& query : {like, host, recipient}) BOOST_TEST(bench.Kept(query) == Ids({3}));
  BOOST_TEST(bench.Kept(id).empty());
  BOOST_TEST((Refusal(bench.ledger->Story(1)) == ErrorKind::kNotFound));
  const LedgerCounts counts = Ok(bench.ledger->Counts());
  BOOST_TEST(counts.reports == 1);
  BOOST_TEST(counts.final == 0);
  // Row 3 tells of row 2's message, whose retraction is not kept.
  BOOST_TEST(Ok(bench.ledger->Story(3)).retractions.empty());
}

BOOST_DATA_TEST_CASE(the_audit_is_whole_and_complete, boost::unit_test::data::make(kLedgers),
                     maker) {
  Bench bench = maker.make();
  bench.Ingest({Record(1)});
  bench.MoveAll();
  Ok(bench.ledger->UndoByHand({1, "", kAna, "a mistake"}, Now()));
  bench.MoveAll();
  const AuditCheck audit = Ok(bench.ledger->CheckAudit());
  BOOST_TEST(bench.Prune(AllIsOld()).messages == 1);
  const AuditCheck after = Ok(bench.ledger->CheckAudit());
  BOOST_TEST(after.entries == audit.entries);
  BOOST_TEST(Ok(bench.ledger->FindAudit({})).size() == 3U);
}

BOOST_DATA_TEST_CASE(what_is_not_final_stays_however_old, boost::unit_test::data::make(kLedgers),
                     maker) {
  Bench bench = maker.make();
  bench.Ingest({Record(1), Record(2), Record(3), Harmless(4)});
  const auto claims = bench.Claim();
  BOOST_REQUIRE_EQUAL(claims.size(), 3U);
  Ok(bench.ledger->Hold(claims[1], Bench::Ended(OutcomeKind::kMismatch)));
  Ok(bench.ledger->Postpone(claims[2], Now() + 1h, "copy not there yet", Obstacle::kNone));
  const Pruned pruned = bench.Prune(AllIsOld());
  BOOST_TEST(pruned.messages == 1);
  BOOST_TEST(pruned.needed == 3);
  BOOST_TEST(bench.Kept() == Ids({1, 2, 3}), boost::test_tools::per_element());
  Ok(bench.ledger->Finish(claims[0], Bench::Ended(OutcomeKind::kGone)));
  // It ended within the retention.
  BOOST_TEST(bench.Prune(OnlyReportsAreOld()).messages == 0);
  BOOST_TEST(bench.Prune(AllIsOld()).messages == 1);
}

BOOST_DATA_TEST_CASE(what_a_breaker_holds_stays, boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.ledger->holding().UseLimits({{"contoso", {{1, 10min, 100, 1}, 100, {}}}});
  bench.Ingest({Record(1), Record(2), Record(3)});
  for (const auto& claim : bench.Claim()) {
    const bool braked = bench.Intend(claim) == Intended::kBraked;
    if (braked) {
      Ok(bench.ledger->Hold(claim, Bench::Ended(OutcomeKind::kBraked)));
    } else {
      Ok(bench.ledger->Finish(claim, Bench::Ended(OutcomeKind::kMoved)));
    }
  }
  BOOST_TEST(bench.Prune(AllIsOld()).needed == 2);
  BOOST_TEST(Ok(bench.ledger->holding().ReleaseBreaker("contoso", kAna, "looked", Now())) == 2);
  bench.ledger->holding().UseLimits({});
  bench.MoveAll();
  BOOST_TEST(bench.Prune(AllIsOld()).messages == 2);
}

BOOST_DATA_TEST_CASE(what_a_person_left_alone_lately_stays_for_a_while,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest({Record(1)});
  Outcome long_ago = Bench::Ended(OutcomeKind::kMismatch);
  long_ago.at = kOld;
  Ok(bench.ledger->Hold(Ok(bench.ledger->Claim(kOld + 1h, 2min, 1)).at(0), long_ago));
  const Time held_before = SystemClock().Now() + 1ms;
  std::this_thread::sleep_for(5ms);
  Ok(bench.ledger->holding().LeaveHeld(1, kAna, "harmless"));
  BOOST_TEST(bench.Prune(held_before).needed == 1);
  BOOST_TEST(bench.Prune(AllIsOld()).messages == 1);
}

BOOST_DATA_TEST_CASE(what_was_acted_on_within_the_retention_can_be_undone,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest({Harmless(1), Harmless(2)});
  Ok(bench.ledger->RetractByHand({1, "", kAna, "found late"}, Action::kTrash, Now()));
  bench.MoveAll();
  const Pruned pruned = bench.Prune(OnlyReportsAreOld());
  BOOST_TEST(pruned.messages == 1);
  BOOST_TEST(pruned.needed == 1);
  BOOST_TEST(Ok(bench.ledger->Story(1)).retractions.size() == 1U);
  Ok(bench.ledger->UndoByHand({1, "", kAna, "a mistake"}, Now()));
  bench.MoveAll();
  BOOST_TEST(Ok(bench.ledger->Story(1)).retractions.size() == 2U);
  BOOST_TEST(bench.Prune(AllIsOld()).messages == 1);
}

BOOST_DATA_TEST_CASE(a_job_that_is_not_over_keeps_its_messages,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest({Harmless(1), Harmless(2)});
  const JobRow job = bench.Started();
  Ok(bench.ledger->jobs().PauseJob({job.id, kAna, "wait", ""}, Now()));
  BOOST_TEST(bench.Prune(AllIsOld()).needed == 2);
  BOOST_TEST(Ok(bench.ledger->jobs().JobMailboxes(job.id, 0, 10)).size() == 2U);
  Ok(bench.ledger->jobs().ResumeJob({job.id, kAna, "go on", ""}, Now()));
  bench.MoveAll();
  BOOST_TEST((Ok(bench.ledger->jobs().ShowJob(job.id, Now())).state == JobState::kFinished));
  BOOST_TEST(bench.Prune(OnlyReportsAreOld()).needed == 2);
  BOOST_TEST(bench.Prune(AllIsOld(), 1).messages == 2);
  BOOST_TEST((Refusal(bench.ledger->jobs().ShowJob(job.id, Now())) == ErrorKind::kNotFound));
}

BOOST_DATA_TEST_CASE(a_job_with_something_held_stays_with_it,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest({Harmless(1), Harmless(2)});
  const JobRow job = bench.Started();
  const auto claims = bench.Claim();
  BOOST_REQUIRE_EQUAL(claims.size(), 2U);
  Ok(bench.ledger->Hold(claims[0], Bench::Ended(OutcomeKind::kMismatch)));
  Ok(bench.ledger->Finish(claims[1], Bench::Ended(OutcomeKind::kMoved)));
  BOOST_TEST(bench.Prune(AllIsOld()).needed == 2);
  BOOST_TEST(Ok(bench.ledger->jobs().ShowJob(job.id, Now())).held == 1);
  Ok(bench.ledger->holding().LeaveHeld(claims[0].id, kAna, "harmless"));
  BOOST_TEST(bench.Prune(AllIsOld()).messages == 2);
}

BOOST_DATA_TEST_CASE(a_list_that_nobody_started_keeps_nothing_for_long,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest({Harmless(1)});
  bench.Prepared();
  BOOST_TEST(bench.Prune(AllIsOld()).needed == 1);
  BOOST_TEST(bench.Prune(AllIsOld() + kListLife).messages == 1);
  BOOST_TEST(Ok(bench.ledger->jobs().ListJobs("", 0, 10, Now())).empty());
}

// As when the segments are followed from their beginning, under the relay's new name.
BOOST_DATA_TEST_CASE(a_report_that_was_pruned_and_comes_again_is_nothing_new,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest({Record(1), Harmless(2), Record(3)});
  bench.MoveAll();
  BOOST_TEST(bench.Prune(AllIsOld()).messages == 3);
  bench.sequence = 0;
  bench.Ingest({Record(1), Harmless(2), Record(3)}, "us-new");
  bench.Ingest({Record(1), Harmless(2), Record(3)});
  // Exchange, or a person with an old mailbox, sends it again: it is decided anew.
  DecisionRecord again = Record(1);
  again.received = AllIsOld() + 1h;
  bench.Ingest({again});
  const LedgerCounts counts = Ok(bench.ledger->Counts());
  BOOST_TEST(counts.reports == 0);
  BOOST_TEST(counts.armed + counts.claimed + counts.held + counts.final == 0);
  BOOST_TEST(bench.Claim().empty());
  // Another tenant's is its own.
  DecisionRecord other = Record(1);
  other.tenant = "fabrikam";
  bench.Ingest({other});
  BOOST_TEST(Ok(bench.ledger->Counts()).armed == 1);
}

BOOST_DATA_TEST_CASE(another_report_of_a_pruned_message_arms_nobody_twice,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest({Record(1)});
  bench.MoveAll();
  BOOST_TEST(bench.Prune(AllIsOld()).messages == 1);
  bench.Ingest({Fork(1, 77, {"ADA@contoso.example", kBob})});
  const auto claims = bench.Claim();
  BOOST_REQUIRE_EQUAL(claims.size(), 1U);
  BOOST_TEST(claims[0].recipient == kBob);
  const TraceStory story = Ok(bench.ledger->Story(2));
  BOOST_REQUIRE_EQUAL(story.retractions.size(), 2U);
  const RetractionRow& before = story.retractions[0];
  BOOST_TEST((before.state == RetractionState::kFinal));
  BOOST_REQUIRE(before.outcome);
  BOOST_TEST((before.outcome->kind == OutcomeKind::kBlocked));
  BOOST_TEST(before.outcome->detail.find("sidecar.retention") != std::string::npos);
  // Nor when that one was pruned too; a person may.
  Ok(bench.ledger->Finish(claims[0], Bench::Ended(OutcomeKind::kMoved)));
  BOOST_TEST(bench.Prune(AllIsOld()).messages == 1);
  bench.Ingest({Fork(1, 78, {kAda, kBob})});
  BOOST_TEST(bench.Claim().empty());
  BOOST_TEST(Ok(bench.ledger->RetractByHand({3, kAda, kAna, "again"}, Action::kJunk, Now()))
                 .armed.size() == 1U);
}

BOOST_DATA_TEST_CASE(what_was_undone_is_left_alone_for_ever, boost::unit_test::data::make(kLedgers),
                     maker) {
  Bench bench = maker.make();
  bench.Ingest({Record(1)});
  bench.MoveAll();
  Ok(bench.ledger->UndoByHand({1, "", kAna, "a mistake"}, Now()));
  bench.MoveAll();
  BOOST_TEST(bench.Prune(AllIsOld()).messages == 1);
  // By another address of the same mailbox, which no retraction was ever of.
  bench.Ingest({Fork(1, 77, {"a.l@contoso.example"})});
  const auto claim = bench.Claim().at(0);
  BOOST_TEST((Ok(bench.ledger->RecordIntent(claim, {"mbx-" + kAda, "item-x", "f", "Inbox", Now(),
                                                    claim.action})) == Intended::kBlocked));
}

// Of two reports of one message the older goes: what is known of the other stays.
BOOST_DATA_TEST_CASE(forked_reports_go_each_in_its_time, boost::unit_test::data::make(kLedgers),
                     maker) {
  Bench bench = maker.make();
  DecisionRecord late = Fork(1, 77, {kBob});
  late.received = AllIsOld() + 2h;
  bench.Ingest({Record(1), late});
  const auto claims = bench.Claim();
  BOOST_REQUIRE_EQUAL(claims.size(), 2U);
  Ok(bench.ledger->Finish(claims[0], Bench::Ended(OutcomeKind::kGone)));
  BOOST_TEST(bench.Prune(AllIsOld()).needed == 1);  // the other's is under way
  Ok(bench.ledger->Finish(claims[1], Bench::Ended(OutcomeKind::kGone)));
  BOOST_TEST(bench.Prune(AllIsOld()).messages == 1);
  BOOST_TEST(bench.Kept() == Ids({2}), boost::test_tools::per_element());
  Ok(bench.ledger->RetractByHand({2, "", kAna, "late"}, Action::kJunk, Now()));
  BOOST_TEST(Ok(bench.ledger->Story(2)).retractions.size() == 1U);
}

// Many have none: one that waits keeps none of the others.
BOOST_DATA_TEST_CASE(messages_without_an_id_are_told_apart, boost::unit_test::data::make(kLedgers),
                     maker) {
  Bench bench = maker.make();
  std::vector<DecisionRecord> records;
  for (int number = 1; number <= 4; ++number) {
    records.push_back(Record(number));
    records.back().judgement.report.message_id.clear();
  }
  bench.Ingest(std::move(records));
  const auto claims = bench.Claim();
  for (std::size_t i = 0; i < 3; ++i) {
    Ok(bench.ledger->Finish(claims[i], Bench::Ended(OutcomeKind::kGone)));
  }
  const Pruned pruned = bench.Prune(AllIsOld());
  BOOST_TEST(pruned.messages == 3);
  BOOST_TEST(pruned.needed == 1);
  BOOST_TEST(bench.Kept() == Ids({4}), boost::test_tools::per_element());
}

BOOST_DATA_TEST_CASE(steps_are_small_and_a_pass_may_begin_anew,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  std::vector<std::string> many;
  many.reserve(300);
  for (int i = 0; i < 300; ++i) many.push_back("r" + std::to_string(i) + "@contoso.example");
  bench.ledger->holding().UseLimits({{"contoso", {{0, 10min, 100, 1}, 100, {}}}});
  bench.Ingest({Harmless(1), Record(2, {Action::kJunk, many, ""}), Harmless(3)});
  bench.MoveAll();
  BOOST_TEST(Ok(bench.ledger->Counts()).final == 300);
  // 300 retractions and 300 addresses by 50: a dozen steps at least. The cursor gets lost on
  // the way, as when the sidecar is killed.
  PruneCursor at;
  int steps = 0;
  for (; at.stage != PruneStage::kDone && steps < 1000; ++steps) {
    const std::int64_t before = Ok(bench.ledger->Counts()).final;
    at = Ok(bench.ledger->Prune(at, AllIsOld(), 50)).next;
    BOOST_TEST(before - Ok(bench.ledger->Counts()).final <= 50);
    if (steps == 4 || steps == 9) at = {};
  }
  BOOST_TEST(steps >= 12);
  BOOST_TEST(steps < 1000);
  BOOST_TEST(Ok(bench.ledger->Counts()).reports == 0);
  BOOST_TEST(Ok(bench.ledger->Counts()).final == 0);
  bench.Ingest({Fork(2, 77, many)});
  BOOST_TEST(bench.Claim().empty());
}

BOOST_DATA_TEST_CASE(subscribers_are_not_told_of_what_was_pruned,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest({Record(1), Harmless(2), Record(3)});
  const auto claims = bench.Claim();
  Ok(bench.ledger->Hold(claims[1], Bench::Ended(OutcomeKind::kMismatch)));
  Ok(bench.ledger->Finish(claims[0], Bench::Ended(OutcomeKind::kGone)));
  const std::int64_t newest = Ok(bench.ledger->NewestChange());
  BOOST_TEST(bench.Prune(AllIsOld(), 2).messages == 2);
  BOOST_TEST(Ok(bench.ledger->NewestChange()) == newest);
  const ChangePage page = Ok(bench.ledger->Changes({}));
  BOOST_REQUIRE_EQUAL(page.changes.size(), 3U);
  BOOST_TEST(std::get<TraceRow>(page.changes[0].what).id == 3);
  BOOST_TEST(std::get<OutcomeChange>(page.changes[1].what).retraction.id == claims[1].id);
  // The newest stays, though it tells of nothing: positions go on from it.
  BOOST_TEST((std::get<Error>(page.changes[2].what).kind == ErrorKind::kNotFound));
  DecisionRecord young = Harmless(5);
  young.received = AllIsOld() + 24h;
  bench.Ingest({young});
  const ChangePage next = Ok(bench.ledger->Changes({newest}));
  BOOST_REQUIRE_EQUAL(next.changes.size(), 1U);
  BOOST_TEST(next.changes[0].position == newest + 1);
  bench.Prune(AllIsOld());
  BOOST_TEST(Ok(bench.ledger->Changes({newest})).changes.size() == 1U);
}

BOOST_DATA_TEST_CASE(an_account_of_regions_says_from_when_it_is_whole,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest({Harmless(1), Harmless(2)});
  const RegionQuery all{kOld, kOld + 1h, ""};
  BOOST_TEST((Ok(bench.ledger->Regions(all)).pruned_until == Time{}));
  bench.Prune(kOld + 2s);
  const RegionAccount account = Ok(bench.ledger->Regions(all));
  BOOST_TEST((account.pruned_until == kOld + 1s));
  BOOST_TEST(account.counts.at(0).reports == 1);
}

// A clock that stood at another year for a while, as after a battery's end.
BOOST_DATA_TEST_CASE(a_row_is_no_older_than_those_before_it, boost::unit_test::data::make(kLedgers),
                     maker) {
  Bench bench = maker.make();
  DecisionRecord wrong = Harmless(3);
  wrong.received = Time(std::chrono::hours(24));
  bench.Ingest({Harmless(1), Harmless(2), wrong, Harmless(4)});
  BOOST_TEST(bench.Prune(kOld + 2s).messages == 1);
  BOOST_TEST(bench.Kept() == Ids({2, 3, 4}), boost::test_tools::per_element());
  BOOST_TEST(bench.Prune(kOld + 4s).messages == 2);
  BOOST_TEST(bench.Kept() == Ids({4}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
