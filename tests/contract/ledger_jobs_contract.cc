// SPDX-License-Identifier: Apache-2.0
// What every Ledger promises of bulk work: turns, the breaker, what is held, and jobs.
#include <algorithm>
#include <atomic>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "retract/ledger/holding.h"
#include "retract/ledger/jobs.h"
#include "tests/contract/ledger_contract.h"
#include "tests/retract/ledger/samples.h"

namespace clawback {
namespace {

using samples::Record;
using samples::Wanted;
using namespace std::chrono_literals;

constexpr milliseconds kLease = 2min;
const Actor kAna{ActorKind::kUser, 1000, "ana"};
const Actor kBen{ActorKind::kUser, 1001, "ben"};
const std::string kContoso = "contoso";

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

// The ledger arms by the machine's clock.
Time Now() { return SystemClock().Now() + 1s; }

struct Bench {
  std::shared_ptr<Ledger> ledger;
  std::int64_t sequence = 0;

  // One message to each of so many mailboxes, all bad.
  void Ingest(int messages, const std::string& tenant = kContoso, Action action = Action::kJunk,
              std::vector<std::string> recipients = {"ada@contoso.example"}) {
    std::vector<FollowedRecord> followed;
    for (int i = 0; i < messages; ++i) {
      const auto number = static_cast<int>(++sequence);
      DecisionRecord record = Record(number, {action, recipients, ""});
      record.tenant = tenant;
      followed.push_back({{"decisions-20261103.db", number}, std::move(record)});
    }
    Ok(ledger->Ingest("us-east", followed));
  }
  std::vector<ClaimedRetraction> Claim(std::size_t limit = 1000) {
    return Ok(ledger->Claim(Now(), kLease, limit));
  }
  static ActIntent Intent(const ClaimedRetraction& claim) {
    return {
        "mbx-" + claim.recipient, "item-" + claim.message_id, "f", "Projects", Now(), claim.action};
  }
  static Outcome Moved() {
    Outcome outcome;
    outcome.kind = OutcomeKind::kMoved;
    outcome.item_ids = "item";
    outcome.at = Now();
    return outcome;
  }
  // Acts on it, or holds it where the breaker says so; true: acted.
  bool Carry(const ClaimedRetraction& claim) {
    if (claim.task == Task::kUndo) {
      Outcome undone = Moved();
      undone.kind = OutcomeKind::kUndone;
      Ok(ledger->Finish(claim, undone));
      return true;
    }
    const Intended intended = Ok(ledger->RecordIntent(claim, Intent(claim)));
    Outcome outcome = Moved();
    if (intended == Intended::kBraked) {
      outcome.kind = OutcomeKind::kBraked;
      Ok(ledger->Hold(claim, outcome));
      return false;
    }
    Ok(ledger->Finish(claim, outcome));
    return true;
  }
  int CarryAll() {
    int acted = 0;
    for (auto claims = Claim(); !claims.empty(); claims = Claim()) {
      for (const auto& claim : claims) acted += static_cast<int>(Carry(claim));
    }
    return acted;
  }
  void Limit(Breaker breaker, std::int64_t approval_above = 100) {
    ledger->holding().UseLimits({{kContoso, {breaker, approval_above, {}}}});
  }
  JobRow Prepared(Action action = Action::kTrash) {
    JobWanted wanted;
    wanted.action = action;
    wanted.reason = "campaign";
    wanted.who = kAna;
    wanted.matching.emplace();
    return Ok(ledger->jobs().PreviewJob(wanted, Now())).job;
  }
  JobRow Started(Action action = Action::kTrash) {
    const JobRow job = Prepared(action);
    return Ok(ledger->jobs().StartJob({job.id, kAna, "go", job.digest}, Now()));
  }
  JobRow Shown(std::int64_t id) { return Ok(ledger->jobs().ShowJob(id, Now())); }
  std::vector<AuditEntry> Audited(const std::string& what) {
    AuditQuery query;
    query.what = what;
    return Ok(ledger->FindAudit(query));
  }
  BreakerRow ShownBreaker() { return Ok(ledger->holding().Breakers(kContoso, Now())).at(0); }
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

Breaker Unbounded() { return {0, 10min, 100, 1}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(ledger_jobs)

// --- turns ------------------------------------------------------------------------------

BOOST_DATA_TEST_CASE(tenants_take_turns, boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest(40, "big");
  bench.Ingest(3, "small");
  std::map<std::string, int> claimed;
  for (const auto& claim : bench.Claim(8)) ++claimed[claim.tenant];
  BOOST_TEST(claimed["small"] == 3);
  BOOST_TEST(claimed["big"] == 5);
  // Whoever has the least claimed is next, although the other waits longer.
  bench.Ingest(3, "small");
  bench.Ingest(1, "new");
  const auto next = bench.Claim(2);
  BOOST_TEST(next.at(0).tenant == "new");
  BOOST_TEST(next.at(1).tenant == "small");
}

BOOST_DATA_TEST_CASE(fresh_work_goes_before_a_job, boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit(Unbounded());
  bench.Ingest(20, kContoso, Action::kNone);
  const JobRow job = bench.Started();
  BOOST_TEST((Ok(bench.ledger->NextDue()).value() < Now()));
  const auto first = bench.Claim(4);
  BOOST_TEST(first.size() == 4u);
  for (const auto& claim : first) BOOST_TEST(claim.job == job.id);
  bench.Ingest(2);
  const auto next = bench.Claim(4);
  BOOST_REQUIRE_EQUAL(next.size(), 4u);
  BOOST_TEST(next[0].job == 0);
  BOOST_TEST(next[1].job == 0);
  BOOST_TEST(next[2].job == job.id);
}

BOOST_DATA_TEST_CASE(what_is_for_somebody_busy_is_passed_over,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  const std::string ada = "ada@contoso.example";
  const std::string bob = "bob@contoso.example";
  bench.Ingest(5);
  bench.Ingest(2, kContoso, Action::kJunk, {bob});
  bench.Ingest(1, "small");  // ada's namesake there is somebody else
  const auto past_ada =
      Ok(bench.ledger->Claim(Now(), kLease, 10, {.recipients = {{kContoso, {ada}}}}));
  BOOST_REQUIRE_EQUAL(past_ada.size(), 3u);
  for (const auto& claim : past_ada) {
    BOOST_TEST((claim.recipient == bob || claim.tenant == "small"));
  }
  BOOST_TEST(
      Ok(bench.ledger->Claim(Now(), kLease, 10, {.recipients = {{kContoso, {ada, bob}}}})).empty());
  BOOST_TEST(bench.Claim().size() == 5u);
}

BOOST_DATA_TEST_CASE(a_tenant_that_has_enough_under_way_is_passed_over,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit(Unbounded(), 10'000);
  bench.Ingest(5, kContoso, Action::kNone);
  const JobRow job = bench.Started();
  bench.Ingest(3);
  bench.Ingest(1, "small");
  const PassedOver contoso{.recipients = {{kContoso, {"ada@contoso.example"}}},
                           .tenants = {kContoso}};
  const auto past = Ok(bench.ledger->Claim(Now(), kLease, 10, contoso));
  BOOST_REQUIRE_EQUAL(past.size(), 1U);
  BOOST_TEST(past.front().tenant == "small");
  BOOST_TEST(bench.Shown(job.id).begun == 0);
  BOOST_TEST(Ok(bench.ledger->Claim(Now(), kLease, 10, {.tenants = {kContoso}})).empty());
  BOOST_TEST(bench.Claim().size() == 8U);
}

BOOST_DATA_TEST_CASE(a_job_over_busy_mailboxes_leaves_another_one_its_turn,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit(Unbounded(), 10'000);
  bench.Ingest(1500, kContoso, Action::kNone);
  const JobRow busy = bench.Started();
  const PassedOver ada{.recipients = {{kContoso, {"ada@contoso.example"}}}};
  for (int i = 0; i < 20; ++i) {
    BOOST_TEST(Ok(bench.ledger->Claim(Now(), kLease, 10, ada)).empty());
  }
  // Not all of its list is begun for nothing.
  BOOST_TEST(bench.Shown(busy.id).begun == 1000);
  BOOST_TEST(bench.CarryAll() == 1500);
  BOOST_TEST((bench.Shown(busy.id).state == JobState::kFinished));
}

// --- the breaker ------------------------------------------------------------------------

BOOST_DATA_TEST_CASE(nothing_but_bad_mail_stops_at_exactly_n,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit({7, 10min, 100, 1});
  bench.Ingest(20);
  BOOST_TEST(bench.CarryAll() == 7);
  BOOST_TEST(bench.ShownBreaker().tripped);
  BOOST_TEST(bench.ShownBreaker().held == 13);
  bench.Ingest(5);  // while it is tripped: held at once
  BOOST_TEST(bench.Claim().empty());
  BOOST_TEST(bench.ShownBreaker().held == 18);
  BOOST_TEST(bench.Audited("breaker.tripped").size() == 1u);
  BOOST_TEST(Ok(bench.ledger->holding().ListHeld({})).empty());
}

BOOST_DATA_TEST_CASE(workers_side_by_side_do_not_overrun_it, boost::unit_test::data::make(kLedgers),
                     maker) {
  Bench bench = maker.make();
  bench.Limit({25, 10min, 100, 1});
  bench.Ingest(80);
  const auto claims = bench.Claim(80);
  std::atomic<int> acted{0};
  std::vector<std::thread> workers;
  for (std::size_t worker = 0; worker < 4; ++worker) {
    workers.emplace_back([&, worker] {
      for (std::size_t i = worker; i < claims.size(); i += 4) {
        const auto intended = bench.ledger->RecordIntent(claims[i], Bench::Intent(claims[i]));
        if (intended.ok() && *intended == Intended::kRecorded) ++acted;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  BOOST_TEST(acted == 25);
}

BOOST_DATA_TEST_CASE(a_share_of_what_comes_in_trips_it, boost::unit_test::data::make(kLedgers),
                     maker) {
  Bench bench = maker.make();
  bench.Limit({0, 10min, 30, 10});
  bench.Ingest(60, kContoso, Action::kNone);
  bench.Ingest(40);  // 40 of 100: the share is met with the 31st
  BOOST_TEST(bench.CarryAll() == 30);
  BOOST_TEST(bench.ShownBreaker().inbound == 100);
  BOOST_TEST(bench.ShownBreaker().why.find("breaker.share") != std::string::npos);
}

BOOST_DATA_TEST_CASE(what_was_long_ago_and_other_tenants_do_not_count,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit({3, 1min, 100, 1});
  bench.Ingest(6);
  bench.Ingest(9, "fabrikam");
  auto claims = bench.Claim();
  std::erase_if(claims, [](const auto& claim) { return claim.tenant != kContoso; });
  ActIntent early = Bench::Intent(claims[0]);
  early.at -= 5min;
  Ok(bench.ledger->RecordIntent(claims[0], early));
  for (std::size_t i = 1; i < 4; ++i) {
    BOOST_TEST((Ok(bench.ledger->RecordIntent(claims[i], Bench::Intent(claims[i]))) ==
                Intended::kRecorded));
  }
  BOOST_TEST(
      (Ok(bench.ledger->RecordIntent(claims[4], Bench::Intent(claims[4]))) == Intended::kBraked));
  // What had begun goes on.
  BOOST_TEST(
      (Ok(bench.ledger->RecordIntent(claims[1], Bench::Intent(claims[1]))) == Intended::kRecorded));
}

BOOST_DATA_TEST_CASE(a_release_lets_it_all_pass_and_counts_anew,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit({4, 10min, 100, 1});
  bench.Ingest(12);
  BOOST_TEST(bench.CarryAll() == 4);
  Holding& holding = bench.ledger->holding();
  BOOST_TEST((Refusal(holding.ReleaseBreaker(kContoso, kAna, " ", Now())) == ErrorKind::kInvalid));
  BOOST_TEST(Ok(holding.ReleaseBreaker(kContoso, kAna, "a real campaign", Now())) == 8);
  BOOST_TEST(bench.CarryAll() == 8);
  BOOST_TEST(!bench.ShownBreaker().tripped);
  bench.Ingest(12);
  BOOST_TEST(bench.CarryAll() == 4);
  BOOST_TEST(
      (Refusal(holding.ReleaseBreaker("fabrikam", kAna, "x", Now())) == ErrorKind::kNotFound));
}

BOOST_DATA_TEST_CASE(a_discard_ends_what_is_held, boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit({4, 10min, 100, 1});
  bench.Ingest(12);
  bench.CarryAll();
  const std::int64_t before = Ok(bench.ledger->NewestChange());
  BOOST_TEST(Ok(bench.ledger->holding().DiscardBreaker(kContoso, kAna, "a fault", Now())) == 8);
  BOOST_TEST(bench.CarryAll() == 0);
  const LedgerCounts counts = Ok(bench.ledger->Counts());
  BOOST_TEST(counts.final == 12);
  int told = 0;
  for (const LedgerChange& change :
       Ok(bench.ledger->Changes({before, "", {ChangeKind::kOutcome}})).changes) {
    const auto& outcome = std::get<OutcomeChange>(change.what).retraction;
    told += static_cast<int>(outcome.outcome->kind == OutcomeKind::kDiscarded &&
                             outcome.state == RetractionState::kFinal);
  }
  BOOST_TEST(told == 8);  // each once
}

// A worker that was told to hold one is slower than the person who settles the breaker.
BOOST_DATA_TEST_CASE(what_is_about_to_be_held_is_settled_with_the_rest,
                     boost::unit_test::data::make(kLedgers), maker) {
  for (const bool released : {true, false}) {
    Bench bench = maker.make();
    Holding& holding = bench.ledger->holding();
    bench.Limit({1, 10min, 100, 1});
    bench.Ingest(3);
    const auto claims = bench.Claim(2);
    bench.Carry(claims[0]);
    const Intended intended = Ok(bench.ledger->RecordIntent(claims[1], Bench::Intent(claims[1])));
    BOOST_TEST((intended == Intended::kBraked));
    const auto settled = released ? holding.ReleaseBreaker(kContoso, kAna, "a campaign", Now())
                                  : holding.DiscardBreaker(kContoso, kAna, "a fault", Now());
    BOOST_TEST(Ok(settled) == 2);
    Outcome braked = Bench::Moved();
    braked.kind = OutcomeKind::kBraked;
    BOOST_TEST((Refusal(Result<bool>(bench.ledger->Hold(claims[1], braked).error())) ==
                ErrorKind::kRefused));
    BOOST_TEST(bench.CarryAll() == (released ? 2 : 0));
    BOOST_TEST(bench.ShownBreaker().held == 0);
    BOOST_TEST(Ok(bench.ledger->Counts()).final == 3);
  }
}

BOOST_DATA_TEST_CASE(a_braked_one_that_passes_later_is_not_taken_from_its_worker,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit({1, 10min, 100, 1});
  bench.Ingest(2);
  const auto claims = bench.Claim();
  bench.Carry(claims[0]);
  BOOST_TEST(
      (Ok(bench.ledger->RecordIntent(claims[1], Bench::Intent(claims[1]))) == Intended::kBraked));
  // Its worker dies before it holds it; the next one finds the bound raised.
  bench.Limit(Unbounded());
  const auto again = Ok(bench.ledger->Claim(Now() + kLease, kLease, 10));
  BOOST_REQUIRE_EQUAL(again.size(), 1U);
  Ok(bench.ledger->holding().ReleaseBreaker(kContoso, kAna, "a campaign", Now()));
  BOOST_TEST(bench.Carry(again[0]));
}

BOOST_DATA_TEST_CASE(observing_and_persons_do_not_pass_it, boost::unit_test::data::make(kLedgers),
                     maker) {
  Bench bench = maker.make();
  bench.Limit({1, 10min, 100, 1});
  bench.Ingest(5, kContoso, Action::kNone);
  bench.Started();
  BOOST_TEST(bench.CarryAll() == 5);
  BOOST_TEST(bench.ShownBreaker().passed == 0);
}

BOOST_DATA_TEST_CASE(a_person_takes_one_out_of_what_the_breaker_holds,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit({1, 10min, 100, 1});
  bench.Ingest(3);
  // The second trips it, and with that holds the third before anybody claimed it.
  for (const auto& claim : bench.Claim(2)) bench.Carry(claim);
  BOOST_TEST(bench.ShownBreaker().held == 2);
  Ok(bench.ledger->RetractByHand({3, "", kAna, "this one"}, Action::kTrash, Now()));
  BOOST_TEST(bench.CarryAll() == 1);
  BOOST_TEST(bench.ShownBreaker().held == 1);
  const auto story = Ok(bench.ledger->Story(3));
  BOOST_TEST((story.retractions.at(0).state == RetractionState::kFinal));
  BOOST_TEST((story.retractions.at(0).outcome.value().kind == OutcomeKind::kDiscarded));
}

// --- what is held for a person ------------------------------------------------------------

BOOST_DATA_TEST_CASE(both_sides_of_what_is_held_are_shown_and_it_is_settled_once,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest(2);
  Fingerprint print;
  print.subject = "Another";
  for (const auto& claim : bench.Claim()) {
    Outcome why = Bench::Moved();
    why.kind = OutcomeKind::kMismatch;
    why.detail = "the subject is another";
    why.copy_print = ToJson(print);
    Ok(bench.ledger->Hold(claim, why));
  }
  Holding& holding = bench.ledger->holding();
  const auto held = Ok(holding.ListHeld({}));
  BOOST_REQUIRE_EQUAL(held.size(), 2u);
  BOOST_TEST(held[0].retraction.held_for == "doubt");
  const HeldStory story = Ok(holding.ShowHeld(held[0].retraction.id));
  BOOST_TEST(story.copy.value().subject == "Another");
  BOOST_TEST(std::count(story.differs.begin(), story.differs.end(), "subject") == 1);

  const std::int64_t id = held[0].retraction.id;
  BOOST_TEST((Refusal(holding.RetractHeld(id, Action::kHardDelete, kAna, "x", Now())) ==
              ErrorKind::kRefused));
  Ok(holding.RetractHeld(id, Action::kNone, kAna, "it is", Now()));
  BOOST_TEST((Refusal(holding.RetractHeld(id, Action::kNone, kAna, "again", Now())) ==
              ErrorKind::kNotFound));
  const auto claims = bench.Claim();
  BOOST_REQUIRE_EQUAL(claims.size(), 1u);
  BOOST_TEST(claims[0].accepted_item == "item");
  BOOST_TEST((claims[0].accepted == print));

  Ok(holding.LeaveHeld(held[1].retraction.id, kAna, "harmless"));
  BOOST_TEST(Ok(holding.ListHeld({})).empty());
  BOOST_TEST(bench.Audited("held.left").size() == 1u);
}

// --- jobs ---------------------------------------------------------------------------------

BOOST_DATA_TEST_CASE(a_preview_counts_and_freezes_and_does_nothing,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest(3, kContoso, Action::kNone, {"ada@contoso.example", "bob@contoso.example"});
  const JobRow job = bench.Prepared();
  BOOST_TEST(job.messages == 3);
  BOOST_TEST(job.mailboxes == 6);
  BOOST_TEST(job.dispositions.at("MALICIOUS") == 6);
  BOOST_TEST(job.digest.size() == 64u);
  BOOST_TEST(!job.needs_approval);
  BOOST_TEST(bench.Claim().empty());
  bench.Ingest(1, kContoso, Action::kNone);  // after the list was frozen
  BOOST_TEST(bench.Prepared().digest != job.digest);
  Ok(bench.ledger->jobs().StartJob({job.id, kAna, "go", job.digest}, Now()));
  BOOST_TEST(bench.CarryAll() == 6);
  const JobRow done = bench.Shown(job.id);
  BOOST_TEST(ToString(done.state) == "finished");
  BOOST_TEST(done.outcomes.at("moved") == 6);
  BOOST_TEST(Ok(bench.ledger->jobs().JobMailboxes(job.id, 4, 10)).size() == 2u);
}

BOOST_DATA_TEST_CASE(a_list_can_be_said_in_parts_and_names_what_it_leaves_out,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest(4, kContoso, Action::kNone);
  JobWanted wanted;
  wanted.action = Action::kTrash;
  wanted.reason = "listed";
  wanted.who = kAna;
  wanted.ids = {1, 2, 2, 99};
  wanted.more = true;
  const JobPreview draft = Ok(bench.ledger->jobs().PreviewJob(wanted, Now()));
  BOOST_TEST(ToString(draft.job.state) == "draft");
  BOOST_TEST(draft.left_out == 1);
  BOOST_TEST(draft.examples.at(0).what == "trace 99");
  wanted.draft = draft.job.id;
  wanted.ids.clear();
  wanted.message_ids = {"<3@sender.example>", "<nobody@sender.example>"};
  wanted.more = false;
  const JobPreview done = Ok(bench.ledger->jobs().PreviewJob(wanted, Now()));
  BOOST_TEST(done.job.id == draft.job.id);
  BOOST_TEST(done.job.mailboxes == 3);
  BOOST_TEST(done.left_out == 1);
  wanted.who = kBen;  // somebody else's list
  BOOST_TEST((Refusal(bench.ledger->jobs().PreviewJob(wanted, Now())) == ErrorKind::kRefused));
}

// Such a draft would stand in the list of jobs for a day.
BOOST_DATA_TEST_CASE(a_preview_that_fails_leaves_no_draft, boost::unit_test::data::make(kLedgers),
                     maker) {
  Bench bench = maker.make();
  bench.Ingest(2, kContoso, Action::kNone);
  Jobs& jobs = bench.ledger->jobs();
  JobWanted undo;
  undo.task = Task::kUndo;
  undo.reason = "wrong number";
  undo.who = kAna;
  undo.undo_of = 99;
  const auto no_such_job = jobs.PreviewJob(undo, Now());
  BOOST_REQUIRE(!no_such_job.ok());
  BOOST_TEST(no_such_job.error().what == "there is no job 99");
  JobWanted listed;
  listed.action = Action::kTrash;
  listed.reason = "listed";
  listed.who = kAna;
  listed.ids = {1};
  listed.more = true;
  const JobPreview draft = Ok(jobs.PreviewJob(listed, Now()));
  BOOST_TEST(Ok(jobs.ListJobs("", 0, 10, Now())).size() == 1u);
  Ok(jobs.CancelJob({draft.job.id, kAna, "over"}, Now()));
  listed.ids = {98, 99};
  listed.more = false;
  const auto nothing = jobs.PreviewJob(listed, Now());
  BOOST_REQUIRE(!nothing.ok());
  BOOST_TEST((nothing.error().kind == ErrorKind::kNotFound));
  BOOST_TEST(nothing.error().what.find("trace 98: no trace 98") != std::string::npos,
             nothing.error().what);
  BOOST_TEST(Ok(jobs.ListJobs("", 0, 10, Now())).size() == 1u);
}

BOOST_DATA_TEST_CASE(one_job_is_one_tenants, boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest(1, kContoso, Action::kNone);
  bench.Ingest(1, "fabrikam", Action::kNone);
  JobWanted wanted;
  wanted.action = Action::kTrash;
  wanted.reason = "all";
  wanted.matching.emplace();
  BOOST_TEST((Refusal(bench.ledger->jobs().PreviewJob(wanted, Now())) == ErrorKind::kRefused));
  wanted.matching->tenant = "nobody";
  BOOST_TEST((Refusal(bench.ledger->jobs().PreviewJob(wanted, Now())) == ErrorKind::kNotFound));
}

BOOST_DATA_TEST_CASE(a_second_person_approves_exactly_this_list,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit(Unbounded(), 2);
  bench.Ingest(3, kContoso, Action::kNone);
  Jobs& jobs = bench.ledger->jobs();
  const JobRow job = bench.Prepared();
  BOOST_TEST(job.needs_approval);
  const JobStep start{job.id, kAna, "go", job.digest};
  const JobStep approve{job.id, kBen, "seen", job.digest};
  const Actor root{ActorKind::kUser, 0, "root"};
  BOOST_TEST((Refusal(jobs.StartJob(start, Now())) == ErrorKind::kRefused));
  BOOST_TEST((Refusal(jobs.ApproveJob(start, Now())) == ErrorKind::kRefused));  // her own
  BOOST_TEST((Refusal(jobs.ApproveJob({job.id, kBen, "seen", std::string(64, '0')}, Now())) ==
              ErrorKind::kRefused));
  BOOST_TEST((Refusal(jobs.ApproveJob(approve, Now() + kListLife)) == ErrorKind::kRefused));
  BOOST_TEST(Ok(jobs.ApproveJob(approve, Now())).approved_by->uid == 1001);
  const auto twice = jobs.ApproveJob(approve, Now());
  BOOST_REQUIRE(!twice.ok());
  BOOST_TEST(twice.error().what.find("is approved already, by ben (uid 1001)") != std::string::npos,
             twice.error().what);
  BOOST_TEST((Refusal(jobs.StartJob(start, Now() + kListLife)) == ErrorKind::kRefused));
  Ok(jobs.StartJob(start, Now()));
  BOOST_TEST((Refusal(jobs.StartJob(start, Now())) == ErrorKind::kRefused));
  BOOST_TEST(bench.CarryAll() == 3);
  BOOST_TEST(bench.Audited("job.approved").at(0).note.who.uid == 1001);

  // Root alone is one person too.
  JobWanted wanted;
  wanted.action = Action::kHardDelete;
  wanted.reason = "root's";
  wanted.who = root;
  wanted.ids = {1};
  const JobRow hard = Ok(jobs.PreviewJob(wanted, Now())).job;
  BOOST_TEST(hard.needs_approval);  // whatever its size
  BOOST_TEST(
      (Refusal(jobs.ApproveJob({hard.id, root, "me", hard.digest}, Now())) == ErrorKind::kRefused));
}

BOOST_DATA_TEST_CASE(by_hand_neither_hard_deletes_nor_much_in_an_hour_go_alone,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit(Unbounded(), 2);
  bench.Ingest(4, kContoso, Action::kNone);
  const auto retract = [&](std::int64_t id, Action action) {
    return bench.ledger->RetractByHand({id, "", kAna, "x"}, action, Now());
  };
  BOOST_TEST((Refusal(retract(1, Action::kHardDelete)) == ErrorKind::kRefused));
  Ok(retract(1, Action::kTrash));
  Ok(retract(2, Action::kTrash));
  BOOST_TEST((Refusal(retract(3, Action::kTrash)) == ErrorKind::kRefused));
  Ok(bench.ledger->RetractByHand({3, "", kBen, "x"}, Action::kTrash, Now()));
}

BOOST_DATA_TEST_CASE(a_paused_job_begins_nothing_and_goes_on_where_it_was,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest(10, kContoso, Action::kNone);
  Jobs& jobs = bench.ledger->jobs();
  const JobRow job = bench.Started();
  const auto first = bench.Claim(3);
  Ok(jobs.PauseJob({job.id, kAna, "wait"}, Now()));
  BOOST_TEST(bench.Claim().empty());
  bench.Carry(first[0]);  // what was begun is finished, or waits with its job
  Ok(bench.ledger->Postpone(first[1], Now(), "not there yet", Obstacle::kNone));
  BOOST_TEST(bench.Claim().empty());
  BOOST_TEST(bench.Shown(job.id).held == 1);
  BOOST_TEST(Ok(bench.ledger->holding().ListHeld({})).empty());
  Ok(jobs.ResumeJob({job.id, kAna, "on"}, Now()));
  bench.Carry(first[2]);
  BOOST_TEST(bench.CarryAll() == 8);
  BOOST_TEST(ToString(bench.Shown(job.id).state) == "finished");
}

BOOST_DATA_TEST_CASE(a_cancelled_job_does_no_more, boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest(10, kContoso, Action::kNone);
  const JobRow job = bench.Started();
  const auto first = bench.Claim(3);
  bench.Carry(first[0]);
  Ok(bench.ledger->jobs().CancelJob({job.id, kAna, "wrong list"}, Now()));
  Ok(bench.ledger->Postpone(first[1], Now(), "not there yet", Obstacle::kNone));
  bench.Carry(first[2]);
  BOOST_TEST(bench.CarryAll() == 0);
  const JobRow over = bench.Shown(job.id);
  BOOST_TEST(over.outcomes.at("moved") == 2);
  BOOST_TEST(over.outcomes.at("discarded") == 1);
  BOOST_TEST(over.begun == 3);
  BOOST_TEST((Refusal(bench.ledger->jobs().ResumeJob({job.id, kAna, "on"}, Now())) ==
              ErrorKind::kRefused));
}

// Whoever undoes it by hand meanwhile must not have it taken again when the job goes on.
BOOST_DATA_TEST_CASE(what_is_undone_while_its_job_rests_is_not_taken_afterwards,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest(2);
  BOOST_TEST(bench.CarryAll() == 2);
  Jobs& jobs = bench.ledger->jobs();
  const JobRow job = bench.Started();
  const auto begun = bench.Claim(1);
  Ok(jobs.PauseJob({job.id, kAna, "wait"}, Now()));
  Ok(bench.ledger->Postpone(begun.at(0), Now(), "not there yet", Obstacle::kNone));
  for (const std::int64_t trace : {1, 2}) {
    Ok(bench.ledger->UndoByHand({trace, "", kBen, "it was good"}, Now()));
  }
  for (const auto& claim : bench.Claim()) {
    BOOST_TEST(ToString(claim.task) == "undo");
    bench.Carry(claim);
  }
  Ok(jobs.ResumeJob({job.id, kAna, "on"}, Now()));
  BOOST_TEST(bench.CarryAll() == 0);
  const JobRow over = bench.Shown(job.id);
  BOOST_TEST(ToString(over.state) == "finished");
  BOOST_TEST(over.outcomes.at("blocked") == 1);
  BOOST_TEST(over.outcomes.at("decided-since") == 1);
}

// The undo of a job rests; what it held back is asked for by hand meanwhile.
BOOST_DATA_TEST_CASE(an_undo_that_rests_is_in_nobodys_way, boost::unit_test::data::make(kLedgers),
                     maker) {
  Bench bench = maker.make();
  bench.Ingest(1);
  BOOST_TEST(bench.CarryAll() == 1);
  Jobs& jobs = bench.ledger->jobs();
  JobWanted undo;
  undo.task = Task::kUndo;
  undo.reason = "it was good";
  undo.who = kAna;
  undo.ids = {1};
  const JobRow prepared = Ok(jobs.PreviewJob(undo, Now())).job;
  Ok(jobs.StartJob({prepared.id, kAna, "go", prepared.digest}, Now()));
  const auto begun = bench.Claim();
  Ok(jobs.PauseJob({prepared.id, kAna, "wait"}, Now()));
  Ok(bench.ledger->Postpone(begun.at(0), Now(), "busy", Obstacle::kPause));
  BOOST_TEST(Ok(bench.ledger->UndoByHand({1, "", kBen, "now"}, Now())).armed.size() == 1U);
  Ok(jobs.ResumeJob({prepared.id, kAna, "on"}, Now()));
  BOOST_TEST(ToString(bench.Shown(prepared.id).state) == "finished");
  BOOST_TEST(bench.CarryAll() == 1);
}

BOOST_DATA_TEST_CASE(a_job_ends_when_its_last_mailbox_is_called_off,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest(1);
  BOOST_TEST(bench.CarryAll() == 1);
  const JobRow job = bench.Started();
  const auto begun = bench.Claim();
  Ok(bench.ledger->Postpone(begun.at(0), Now(), "busy", Obstacle::kPause));
  Ok(bench.ledger->UndoByHand({1, "", kBen, "it was good"}, Now()));
  BOOST_TEST(ToString(bench.Shown(job.id).state) == "finished");
}

// --- an undo, and what has not been done yet --------------------------------------------

BOOST_DATA_TEST_CASE(an_undo_calls_off_what_has_not_begun_for_others,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit(Unbounded());
  bench.Ingest(1, kContoso, Action::kJunk, {"ada@contoso.example", "bob@contoso.example"});
  const auto claims = bench.Claim();
  BOOST_REQUIRE_EQUAL(claims.size(), 2U);
  bench.Carry(claims[0]);
  Ok(bench.ledger->Postpone(claims[1], Now(), "not there yet", Obstacle::kNone));
  const Asked one =
      Ok(bench.ledger->UndoByHand({1, claims[0].recipient, kAna, "it was good"}, Now()));
  BOOST_TEST(one.called_off == 0);
  const Asked all = Ok(bench.ledger->UndoByHand({1, "", kAna, "it was good"}, Now()));
  BOOST_TEST(all.called_off == 1);
  BOOST_TEST(all.under_way == 1);
  for (const auto& claim : bench.Claim()) BOOST_TEST(ToString(claim.task) == "undo");
}

BOOST_DATA_TEST_CASE(an_undo_of_what_has_not_begun_is_enough_to_stop_it,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit({1, 10min, 100, 1});
  bench.Ingest(3);
  const auto claims = bench.Claim(1);
  const Asked asked = Ok(bench.ledger->UndoByHand({1, "", kAna, "it is good"}, Now()));
  BOOST_TEST(asked.called_off == 1);
  BOOST_TEST(asked.armed.empty());
  // Its worker comes too late.
  BOOST_TEST((Refusal(bench.ledger->RecordIntent(claims[0], Bench::Intent(claims[0]))) ==
              ErrorKind::kRefused));
  for (const auto& claim : bench.Claim()) bench.Carry(claim);
  BOOST_TEST(bench.ShownBreaker().held == 1);
  BOOST_TEST(Ok(bench.ledger->UndoByHand({3, "", kAna, "it is good"}, Now())).called_off == 1);
  BOOST_TEST(bench.ShownBreaker().held == 0);
  BOOST_TEST(
      (Refusal(bench.ledger->UndoByHand({3, "", kAna, "again"}, Now())) == ErrorKind::kNotFound));
}

BOOST_DATA_TEST_CASE(a_job_is_undone_by_a_job_and_left_alone_from_then_on,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest(5, kContoso, Action::kNone);
  const JobRow job = bench.Started();
  BOOST_TEST(bench.CarryAll() == 5);
  JobWanted undo;
  undo.task = Task::kUndo;
  undo.reason = "it was good";
  undo.who = kAna;
  undo.undo_of = job.id;
  const JobRow prepared = Ok(bench.ledger->jobs().PreviewJob(undo, Now())).job;
  BOOST_TEST(prepared.mailboxes == 5);
  BOOST_TEST(prepared.tenant == kContoso);
  Ok(bench.ledger->jobs().StartJob({prepared.id, kAna, "go", prepared.digest}, Now()));
  const auto claims = bench.Claim();
  BOOST_REQUIRE_EQUAL(claims.size(), 5u);
  for (const auto& claim : claims) {
    BOOST_TEST(ToString(claim.task) == "undo");
    const auto acts = Ok(bench.ledger->IntentsOf(claim.id));
    BOOST_REQUIRE_EQUAL(acts.size(), 1u);
    BOOST_TEST(acts[0].from_folder == "Projects");
    bench.Carry(claim);
  }
  BOOST_TEST(bench.Shown(prepared.id).outcomes.at("undone") == 5);
  BOOST_TEST((Refusal(bench.ledger->jobs().PreviewJob(undo, Now())) == ErrorKind::kNotFound));
}

BOOST_DATA_TEST_CASE(what_a_finding_or_a_disposition_did_between_two_times_is_found,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Limit(Unbounded());
  bench.Ingest(4);
  const Time before = Now() - 1h;
  bench.CarryAll();
  const auto found = [&](ActedQuery acted) -> std::int64_t {
    JobWanted undo;
    undo.task = Task::kUndo;
    undo.reason = "false alarm";
    undo.acted = std::move(acted);
    const auto preview = bench.ledger->jobs().PreviewJob(undo, Now());
    return preview.ok() ? preview->job.mailboxes : 0;
  };
  // Not only the heaviest finding counts.
  BOOST_TEST(found({kContoso, "spf-fail", std::nullopt, before, std::nullopt}) == 4);
  BOOST_TEST(found({kContoso, "no-such", std::nullopt, before, std::nullopt}) == 0);
  BOOST_TEST(found({"", "", Disposition::kMalicious, before, Now() + 1h}) == 4);
  BOOST_TEST(found({"", "", Disposition::kSpam, before, std::nullopt}) == 0);
  BOOST_TEST(found({"", "", Disposition::kMalicious, before, before + 1min}) == 0);
}

BOOST_DATA_TEST_CASE(the_undo_of_what_a_job_hard_deleted_says_what_to_run,
                     boost::unit_test::data::make(kLedgers), maker) {
  Bench bench = maker.make();
  bench.Ingest(1, kContoso, Action::kNone);
  const JobRow job = bench.Prepared(Action::kHardDelete);
  Jobs& jobs = bench.ledger->jobs();
  Ok(jobs.ApproveJob({job.id, kBen, "seen", job.digest}, Now()));
  Ok(jobs.StartJob({job.id, kAna, "go", job.digest}, Now()));
  BOOST_TEST(bench.CarryAll() == 1);
  JobWanted undo;
  undo.task = Task::kUndo;
  undo.reason = "back";
  undo.who = kAna;
  undo.undo_of = job.id;
  const JobRow prepared = Ok(jobs.PreviewJob(undo, Now())).job;
  Ok(jobs.StartJob({prepared.id, kAna, "go", prepared.digest}, Now()));
  BOOST_TEST(bench.Claim().empty());
  BOOST_TEST(ToString(bench.Shown(prepared.id).state) == "finished");
  const auto mailbox = Ok(jobs.JobMailboxes(prepared.id, 0, 10)).at(0);
  const Outcome& outcome = mailbox.retraction.value().outcome.value();
  BOOST_TEST((outcome.kind == OutcomeKind::kFailed));
  BOOST_TEST(outcome.detail.find("Restore-RecoverableItems") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
