// SPDX-License-Identifier: Apache-2.0
#include "tests/contract/ledger_contract.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "policy/message/hunt_features.h"
#include "tests/retract/ledger/samples.h"

namespace clawback {
namespace {

using samples::kMorning;
using samples::Record;
using samples::Wanted;
using namespace std::chrono_literals;

constexpr Time kNoon = kMorning + 3h;
constexpr milliseconds kLease = 2min;

struct SqliteOnDisk {
  samples::TemporaryFolder folder;
  std::unique_ptr<Ledger> ledger;
};

std::shared_ptr<Ledger> MakeSqlite() {
  auto made = std::make_shared<SqliteOnDisk>();
  auto opened = OpenSqliteLedger(made->folder / "ledger");
  BOOST_REQUIRE_MESSAGE(opened.ok(), samples::Fault(opened));
  made->ledger = *std::move(opened);
  return {made, made->ledger.get()};
}

const LedgerMaker kLedgers[] = {
    {"sqlite", MakeSqlite},
};

void Ok(const Status& status) { BOOST_REQUIRE_MESSAGE(status.ok(), samples::Fault(status)); }
template <typename T>
T Ok(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.ok(), samples::Fault(result));
  return *std::move(result);
}

FollowedRecord At(std::int64_t sequence, DecisionRecord record) {
  return {{"decisions-20261103.db", sequence}, std::move(record)};
}

void Ingest(Ledger& ledger, std::vector<DecisionRecord> records, std::int64_t first = 1) {
  std::vector<FollowedRecord> followed;
  for (DecisionRecord& record : records) followed.push_back(At(first++, std::move(record)));
  Ok(ledger.Ingest("us-east", followed));
}

std::vector<ClaimedRetraction> ClaimAll(Ledger& ledger, Time now = kNoon) {
  return Ok(ledger.Claim(now, kLease, 1000));
}

ActIntent Intent(const std::string& mailbox, const std::string& item, const std::string& folder) {
  return {mailbox, item, folder + "-id", folder, kNoon, Action::kJunk};
}

Outcome Moved() {
  return {OutcomeKind::kMoved, "read back", "mbx-1",       "item-1", "Inbox",
          "inbox-id",          "Junk",      "request-id1", kNoon};
}

std::vector<std::int64_t> Ids(const std::vector<TraceRow>& rows) {
  std::vector<std::int64_t> ids;
  for (const TraceRow& row : rows) ids.push_back(row.id);
  return ids;
}

// All that query finds, a page of its limit at a time.
std::vector<std::int64_t> AllPages(Ledger& ledger, TraceQuery query) {
  std::vector<std::int64_t> paged;
  while (true) {
    const auto page = Ids(Ok(ledger.Search(query)));
    if (page.empty()) return paged;
    paged.insert(paged.end(), page.begin(), page.end());
    query.before = page.back();
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(ledger)

BOOST_DATA_TEST_CASE(the_position_moves_with_the_records, boost::unit_test::data::make(kLedgers),
                     maker) {
  const auto ledger = maker.make();
  BOOST_TEST((Ok(ledger->FollowedTo("us-east")) == SegmentPosition{}));
  Ingest(*ledger, {Record(1), Record(2)});
  BOOST_TEST((Ok(ledger->FollowedTo("us-east")) == SegmentPosition{"decisions-20261103.db", 2}));
  BOOST_TEST((Ok(ledger->FollowedTo("us-west")) == SegmentPosition{}));
}

BOOST_DATA_TEST_CASE(ingesting_again_changes_nothing, boost::unit_test::data::make(kLedgers),
                     maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, {Record(1), Record(2), Record(3)});
  const auto claims = ClaimAll(*ledger);
  Ok(ledger->Finish(claims.front(), Moved()));
  Ingest(*ledger, {Record(1), Record(2)});
  const LedgerCounts counts = Ok(ledger->Counts());
  BOOST_TEST(counts.reports == 3);
  BOOST_TEST(counts.armed == 0);
  BOOST_TEST(counts.claimed == 2);
  BOOST_TEST(counts.final == 1);
  BOOST_TEST((Ok(ledger->FollowedTo("us-east")) == SegmentPosition{"decisions-20261103.db", 3}));
}

BOOST_DATA_TEST_CASE(only_actions_are_armed, boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, {Record(1, {Action::kNone, {"ada@contoso.example"}, ""}),
                   Record(2, {Action::kJunk, {"ada@contoso.example", "bob@contoso.example"}, ""})});
  const LedgerCounts counts = Ok(ledger->Counts());
  BOOST_TEST(counts.reports == 2);
  BOOST_TEST(counts.armed == 2);
}

// Forked reports of one message, and an address in other letters.
BOOST_DATA_TEST_CASE(a_retraction_is_one_per_message_and_recipient,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  DecisionRecord fork =
      Record(1, {Action::kTrash, {"ADA@Contoso.example", "bob@contoso.example"}, ""});
  fork.report_digest = samples::DigestOf(77);
  Ingest(*ledger, {Record(1), fork});
  const auto claims = ClaimAll(*ledger);
  BOOST_REQUIRE_EQUAL(claims.size(), 2U);
  BOOST_TEST((claims[0].action == Action::kJunk));  // the first report armed it
  BOOST_TEST(claims[1].recipient == "bob@contoso.example");
}

// The same Message-ID under two Network-Message-Ids, without one but with another
// fingerprint, and in another tenant: four messages.
BOOST_DATA_TEST_CASE(the_same_message_id_can_name_different_messages,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  const Wanted same{Action::kJunk, {"ada@contoso.example"}, "<same@sender.example>"};
  DecisionRecord bare = Record(3, same);
  bare.judgement.report.network_message_id.clear();
  DecisionRecord other_text = bare;
  other_text.report_digest = samples::DigestOf(4);
  other_text.judgement.fingerprint.subject = "another";
  DecisionRecord other_tenant = bare;
  other_tenant.report_digest = samples::DigestOf(5);
  other_tenant.tenant = "fabrikam";
  Ingest(*ledger, {Record(1, same), bare, other_text, other_tenant});
  BOOST_TEST(Ok(ledger->Counts()).armed == 4);
}

BOOST_DATA_TEST_CASE(a_claim_carries_what_the_worker_needs, boost::unit_test::data::make(kLedgers),
                     maker) {
  const auto ledger = maker.make();
  const DecisionRecord record = Record(7);
  Ingest(*ledger, {record});
  const auto claims = ClaimAll(*ledger);
  BOOST_REQUIRE_EQUAL(claims.size(), 1U);
  BOOST_TEST(claims[0].tenant == "contoso");
  BOOST_TEST(claims[0].recipient == "ada@contoso.example");
  BOOST_TEST((claims[0].action == Action::kJunk));
  BOOST_TEST((claims[0].mode == Mode::kEnforce));
  BOOST_TEST(claims[0].message_id == record.judgement.report.message_id);
  BOOST_TEST((claims[0].fingerprint == record.judgement.fingerprint));
  BOOST_TEST((claims[0].received == record.received));
  BOOST_TEST(claims[0].attempts == 0);
}

BOOST_DATA_TEST_CASE(the_oldest_due_is_claimed_first_and_once,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, {Record(3), Record(1), Record(2)});
  const auto first = Ok(ledger->Claim(kNoon, kLease, 2));
  BOOST_REQUIRE_EQUAL(first.size(), 2U);
  BOOST_TEST(first[0].message_id == "<1@sender.example>");
  BOOST_TEST(first[1].message_id == "<2@sender.example>");
  const auto second = Ok(ledger->Claim(kNoon, kLease, 2));
  BOOST_REQUIRE_EQUAL(second.size(), 1U);
  BOOST_TEST(second[0].message_id == "<3@sender.example>");
  BOOST_TEST(Ok(ledger->Claim(kNoon, kLease, 2)).empty());
}

BOOST_DATA_TEST_CASE(an_ended_lease_is_claimed_again_under_a_new_fence,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, {Record(1)});
  const auto first = ClaimAll(*ledger);
  BOOST_TEST(ClaimAll(*ledger, kNoon + kLease - 1ms).empty());
  const auto second = ClaimAll(*ledger, kNoon + kLease);
  BOOST_REQUIRE_EQUAL(second.size(), 1U);
  BOOST_TEST(second[0].id == first[0].id);
  BOOST_TEST(second[0].fence > first[0].fence);
  BOOST_TEST(second[0].attempts == 1);
}

BOOST_DATA_TEST_CASE(a_stale_claim_writes_nothing, boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, {Record(1)});
  const auto stale = ClaimAll(*ledger).at(0);
  const auto fresh = ClaimAll(*ledger, kNoon + kLease).at(0);
  const auto refused = [](const Status& status) {
    return !status.ok() && status.error().kind == ErrorKind::kRefused;
  };
  const auto late = ledger->RecordIntent(stale, Intent("mbx-1", "item-1", "Inbox"));
  BOOST_TEST((!late.ok() && late.error().kind == ErrorKind::kRefused));
  BOOST_TEST(refused(ledger->Finish(stale, Moved())));
  BOOST_TEST(refused(ledger->Hold(stale, Moved())));
  BOOST_TEST(refused(ledger->Postpone(stale, kNoon, "late", Obstacle::kNone)));
  BOOST_TEST(Ok(ledger->IntentsOf(stale.id)).empty());
  BOOST_TEST(Ok(ledger->Counts()).claimed == 1);
  Ok(ledger->Finish(fresh, Moved()));
  BOOST_TEST(refused(ledger->Finish(fresh, Moved())));  // ended is ended
}

BOOST_DATA_TEST_CASE(waits_and_leases_of_a_clock_that_was_set_back_are_limited,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, {Record(1), Record(2), Record(3)});
  const auto claims = ClaimAll(*ledger);
  BOOST_REQUIRE(claims.size() == 3u);
  Ok(ledger->Postpone(claims[0], kNoon + 1h, "copy not there yet", Obstacle::kNone));
  Ok(ledger->Postpone(claims[1], kNoon - 24h + 5s, "soon", Obstacle::kNone));
  const Time now = kNoon - 24h;
  Ok(ledger->LimitWaits(now, 10s, kLease));
  BOOST_TEST(Ok(ledger->Claim(now + 4s, kLease, 9)).empty());
  BOOST_TEST(Ok(ledger->Claim(now + 5s, kLease, 9)).at(0).id == claims[1].id);
  BOOST_TEST(Ok(ledger->Claim(now + 10s, kLease, 9)).at(0).id == claims[0].id);
  BOOST_TEST(Ok(ledger->Claim(now + kLease - 1ms, kLease, 9)).empty());
  BOOST_TEST(Ok(ledger->Claim(now + kLease, kLease, 9)).at(0).id == claims[2].id);
}

BOOST_DATA_TEST_CASE(postponed_work_is_due_when_said, boost::unit_test::data::make(kLedgers),
                     maker) {
  const auto ledger = maker.make();
  BOOST_TEST(!Ok(ledger->NextDue()).has_value());
  Ingest(*ledger, {Record(1)});
  BOOST_TEST((Ok(ledger->NextDue()) == kMorning + 1s));
  const auto claim = ClaimAll(*ledger).at(0);
  BOOST_TEST((Ok(ledger->NextDue()) == kNoon + kLease));
  Ok(ledger->Postpone(claim, kNoon + 15s, "copy not there yet", Obstacle::kNone));
  BOOST_TEST((Ok(ledger->NextDue()) == kNoon + 15s));
  BOOST_TEST(ClaimAll(*ledger, kNoon + 14s).empty());
  const auto again = ClaimAll(*ledger, kNoon + 15s).at(0);
  BOOST_TEST(again.attempts == 1);
  BOOST_TEST(again.conflicts == 0);
  Ok(ledger->Postpone(again, kNoon + 20s, "ErrorIrresolvableConflict", Obstacle::kConflict));
  const auto third = ClaimAll(*ledger, kNoon + 20s).at(0);
  BOOST_TEST(third.attempts == 2);
  BOOST_TEST(third.conflicts == 1);
  // Failures count in a row: a pause says nothing, a look without one ends the row.
  const struct {
    Obstacle obstacle;
    int failures;
  } rows[] = {{Obstacle::kFailure, 1},
              {Obstacle::kFailure, 2},
              {Obstacle::kPause, 2},
              {Obstacle::kNone, 0},
              {Obstacle::kFailure, 1}};
  auto claimed = third;
  for (const auto& row : rows) {
    Ok(ledger->Postpone(claimed, kNoon + 20s, "later", row.obstacle));
    claimed = ClaimAll(*ledger, kNoon + 20s).at(0);
    BOOST_TEST(claimed.failures == row.failures);
  }
}

BOOST_DATA_TEST_CASE(held_and_final_work_is_never_due, boost::unit_test::data::make(kLedgers),
                     maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, {Record(1), Record(2)});
  const auto claims = ClaimAll(*ledger);
  Ok(ledger->Hold(claims.at(0),
                  {OutcomeKind::kMismatch, "subject differs", "", "", "", "", "", "", kNoon}));
  Ok(ledger->Finish(claims.at(1), Moved()));
  BOOST_TEST(!Ok(ledger->NextDue()).has_value());
  BOOST_TEST(ClaimAll(*ledger, kNoon + 24h * 365).empty());
  const LedgerCounts counts = Ok(ledger->Counts());
  BOOST_TEST(counts.held == 1);
  BOOST_TEST(counts.final == 1);
}

// After a crash between act and outcome the item is found in its new folder; where it
// came from is what the first intent said.
BOOST_DATA_TEST_CASE(the_first_intent_of_an_item_stands, boost::unit_test::data::make(kLedgers),
                     maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, {Record(1)});
  const auto first = ClaimAll(*ledger).at(0);
  Ok(ledger->RecordIntent(first, Intent("mbx-1", "item-1", "Inbox")));
  const auto second = ClaimAll(*ledger, kNoon + kLease).at(0);
  Ok(ledger->RecordIntent(second, Intent("mbx-1", "item-1", "Junk")));
  Ok(ledger->RecordIntent(second, Intent("mbx-1", "item-2", "Archive")));
  const auto intents = Ok(ledger->IntentsOf(first.id));
  BOOST_REQUIRE_EQUAL(intents.size(), 2U);
  BOOST_TEST(intents[0].item_id == "item-1");
  BOOST_TEST(intents[0].from_folder == "Inbox");
  BOOST_TEST(intents[0].from_folder_id == "Inbox-id");
  BOOST_TEST((intents[0].at == kNoon));
  BOOST_TEST(intents[1].item_id == "item-2");
}

BOOST_DATA_TEST_CASE(two_recipients_in_one_mailbox_share_the_act,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, {Record(1, {Action::kJunk, {"ada@contoso.example", "a.l@contoso.example"}, ""})});
  const auto claims = ClaimAll(*ledger);
  BOOST_REQUIRE_EQUAL(claims.size(), 2U);
  Ok(ledger->RecordIntent(claims[0], Intent("mbx-1", "item-1", "Inbox")));
  const auto shared = Ok(ledger->IntentsOf(claims[1].id));
  BOOST_REQUIRE_EQUAL(shared.size(), 1U);
  BOOST_TEST(shared[0].shared);
  Ok(ledger->RecordIntent(claims[1], Intent("mbx-1", "item-1", "Junk")));
  const auto intents = Ok(ledger->IntentsOf(claims[1].id));
  BOOST_REQUIRE_EQUAL(intents.size(), 1U);
  BOOST_TEST(intents[0].from_folder == "Inbox");
  BOOST_TEST(!intents[0].shared);
}

BOOST_DATA_TEST_CASE(a_story_tells_record_retractions_and_outcome,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, {Record(1, {Action::kJunk, {"ada@contoso.example", "bob@contoso.example"}, ""})});
  const auto claims = ClaimAll(*ledger);
  Ok(ledger->Finish(claims.at(0), Moved()));
  Ok(ledger->Postpone(claims.at(1), kNoon + 5s, "copy not there yet", Obstacle::kNone));
  const auto rows = Ok(ledger->Search({}));
  BOOST_REQUIRE_EQUAL(rows.size(), 1U);
  const TraceStory story = Ok(ledger->Story(rows[0].id));
  BOOST_TEST(story.row.main_reason == "dangerous-attachment");
  BOOST_TEST(story.row.report_digest == ToHex(samples::DigestOf(1)));
  BOOST_TEST(story.row.recipients == 2);
  BOOST_TEST(story.record.channel.queue_id == "4ZxY");
  BOOST_REQUIRE_EQUAL(story.retractions.size(), 2U);
  const RetractionRow& moved = story.retractions[0];
  BOOST_TEST((moved.state == RetractionState::kFinal));
  BOOST_REQUIRE(moved.outcome.has_value());
  BOOST_TEST((moved.outcome->kind == OutcomeKind::kMoved));
  BOOST_TEST(moved.outcome->folder_before == "Inbox");
  BOOST_TEST(moved.outcome->folder_before_id == "inbox-id");
  BOOST_TEST(moved.outcome->folder_after == "Junk");
  BOOST_TEST(moved.outcome->request_id == "request-id1");
  BOOST_TEST((moved.outcome->at == kNoon));
  const RetractionRow& waiting = story.retractions[1];
  BOOST_TEST((waiting.state == RetractionState::kArmed));
  BOOST_TEST(waiting.last_error == "copy not there yet");
  BOOST_TEST(waiting.attempts == 1);
  BOOST_TEST(!waiting.outcome.has_value());
  BOOST_TEST((ledger->Story(rows[0].id + 1).error().kind == ErrorKind::kNotFound));
}

BOOST_DATA_TEST_CASE(the_trace_is_searched_by_every_field, boost::unit_test::data::make(kLedgers),
                     maker) {
  const auto ledger = maker.make();
  DecisionRecord quiet = Record(2, {Action::kNone, {"carol@contoso.example"}, ""});
  quiet.judgement.verdict = {};
  quiet.judgement.report.recipients[0].redirect = Redirect::kExpanded;
  quiet.judgement.report.recipients[0].original = "Team@contoso.example";
  DecisionRecord parked = Record(3);
  parked.tenant = "fabrikam";
  parked.decision.handling = Handling::kParked;
  Ingest(*ledger, {Record(1), quiet, parked});
  const auto count = [&](auto&& change) {
    TraceQuery query;
    change(query);
    return Ok(ledger->Search(query)).size();
  };
  BOOST_TEST(count([](TraceQuery&) {}) == 3U);
  BOOST_TEST(count([](TraceQuery& q) { q.tenant = "fabrikam"; }) == 1U);
  BOOST_TEST(count([](TraceQuery& q) { q.message_id = "<2@sender.example>"; }) == 1U);
  BOOST_TEST(count([](TraceQuery& q) { q.message_id = "<2@SENDER.example>"; }) == 0U);
  BOOST_TEST(count([](TraceQuery& q) { q.sender = "mallory@sender.EXAMPLE"; }) == 3U);
  BOOST_TEST(count([](TraceQuery& q) { q.recipient = "ADA@contoso.example"; }) == 2U);
  BOOST_TEST(count([](TraceQuery& q) { q.recipient = "team@contoso.example"; }) == 1U);
  BOOST_TEST(count([](TraceQuery& q) { q.subject_part = "INVOICE 2 "; }) == 1U);
  BOOST_TEST(count([](TraceQuery& q) { q.subject_part = "100%"; }) == 3U);
  BOOST_TEST(count([](TraceQuery& q) { q.subject_part = "1%due"; }) == 0U);
  BOOST_TEST(count([](TraceQuery& q) { q.subject_part = "Invoice _"; }) == 0U);
  BOOST_TEST(count([](TraceQuery& q) { q.report_digest = ToHex(samples::DigestOf(3)); }) == 1U);
  BOOST_TEST(count([](TraceQuery& q) { q.disposition = Disposition::kMalicious; }) == 2U);
  BOOST_TEST(count([](TraceQuery& q) { q.disposition = Disposition::kNone; }) == 1U);
  BOOST_TEST(count([](TraceQuery& q) { q.handling = Handling::kParked; }) == 1U);
  BOOST_TEST(count([](TraceQuery& q) { q.since = kMorning + 2s; }) == 2U);
  BOOST_TEST(count([](TraceQuery& q) { q.until = kMorning + 2s; }) == 1U);
  TraceQuery malformed;
  malformed.report_digest = "12";
  BOOST_TEST((ledger->Search(malformed).error().kind == ErrorKind::kInvalid));
}

// Of messages that came with features; the third without any.
std::vector<DecisionRecord> Featured() {
  std::vector<DecisionRecord> records = {Record(1), Record(2), Record(3)};
  HuntFeatures& first = records[0].judgement.hunt;
  first.hosts = {"login.evil.example", "www.fine.example"};
  first.domains = {"evil.example", "fine.example"};
  first.urls = {HuntKey(HuntKind::kUrl, "login.evil.example/a?b")};
  first.files = {std::string(64, 'a')};
  first.subject_key = "invoice #";
  records[1].judgement.hunt = first;
  records[1].judgement.hunt.hosts = {"other.evil.example"};
  records[1].judgement.hunt.domains = {"evil.example"};
  records[1].judgement.fingerprint.attachments = {std::string(64, 'b')};
  records[1].tenant = "fabrikam";
  return records;
}

BOOST_DATA_TEST_CASE(the_trace_is_searched_by_what_messages_have_in_common,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, Featured());
  const auto found = [&](auto&& change) {
    TraceQuery query;
    change(query);
    return Ids(Ok(ledger->Search(query))).size();
  };
  BOOST_TEST(found([](TraceQuery& q) { q.host = "login.EVIL.example"; }) == 1U);
  BOOST_TEST(found([](TraceQuery& q) { q.host = "evil.example"; }) == 2U);
  BOOST_TEST(found([](TraceQuery& q) { q.host = "example"; }) == 0U);
  BOOST_TEST(found([](TraceQuery& q) { q.url = "HTTP://u@Login.Evil.example:80/a?b#c"; }) == 2U);
  BOOST_TEST(found([](TraceQuery& q) { q.url = "http://login.evil.example/A?b"; }) == 0U);
  const std::string key = fmt::format("{:016x}", HuntKey(HuntKind::kUrl, "login.evil.example/a?b"));
  BOOST_TEST(found([&](TraceQuery& q) { q.url = key; }) == 2U);
  BOOST_TEST(found([](TraceQuery& q) { q.file = std::string(64, 'A'); }) == 2U);
  BOOST_TEST(found([](TraceQuery& q) { q.file = std::string(64, 'b'); }) == 1U);
  BOOST_TEST(found([](TraceQuery& q) { q.subject_key = "RE: Invoice 4711"; }) == 2U);
  // Together, and with the other restrictions.
  BOOST_TEST(found([](TraceQuery& q) {
               q.host = "evil.example";
               q.file = std::string(64, 'b');
             }) == 1U);
  BOOST_TEST(found([](TraceQuery& q) {
               q.host = "evil.example";
               q.tenant = "contoso";
               q.recipient = "ada@contoso.example";
             }) == 1U);
  BOOST_TEST(found([](TraceQuery& q) {
               q.host = "evil.example";
               q.before = 2;
             }) == 1U);
  BOOST_TEST(found([](TraceQuery& q) {
               q.host = "evil.example";
               q.after = 2;
             }) == 0U);
}

BOOST_DATA_TEST_CASE(a_feature_that_is_none_is_told, boost::unit_test::data::make(kLedgers),
                     maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, Featured());
  const auto kind = [&](auto&& change) {
    TraceQuery query;
    change(query);
    return ledger->Search(query).error().kind;
  };
  BOOST_TEST((kind([](TraceQuery& q) { q.host = "http://evil.example/"; }) == ErrorKind::kInvalid));
  BOOST_TEST((kind([](TraceQuery& q) { q.url = "evil"; }) == ErrorKind::kInvalid));
  BOOST_TEST((kind([](TraceQuery& q) { q.file = "b"; }) == ErrorKind::kInvalid));
  BOOST_TEST((kind([](TraceQuery& q) { q.like = 99; }) == ErrorKind::kNotFound));
}

// More messages than one part of the index holds have the feature.
BOOST_DATA_TEST_CASE(pages_of_a_hunt_join_over_the_parts_of_the_index,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  constexpr int kMessages = 9'000;
  constexpr int kEvery = 100;
  std::vector<DecisionRecord> records;
  for (int number = 0; number < kMessages; ++number) {
    DecisionRecord record;
    record.report_digest = samples::DigestOf(number);
    record.tenant = "contoso";
    record.received = kMorning;
    if (number % kEvery == 0) record.judgement.hunt.hosts = {"evil.example"};
    records.push_back(std::move(record));
  }
  Ingest(*ledger, std::move(records));
  TraceQuery query;
  query.host = "evil.example";
  query.limit = 7;
  const auto paged = AllPages(*ledger, query);
  BOOST_TEST(paged.size() == std::size_t{kMessages / kEvery});
  BOOST_TEST((std::adjacent_find(paged.begin(), paged.end(), std::less_equal<>()) == paged.end()));
}

// A sketch of that many hashes, shared of them the same for all.
Fingerprint Sketch(std::uint64_t own, std::size_t shared, std::size_t hashes = 40) {
  Fingerprint print;
  for (std::uint64_t i = 0; i < hashes; ++i) {
    print.text.push_back((i + 1) * 1000 + (i % hashes < shared ? 0 : own));
  }
  print.text_triples = static_cast<std::uint32_t>(hashes);
  return print;
}

BOOST_DATA_TEST_CASE(texts_that_are_half_the_same_are_found, boost::unit_test::data::make(kLedgers),
                     maker) {
  const auto ledger = maker.make();
  std::vector<DecisionRecord> records = {Record(1), Record(2), Record(3), Record(4), Record(5)};
  records[0].judgement.fingerprint = Sketch(1, 40);
  records[1].judgement.fingerprint = Sketch(2, 36);
  records[2].judgement.fingerprint = Sketch(3, 12);  // begins the same: a candidate, and no more
  records[3].judgement.fingerprint = Sketch(4, 0);
  records[4].judgement.fingerprint = {};
  Ingest(*ledger, std::move(records));
  TraceQuery query;
  query.like = 1;
  BOOST_TEST(Ids(Ok(ledger->Search(query))) == (std::vector<std::int64_t>{2, 1}),
             boost::test_tools::per_element());
  query.like = 4;
  BOOST_TEST(Ids(Ok(ledger->Search(query))) == (std::vector<std::int64_t>{4}),
             boost::test_tools::per_element());
  query.like = 5;  // no text
  BOOST_TEST((ledger->Search(query).error().kind == ErrorKind::kInvalid));
}

BOOST_DATA_TEST_CASE(pages_of_the_trace_join_without_gap_newest_first,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  std::vector<DecisionRecord> records;
  for (int number = 0; number < 25; ++number) records.push_back(Record(number));
  Ingest(*ledger, std::move(records));
  for (const std::string recipient : {"", "ada@contoso.example"}) {
    TraceQuery query;
    query.recipient = recipient;
    const auto all = Ids(Ok(ledger->Search(query)));
    BOOST_REQUIRE_EQUAL(all.size(), 25U);
    BOOST_TEST(std::is_sorted(all.rbegin(), all.rend()));
    query.limit = 10;
    const auto paged = AllPages(*ledger, query);
    BOOST_TEST(paged == all, boost::test_tools::per_element());
  }
}

// Bytes that are no text come back as they were.
BOOST_DATA_TEST_CASE(a_message_id_of_any_bytes_survives, boost::unit_test::data::make(kLedgers),
                     maker) {
  const auto ledger = maker.make();
  const std::string id("<\xff\0'\"%@x>", 9);
  Ingest(*ledger, {Record(1, {Action::kJunk, {"ada@contoso.example"}, id})});
  BOOST_TEST(ClaimAll(*ledger).at(0).message_id == id);
  TraceQuery query;
  query.message_id = id;
  const auto rows = Ok(ledger->Search(query));
  BOOST_REQUIRE_EQUAL(rows.size(), 1U);
  BOOST_TEST(rows[0].message_id == id);
  BOOST_TEST(Ok(ledger->Story(rows[0].id)).record.judgement.report.message_id == id);
}

// Workers that race for the same work, with searches beside them.
BOOST_DATA_TEST_CASE(racing_workers_share_nothing, boost::unit_test::data::make(kLedgers), maker) {
  constexpr int kRetractions = 60;
  const auto ledger = maker.make();
  std::vector<DecisionRecord> records;
  for (int number = 0; number < kRetractions; ++number) records.push_back(Record(number));
  Ingest(*ledger, std::move(records));
  constexpr std::size_t kWorkers = 3;
  std::vector<std::vector<std::int64_t>> done(kWorkers);
  std::vector<std::thread> workers;
  for (std::size_t worker = 0; worker < kWorkers; ++worker) {
    workers.emplace_back([&, worker] {
      while (true) {
        const auto claims = ledger->Claim(kNoon, kLease, 3);
        if (!claims.ok() || claims->empty()) return;
        for (const ClaimedRetraction& claim : *claims) {
          if (ledger->Finish(claim, Moved()).ok()) done[worker].push_back(claim.id);
        }
        if (!ledger->Search({}).ok()) return;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  std::set<std::int64_t> once;
  std::size_t total = 0;
  for (const auto& ids : done) {
    once.insert(ids.begin(), ids.end());
    total += ids.size();
  }
  BOOST_TEST(total == kRetractions);
  BOOST_TEST(once.size() == total);
  BOOST_TEST(Ok(ledger->Counts()).final == kRetractions);
}

BOOST_DATA_TEST_CASE(changes_are_told_once_in_order_from_any_position,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  BOOST_TEST(Ok(ledger->NewestChange()) == 0);
  BOOST_TEST(Ok(ledger->Changes({})).changes.empty());
  Ingest(*ledger, {Record(1), Record(2)});
  Ok(ledger->Finish(ClaimAll(*ledger).at(0), Moved()));
  Ok(ledger->ChangeSettings({1, {}}, {{}, "settings.set", "fabrikam", "mode", "why"}));
  const ChangePage all = Ok(ledger->Changes({}));
  BOOST_REQUIRE_EQUAL(all.changes.size(), 6U);  // a move is audited, and so are settings
  BOOST_TEST(all.looked_to == Ok(ledger->NewestChange()));
  BOOST_TEST(std::get<TraceRow>(all.changes[1].what).message_id == "<2@sender.example>");
  const auto& outcome = std::get<OutcomeChange>(all.changes[2].what);
  BOOST_TEST((outcome.retraction.outcome->kind == OutcomeKind::kMoved));
  BOOST_TEST((outcome.retraction.state == RetractionState::kFinal));
  BOOST_TEST(outcome.row->message_id == "<1@sender.example>");
  BOOST_TEST(std::get<AuditEntry>(all.changes[3].what).note.what == "retraction.moved");
  BOOST_TEST(std::get<SettingsChange>(all.changes[4].what).why == "why");
  BOOST_TEST(std::get<AuditEntry>(all.changes[5].what).note.tenant == "fabrikam");
  for (std::size_t i = 0; i < all.changes.size(); ++i) {
    const ChangePage rest = Ok(ledger->Changes({all.changes[i].position}));
    BOOST_TEST(rest.changes.size() == all.changes.size() - i - 1);
    if (i > 0) BOOST_TEST(all.changes[i].position > all.changes[i - 1].position);
  }
}

BOOST_DATA_TEST_CASE(changes_are_restricted_by_tenant_and_kind_and_looked_past,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  DecisionRecord other = Record(2);
  other.tenant = "fabrikam";
  Ingest(*ledger, {Record(1), other});
  for (const auto& claim : ClaimAll(*ledger)) Ok(ledger->Finish(claim, Moved()));
  const ChangePage rows = Ok(ledger->Changes({0, "fabrikam", {ChangeKind::kRow}}));
  BOOST_REQUIRE_EQUAL(rows.changes.size(), 1U);
  BOOST_TEST(rows.changes[0].tenant == "fabrikam");
  BOOST_TEST(rows.looked_to == Ok(ledger->NewestChange()));
  BOOST_TEST(Ok(ledger->Changes({0, "contoso", {ChangeKind::kOutcome}})).changes.size() == 1U);
  const ChangePage none = Ok(ledger->Changes({0, "nobody"}));
  BOOST_TEST(none.changes.empty());
  BOOST_TEST(none.looked_to == rows.looked_to);
}

BOOST_DATA_TEST_CASE(what_is_held_is_told_and_told_again_when_a_person_settles_it,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  Ingest(*ledger, {Record(1)});
  Ok(ledger->Hold(ClaimAll(*ledger).at(0),
                  {OutcomeKind::kMismatch, "subject differs", "", "", "", "", "", "", kNoon}));
  Ok(ledger->RetractByHand({1, "", {ActorKind::kUser, 1000, "ana"}, "it is"}, Action::kTrash,
                           kNoon));
  std::vector<RetractionState> states;
  for (const LedgerChange& change : Ok(ledger->Changes({0, "", {ChangeKind::kOutcome}})).changes) {
    states.push_back(std::get<OutcomeChange>(change.what).retraction.state);
  }
  BOOST_TEST((states == std::vector{RetractionState::kHeld, RetractionState::kFinal}));
}

// A subject may be as long as a header; a page is not.
BOOST_DATA_TEST_CASE(a_page_of_changes_is_bounded_and_pages_join,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  std::vector<DecisionRecord> records;
  for (int number = 1; number <= 300; ++number) {
    records.push_back(Record(number, {Action::kNone, {"ada@contoso.example"}, ""}));
    if (number <= 20) records.back().judgement.report.subject = std::string(100'000, 'x');
  }
  Ingest(*ledger, std::move(records));
  std::int64_t after = 0;
  std::int64_t seen = 0;
  for (ChangePage page; !(page = Ok(ledger->Changes({after}))).changes.empty();) {
    std::size_t bytes = 0;
    for (const LedgerChange& change : page.changes) {
      const auto& row = std::get<TraceRow>(change.what);
      BOOST_TEST(row.id == ++seen);
      bytes += row.subject.size();
    }
    BOOST_TEST(bytes < 512U << 10);
    BOOST_TEST(page.changes.size() <= 200U);
    after = page.looked_to;
  }
  BOOST_TEST(seen == 300);
}

// Handled by relay of region for an address of another, under a rule.
DecisionRecord Handled(int number, std::string relay, std::string region,
                       std::string address_region, RegionRule rule = {}) {
  DecisionRecord record = Record(number, {Action::kNone, {"ada@contoso.example"}, ""});
  record.relay = std::move(relay);
  record.region = std::move(region);
  record.channel.address_region = std::move(address_region);
  record.region_rule = std::move(rule);
  return record;
}

BOOST_DATA_TEST_CASE(the_account_of_regions_counts_all_and_names_what_was_wrong,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  const RegionRule primary{RegionPolicy::kPrimary, {"us-east"}};
  Ingest(*ledger, {Handled(1, "us-east", "us", "us"), Handled(2, "us-east", "us", "us"),
                   Handled(3, "us-east", "us", "eu"),           // planted: strict, elsewhere
                   Handled(4, "us-east", "us", "eu", primary),  // named
                   Handled(5, "us-west", "us", "eu", primary),  // planted: not named
                   Handled(6, "us-east", "us", "")});           // of before it was recorded
  const RegionQuery all{kMorning, kMorning + 1h, ""};
  const RegionAccount account = Ok(ledger->Regions(all));
  std::vector<std::string> told;
  for (const RegionCount& count : account.counts) {
    told.push_back(count.relay + " " + count.region + " " + count.address_region + " " +
                   count.policy + " " + std::string(ToString(count.standing)) + " " +
                   std::to_string(count.reports));
  }
  const std::vector<std::string> expected = {
      "us-east us   unproven 1", "us-east us eu primary fallback 1",
      "us-east us eu strict violation 1", "us-east us us strict in-region 2",
      "us-west us eu primary violation 1"};
  BOOST_TEST(told == expected, boost::test_tools::per_element());
  BOOST_REQUIRE_EQUAL(account.violations.size(), 2U);
  BOOST_TEST(account.violations[0].message_id == "<3@sender.example>");
  BOOST_TEST(account.violations[0].relay == "us-east");
  BOOST_TEST(account.violations[0].address_region == "eu");
  BOOST_TEST(account.violations[1].message_id == "<5@sender.example>");
  BOOST_TEST(account.violations[1].relay == "us-west");
}

BOOST_DATA_TEST_CASE(the_account_of_regions_keeps_to_its_time_and_tenant,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  DecisionRecord other = Handled(3, "us-east", "us", "us");
  other.tenant = "fabrikam";
  Ingest(*ledger, {Handled(1, "us-east", "us", "us"), Handled(2, "us-east", "us", "us"), other});
  const auto total = [&](const RegionQuery& query) {
    std::int64_t reports = 0;
    for (const RegionCount& count : Ok(ledger->Regions(query)).counts) reports += count.reports;
    return reports;
  };
  BOOST_TEST(total({kMorning, kMorning + 1h, ""}) == 3);
  BOOST_TEST(total({kMorning, kMorning + 1h, "fabrikam"}) == 1);
  BOOST_TEST(total({kMorning + 1s, kMorning + 3s, ""}) == 2);  // from counts, until does not
  BOOST_TEST(total({kMorning + 1h, kMorning + 2h, ""}) == 0);
}

BOOST_DATA_TEST_CASE(the_flow_counts_each_report_once_whatever_it_was,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  DecisionRecord fork = Record(2);
  fork.judgement.report.message_id = Record(1).judgement.report.message_id;
  DecisionRecord foreign = Record(3);
  foreign.decision.handling = Handling::kUnauthentic;
  foreign.source = {{Proof::kTls, true, true, "TLSv1.3", ""},
                    {Proof::kTenantId, true, false, "", "ours"}};
  DecisionRecord parked = Record(4);
  parked.decision.handling = Handling::kParked;
  DecisionRecord validation = Record(5);
  validation.decision.handling = Handling::kConnectorValidation;
  DecisionRecord replayed = Record(6);
  replayed.channel.replayed_by = "root";
  DecisionRecord bare = Record(7);
  for (const EngineOutcome outcome :
       {EngineOutcome::kAnswered, EngineOutcome::kAnswered, EngineOutcome::kUnavailable}) {
    bare.judgement.engines.emplace_back().engine = kClamd;
    bare.judgement.engines.back().outcome = outcome;
  }
  bare.source = {{Proof::kCertificateSubject, false, false, "", "mail.protection.outlook.com"}};
  for (int twice = 0; twice < 2; ++twice) {
    Ingest(*ledger, {Record(1), fork, foreign, parked, validation, replayed, bare});
  }
  const FlowCounts flow = Ok(ledger->Flow("contoso", kMorning - 1h));
  const auto count = [&](FlowKind kind, const std::string& detail = "") {
    const auto found = flow.find({"contoso", kind, detail, kMorning});
    return found == flow.end() ? 0 : found->second.count;
  };
  BOOST_TEST(count(FlowKind::kReport) == 3);
  BOOST_TEST((flow.at({"contoso", FlowKind::kReport, "", kMorning}).last == bare.received));
  BOOST_TEST(count(FlowKind::kToAddress, "s3cret@relay.example") == 3);
  BOOST_TEST(count(FlowKind::kFork) == 1);
  BOOST_TEST(count(FlowKind::kEngineAnswered, "clamd") == 2);
  BOOST_TEST(count(FlowKind::kEngineUnavailable, "clamd") == 1);
  BOOST_TEST(count(FlowKind::kEngineRefused, "clamd") == 0);
  BOOST_TEST(count(FlowKind::kNoCertificate) == 1);
  BOOST_TEST(count(FlowKind::kUnauthentic, "tenant-id") == 1);
  BOOST_TEST(count(FlowKind::kMalformed) == 1);
  BOOST_TEST(count(FlowKind::kConnectorValidation) == 1);
  BOOST_TEST(count(FlowKind::kReplayed) == 1);
  BOOST_TEST(flow.size() == 10U);
  BOOST_TEST(Ok(ledger->Flow("fabrikam", kMorning - 1h)).empty());
}

BOOST_DATA_TEST_CASE(counts_are_added_once_and_their_position_never_moves_back,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  const FlowKey repeat{"contoso", FlowKind::kRepeat, "", kMorning};
  const std::string segment = "decisions-20261103.db";
  const std::vector<FollowedCount> counts = {{{segment, 1}, repeat, {2, kMorning + 1s}},
                                             {{segment, 2}, repeat, {3, kMorning + 9s}}};
  BOOST_TEST((Ok(ledger->CountsFollowedTo("us-east")) == SegmentPosition{}));
  Ok(ledger->IngestCounts("us-east", counts));
  Ok(ledger->IngestCounts("us-east", counts));
  Ok(ledger->IngestCounts("us-east", {counts.data(), 1}));
  BOOST_TEST((Ok(ledger->CountsFollowedTo("us-east")) == SegmentPosition{segment, 2}));
  // A later minute of the same hour, with one row that is known.
  const FlowKey later{"contoso", FlowKind::kRepeat, "", kMorning + 5min};
  const std::vector<FollowedCount> more = {counts[1], {{segment, 3}, later, {1, kMorning + 5min}}};
  Ok(ledger->IngestCounts("us-east", more));
  const FlowCounts flow = Ok(ledger->Flow("contoso", kMorning));
  BOOST_REQUIRE_EQUAL(flow.size(), 1U);
  BOOST_TEST(flow.at(repeat).count == 6);
  BOOST_TEST((flow.at(repeat).last == kMorning + 5min));
}

BOOST_DATA_TEST_CASE(the_newest_hour_of_each_kind_is_kept_and_told_however_old,
                     boost::unit_test::data::make(kLedgers), maker) {
  const auto ledger = maker.make();
  std::vector<FollowedCount> counts;
  for (int hour = 0; hour < 5; ++hour) {
    const Time since = kMorning + hour * 1h;
    counts.push_back({{"decisions-20261103.db", hour + 1},
                      {"contoso", FlowKind::kReport, "", since},
                      {1, since}});
  }
  Ok(ledger->IngestCounts("us-east", counts));
  BOOST_TEST(Ok(ledger->Flow("contoso", kMorning + 3h)).size() == 2U);
  BOOST_TEST(Ok(ledger->Flow("contoso", kMorning + 99h)).size() == 1U);
  Ok(ledger->ForgetFlow(kMorning + 99h));
  const FlowCounts kept = Ok(ledger->Flow("contoso", kMorning));
  BOOST_REQUIRE_EQUAL(kept.size(), 1U);
  BOOST_TEST((kept.begin()->first.since == kMorning + 4h));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
