// SPDX-License-Identifier: Apache-2.0
// What is the SQLite ledger's own; what every ledger promises is in
// tests/contract/ledger_contract.cc.
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "policy/base/c_handle.h"
#include "retract/ledger/job_list.h"
#include "retract/ledger/ledger.h"
#include "retract/ledger/schema.h"
#include "retract/ledger/sqlite.h"
#include "tests/retract/ledger/samples.h"
#include "tests/retract/ledger/watching_vfs.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;
using samples::kMorning;
using samples::Record;

std::unique_ptr<Ledger> Open(const std::string& folder) {
  auto ledger = OpenSqliteLedger(folder);
  BOOST_REQUIRE_MESSAGE(ledger.ok(), samples::Fault(ledger));
  return *std::move(ledger);
}

mode_t ModeOf(const std::string& path) {
  struct stat file {};
  BOOST_REQUIRE_MESSAGE(::lstat(path.c_str(), &file) == 0, path);
  return file.st_mode & 07777U;
}

std::vector<FollowedRecord> Followed(int first, int last) {
  std::vector<FollowedRecord> records;
  for (int number = first; number <= last; ++number) {
    records.push_back({{"decisions-20261103.db", number}, Record(number)});
  }
  return records;
}

// The schema's version before the one that brought the features.
std::size_t VersionWithoutFeatures() {
  const SchemaSteps steps = LedgerSchema();
  return static_cast<std::size_t>(std::find_if(steps.begin(), steps.end(),
                                               [](std::string_view step) {
                                                 return step.find("TABLE trace_feature") !=
                                                        std::string_view::npos;
                                               }) -
                                  steps.begin());
}

// The plan of a query on the ledger's file, one line.
std::string PlanOf(const std::string& folder, const std::string& sql) {
  auto database = Database::Open(folder + "/ledger.db", OpenMode::kReadOnly);
  auto rows = database->Prepare("EXPLAIN QUERY PLAN " + sql);
  BOOST_REQUIRE_MESSAGE(rows.ok(), samples::Fault(rows));
  std::string plan;
  while (rows->Step().value()) plan += rows->Copy(3) + "; ";
  return plan;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(sqlite_ledger)

BOOST_AUTO_TEST_CASE(everything_is_there_after_reopening) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  {
    const auto ledger = Open(path);
    BOOST_REQUIRE(ledger->Ingest("us-east", Followed(1, 3)).ok());
    const auto claims = *ledger->Claim(kMorning + 1h, 2min, 2);
    BOOST_REQUIRE(ledger->Hold(claims[0], {}).ok());
  }
  const auto ledger = Open(path);
  const LedgerCounts counts = *ledger->Counts();
  BOOST_TEST(counts.reports == 3);
  BOOST_TEST(counts.armed == 1);
  BOOST_TEST(counts.claimed == 1);
  BOOST_TEST(counts.held == 1);
  BOOST_TEST(ledger->FollowedTo("us-east")->sequence == 3);
}

// A ledger of before persons could ask: what was done to an item is known from its
// retraction, so that it can be undone.
BOOST_AUTO_TEST_CASE(acts_of_an_older_ledger_can_be_undone) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  BOOST_REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  const std::string file = path + "/ledger.db";
  const FileDescriptor made(::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  {
    auto old = Database::Open(file, OpenMode::kReadWrite);
    BOOST_REQUIRE(old.ok());
    BOOST_REQUIRE(Migrate(*old, LedgerSchema().first(2)).ok());
    BOOST_REQUIRE(
        old->Execute("INSERT INTO message VALUES(1,'contoso','<1@sender.example>',"
                     "'network:n','{}',0);"
                     "INSERT INTO retraction(id, message, recipient_key, recipient, action,"
                     " mode, state, armed, due) VALUES(1,1,'ada@contoso.example',"
                     "'ada@contoso.example','trash','enforce','final',0,0);"
                     "INSERT INTO act VALUES(1,'contoso','mbx-1','item-1','f','Inbox',0);"
                     "INSERT INTO act_of VALUES(1,1);")
            .ok());
  }
  const auto ledger = Open(path);
  const auto acts = ledger->IntentsOf(1);
  BOOST_REQUIRE_MESSAGE(acts.ok(), samples::Fault(acts));
  BOOST_REQUIRE_EQUAL(acts->size(), 1U);
  BOOST_TEST((acts->front().action == Action::kTrash));
}

// A ledger of before subscriptions: what it holds stays, its retractions find the row
// that armed them, and what happens from now on is told.
BOOST_AUTO_TEST_CASE(an_older_ledger_tells_what_changes_from_now_on) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  BOOST_REQUIRE(::mkdir(path.c_str(), 0700) == 0);
  const std::string file = path + "/ledger.db";
  const FileDescriptor made(::open(file.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
  {
    auto old = Database::Open(file, OpenMode::kReadWrite);
    BOOST_REQUIRE(old.ok());
    BOOST_REQUIRE(Migrate(*old, LedgerSchema().first(4)).ok());
    BOOST_REQUIRE(
        old->Execute("INSERT INTO trace VALUES(7,x'00',0,'contoso','us-east','us',"
                     "'<1@sender.example>','eve@sender.example','Invoice','decided','MALICIOUS',"
                     "0.9,'',1);"
                     "INSERT INTO message VALUES(1,'contoso','<1@sender.example>',"
                     "'network:n','{}',0);"
                     "INSERT INTO retraction(id, message, recipient_key, recipient, action,"
                     " mode, state, armed, due) VALUES(1,1,'ada@contoso.example',"
                     "'ada@contoso.example','trash','enforce','armed',0,0);"
                     "INSERT INTO settings VALUES(1,0,'ana','why','{}');")
            .ok());
  }
  const auto ledger = Open(path);
  BOOST_TEST(ledger->Counts()->reports == 1);
  BOOST_TEST(*ledger->NewestChange() == 0);
  auto database = Database::Open(file, OpenMode::kReadWrite);
  BOOST_REQUIRE(database
                    ->Execute("UPDATE retraction SET state='held' WHERE id=1;"
                              "INSERT INTO outcome(retraction, kind, detail, mailbox_id, item_ids,"
                              " folder_before, folder_before_id, folder_after, request_id, at)"
                              " VALUES(1,'mismatch','','','','','','','',0);")
                    .ok());
  const auto page = ledger->Changes({});
  BOOST_REQUIRE_MESSAGE(page.ok(), samples::Fault(page));
  BOOST_REQUIRE_EQUAL(page->changes.size(), 1U);
  const auto& outcome = std::get<OutcomeChange>(page->changes.front().what);
  BOOST_TEST((outcome.retraction.state == RetractionState::kHeld));
  BOOST_REQUIRE(outcome.row.has_value());
  BOOST_TEST(outcome.row->id == 7);
}

// One damaged row must not stop what is behind it.
BOOST_AUTO_TEST_CASE(a_change_that_cannot_be_read_is_told_as_that) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  const auto ledger = Open(path);
  BOOST_REQUIRE(ledger->Ingest("us-east", Followed(1, 3)).ok());
  auto database = Database::Open(path + "/ledger.db", OpenMode::kReadWrite);
  BOOST_REQUIRE(database
                    ->Execute("UPDATE trace SET handling='no such word' WHERE id=1;"
                              "DELETE FROM trace WHERE id=2;")
                    .ok());
  const auto page = ledger->Changes({});
  BOOST_REQUIRE_MESSAGE(page.ok(), samples::Fault(page));
  BOOST_REQUIRE_EQUAL(page->changes.size(), 3U);
  BOOST_TEST(std::holds_alternative<Error>(page->changes[0].what));
  BOOST_TEST(std::get<Error>(page->changes[1].what).what == "row 2 is not kept any more");
  BOOST_TEST(std::get<TraceRow>(page->changes[2].what).id == 3);
}

BOOST_AUTO_TEST_CASE(folder_and_files_are_the_owners_alone) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  const auto ledger = Open(path);
  BOOST_REQUIRE(ledger->Ingest("us-east", Followed(1, 1)).ok());
  BOOST_TEST(ModeOf(path) == 0700U);
  for (const char* name : {"/ledger.db", "/ledger.db-wal", "/ledger.db-shm", "/ledger.lock"}) {
    BOOST_TEST(ModeOf(path + name) == 0600U, name);
  }
}

BOOST_AUTO_TEST_CASE(looser_modes_and_a_second_opener_are_refused) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  auto ledger = Open(path);
  BOOST_TEST((OpenSqliteLedger(path).error().kind == ErrorKind::kConflict));
  ledger.reset();
  BOOST_REQUIRE(::chmod(path.c_str(), 0750) == 0);
  const auto loose = OpenSqliteLedger(path);
  BOOST_TEST((loose.error().kind == ErrorKind::kRefused));
  BOOST_TEST(loose.error().what.find("chmod 0700") != std::string::npos);
  BOOST_REQUIRE(::chmod(path.c_str(), 0700) == 0);
  BOOST_REQUIRE(::chmod((path + "/ledger.db").c_str(), 0640) == 0);
  BOOST_TEST((OpenSqliteLedger(path).error().kind == ErrorKind::kRefused));
  BOOST_REQUIRE(::chmod((path + "/ledger.db").c_str(), 0600) == 0);
  BOOST_TEST(OpenSqliteLedger(path).ok());
}

// The tenure of a writer that does not prolong it is over at once.
BOOST_AUTO_TEST_CASE(who_was_relieved_writes_nothing_more) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  auto stopped = *OpenSqliteLedger(path, milliseconds(0));
  BOOST_REQUIRE(stopped->Ingest("us-east", Followed(1, 1)).ok());
  auto ledger = Open(path);
  BOOST_TEST((stopped->Ingest("us-east", Followed(2, 2)).error().kind == ErrorKind::kRefused));
  BOOST_TEST((stopped->KeepTenure(SystemClock().Now()).error().kind == ErrorKind::kRefused));
  BOOST_TEST((stopped->Claim(SystemClock().Now(), milliseconds(1000), 1).error().kind ==
              ErrorKind::kRefused));
  BOOST_TEST((stopped->ForgetFlow(Time{}).error().kind == ErrorKind::kRefused));
  BOOST_TEST(ledger->Ingest("us-east", Followed(2, 2)).ok());
  BOOST_TEST(ledger->Counts()->reports == 2);
}

BOOST_AUTO_TEST_CASE(a_tenure_that_is_prolonged_goes_on) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  auto ledger = *OpenSqliteLedger(path, milliseconds(0));
  BOOST_REQUIRE(ledger->KeepTenure(SystemClock().Now() + std::chrono::minutes(1)).ok());
  BOOST_TEST((OpenSqliteLedger(path).error().kind == ErrorKind::kConflict));
  // The relieved one is alive when it ends; whoever comes then waits for the one at work.
  BOOST_REQUIRE(ledger->KeepTenure(Time{}).ok());
  auto second = Open(path);
  ledger.reset();
  BOOST_TEST((OpenSqliteLedger(path).error().kind == ErrorKind::kConflict));
  second.reset();
  BOOST_TEST(OpenSqliteLedger(path).ok());
}

BOOST_AUTO_TEST_CASE(a_newer_ledger_is_not_opened) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  Open(path).reset();
  {
    auto database = Database::Open(path + "/ledger.db", OpenMode::kReadWrite);
    BOOST_REQUIRE(database->Execute("PRAGMA user_version=1000").ok());
  }
  BOOST_TEST((OpenSqliteLedger(path).error().kind == ErrorKind::kInvalid));
}

// A ledger of the release before: its messages are there, and hunts find what comes.
BOOST_AUTO_TEST_CASE(a_ledger_without_features_is_read_and_gets_them) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  BOOST_REQUIRE(Open(path)->Ingest("us-east", Followed(1, 2)).ok());
  {
    auto database = Database::Open(path + "/ledger.db", OpenMode::kReadWrite);
    BOOST_REQUIRE(database
                      ->Execute("DROP TABLE trace_feature; DROP TABLE pruned_report;"
                                "DROP TABLE pruned_retraction; DROP TABLE pruned;"
                                "DROP INDEX act_of_act; DROP INDEX job_item_message")
                      .ok());
    const auto older = std::to_string(VersionWithoutFeatures());
    BOOST_REQUIRE(database->Execute("PRAGMA user_version=" + older).ok());
  }
  const auto ledger = Open(path);
  TraceQuery query;
  query.file = std::string(64, 'a');
  BOOST_TEST(ledger->Search({})->size() == 2U);
  BOOST_TEST(ledger->Search(query)->empty());
  auto records = Followed(3, 3);
  records.front().record.judgement.fingerprint.attachments = {query.file};
  BOOST_REQUIRE(ledger->Ingest("us-east", records).ok());
  BOOST_TEST(ledger->Search(query)->size() == 1U);
}

// A feature is looked up, never looked for.
BOOST_AUTO_TEST_CASE(a_hunt_is_an_index_lookup) {
  samples::TemporaryFolder folder;
  Open(folder / "ledger").reset();
  const std::string plan = PlanOf(folder / "ledger",
                                  "SELECT t.id FROM trace_feature f CROSS JOIN trace t ON"
                                  " t.id=f.trace WHERE f.part=1 AND f.key=2 AND f.trace<3"
                                  " ORDER BY f.trace DESC LIMIT 50");
  BOOST_TEST(plan.find("SEARCH f USING PRIMARY KEY (part=? AND key=? AND trace<?)") == 0U, plan);
  BOOST_TEST(plan.find("TEMP B-TREE") == std::string::npos, plan);
}

// A failing disk leaves traces, retractions and position together or not at all, and
// the next try goes through.
BOOST_AUTO_TEST_CASE(an_ingest_is_all_or_nothing) {
  for (int nth = 1; nth <= 10; ++nth) {
    testing::WatchingVfs disk;
    samples::TemporaryFolder folder;
    const auto ledger = Open(folder / "ledger");
    disk.FailAt(nth, SQLITE_FULL, 1);
    const Status ingested = ledger->Ingest("us-east", Followed(1, 20));
    if (!ingested.ok()) {
      BOOST_TEST((ingested.error().kind == ErrorKind::kTransient));
      BOOST_TEST(ledger->Counts()->reports == 0);
      BOOST_TEST(ledger->FollowedTo("us-east")->sequence == 0);
      BOOST_REQUIRE(ledger->Ingest("us-east", Followed(1, 20)).ok());
    }
    BOOST_TEST(ledger->Counts()->reports == 20);
    BOOST_TEST(ledger->Counts()->armed == 20);
    BOOST_TEST(ledger->FollowedTo("us-east")->sequence == 20);
  }
}

// The indexes are worth their writes only while the searches use them.
// Its pages are separate transactions: what a slow request still lists must not come into a
// list that was frozen, approved and started meanwhile.
BOOST_AUTO_TEST_CASE(a_frozen_list_does_not_grow) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger.db";
  std::ofstream(path).flush();
  auto opened = Database::Open(path, OpenMode::kReadWrite);
  BOOST_REQUIRE_MESSAGE(opened.ok(), samples::Fault(opened));
  Database& database = *opened;
  BOOST_REQUIRE(Migrate(database, LedgerSchema()).ok());
  for (const auto& [state, grows] : {std::pair("draft", true), std::pair("prepared", false),
                                     std::pair("running", false), std::pair("cancelled", false)}) {
    BOOST_REQUIRE(database
                      .Run("INSERT INTO job(tenant, task, action, state, asked_kind, asked_uid,"
                           " asked_name, reason, made, expires)"
                           " VALUES('contoso','retract','trash',?,'user',1000,'ana','x',0,0)",
                           state)
                      .ok());
    const auto added = AddToList(database, database.last_id(), 1, 1, "ada@contoso.example");
    BOOST_TEST(added.ok() == grows, state);
    if (!added.ok()) BOOST_TEST((added.error().kind == ErrorKind::kRefused));
  }
}

BOOST_AUTO_TEST_CASE(searches_walk_an_index_newest_first) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  const auto ledger = Open(path);
  const auto uses = [&](const std::string& where, const std::string& index) {
    const std::string plan =
        PlanOf(path, "SELECT * FROM trace t WHERE " + where + " ORDER BY t.id DESC LIMIT 50");
    BOOST_TEST_INFO(plan);
    BOOST_TEST(plan.find(index) != std::string::npos);
    BOOST_TEST(plan.find("TEMP B-TREE") == std::string::npos);
  };
  uses("t.message_id=?", "trace_message_id");
  uses("t.sender=?", "trace_sender");
  uses("t.disposition<>'NONE' AND t.disposition=?", "trace_disposition");
  const std::string due = PlanOf(path,
                                 "SELECT id FROM retraction WHERE state IN ('armed','claimed')"
                                 " AND due<=? ORDER BY due LIMIT 10");
  BOOST_TEST_INFO(due);
  BOOST_TEST(due.find("retraction_due") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(nothing_counts_as_written_once_the_file_is_away) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  const auto ledger = Open(path);
  BOOST_REQUIRE(ledger->Ingest("us-east", Followed(1, 3)).ok());
  std::filesystem::rename(path, path + ".away");
  const auto claims = ledger->Claim(kMorning, std::chrono::seconds(60), 10);
  BOOST_REQUIRE(!claims.ok());
  BOOST_TEST((claims.error().kind == ErrorKind::kTransient));
  BOOST_TEST((ledger->Ingest("us-east", Followed(4, 5)).error().kind == ErrorKind::kTransient));
  std::filesystem::rename(path + ".away", path);
  BOOST_TEST(ledger->Ingest("us-east", Followed(4, 6)).ok());
  BOOST_TEST(ledger->FollowedTo("us-east")->sequence == 6);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
