// SPDX-License-Identifier: Apache-2.0
// What is the SQLite ledger's own of pruning; what every ledger promises is in
// tests/contract/ledger_retention_contract.cc.
#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "policy/message/hunt_features.h"
#include "retract/ledger/holding.h"
#include "retract/ledger/ledger.h"
#include "retract/ledger/pruning.h"
#include "retract/ledger/sqlite.h"
#include "tests/retract/ledger/samples.h"
#include "tests/retract/ledger/watching_vfs.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;
using samples::kMorning;
using samples::Record;

const std::string kSegment = "decisions-20261103.db";
constexpr Action kNothing = Action::kNone;

template <typename T>
T Ok(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.ok(), samples::Fault(result));
  return *std::move(result);
}
void Ok(const Status& status) { BOOST_REQUIRE_MESSAGE(status.ok(), samples::Fault(status)); }

Time AllIsOld() { return std::max(SystemClock().Now(), kMorning) + 24h; }

std::unique_ptr<Ledger> Open(const std::string& folder) { return Ok(OpenSqliteLedger(folder)); }

Status Ingest(Ledger& ledger, const DecisionRecord& record, std::int64_t sequence) {
  const FollowedRecord followed{{kSegment, sequence}, record};
  return ledger.Ingest("us-east", {&followed, 1});
}

// Everything that a message can be found by, in several tables.
DecisionRecord Full(int number, Action action) {
  const std::string own = std::to_string(number);
  DecisionRecord record = Record(number, {action, {"ada@contoso.example"}, ""});
  HuntFeatures& hunt = record.judgement.hunt;
  hunt.hosts = {"h" + own + ".example", "www.shared.example"};
  hunt.domains = {"shared.example"};
  hunt.files = {ToHex(Sha256Of("inner " + own))};
  for (std::uint64_t url = 1; url <= 8; ++url) hunt.urls.push_back(url * 7919 + own.size());
  hunt.subject_key = "canary of the subject " + own;
  record.judgement.report.subject = hunt.subject_key;
  Fingerprint& print = record.judgement.fingerprint;
  print.attachments = {ToHex(Sha256Of("file " + own))};
  print.text.clear();
  for (std::uint64_t hash = 1; hash <= 64; ++hash) {
    print.text.push_back(hash * 1'000'003 + static_cast<std::uint64_t>(number));
  }
  print.text_triples = 64;
  return record;
}

void FinishAll(Ledger& ledger) {
  const Time now = AllIsOld() - 23h;
  for (const auto& claim : Ok(ledger.Claim(now, 2min, 1000))) {
    Ok(ledger.RecordIntent(claim, {"mbx", "item-" + claim.message_id, "f", "Inbox", now}));
    Outcome outcome;
    outcome.kind = OutcomeKind::kNotFound;
    outcome.at = now;
    Ok(ledger.Finish(claim, outcome));
  }
}

std::int64_t PruneAll(Ledger& ledger, Time before, std::size_t most) {
  std::int64_t pruned = 0;
  for (PruneCursor at; at.stage != PruneStage::kDone;) {
    const PruneStep step = Ok(ledger.Prune(at, before, most));
    pruned += step.messages;
    at = step.next;
  }
  return pruned;
}

std::int64_t RowsOf(const std::string& folder, const std::string& table) {
  auto database = Ok(Database::Open(folder + "/ledger.db", OpenMode::kReadOnly));
  return Ok(database.Number("SELECT count(*) FROM " + table));
}

std::string BytesOf(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Times each step of a pass over everything; answers how many messages went.
std::int64_t TimeSteps(Ledger& ledger, const char* what) {
  std::vector<double> took;
  std::int64_t pruned = 0;
  for (PruneCursor at; at.stage != PruneStage::kDone;) {
    const auto begun = std::chrono::steady_clock::now();
    const PruneStep step = Ok(ledger.Prune(at, AllIsOld(), kPruneAtOnce));
    const std::chrono::duration<double, std::milli> one = std::chrono::steady_clock::now() - begun;
    took.push_back(one.count());
    pruned += step.messages;
    at = step.next;
  }
  std::sort(took.begin(), took.end());
  std::printf("%s: steps %zu median %.2f p99 %.2f worst %.2f ms\n", what, took.size(),
              took[took.size() / 2], took[took.size() * 99 / 100], took.back());
  return pruned;
}

// How many CLAWBACK_RETENTION_... says, for tests/bench/retention.py; few otherwise.
int Wanted(const char* variable, int otherwise) {
  const char* wanted = std::getenv(variable);
  return wanted == nullptr ? otherwise : static_cast<int>(std::strtol(wanted, nullptr, 10));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(retention)

BOOST_AUTO_TEST_CASE(nothing_of_a_pruned_message_is_left_in_any_table_or_in_the_file) {
  samples::TemporaryFolder folder;
  const std::string path = folder / "ledger";
  {
    const auto ledger = Open(path);
    for (int number = 1; number <= 30; ++number) {
      Ok(Ingest(*ledger, Full(number, number % 3 == 0 ? Action::kJunk : kNothing), number));
    }
    FinishAll(*ledger);
    BOOST_TEST(RowsOf(path, "trace_feature") > 30 * 10);
    BOOST_TEST(PruneAll(*ledger, AllIsOld(), 100) == 30);
    for (const char* table : {"trace", "trace_record", "trace_recipient", "trace_feature",
                              "message", "retraction", "outcome", "act", "act_of"}) {
      BOOST_TEST(RowsOf(path, table) == 0, table);
    }
    BOOST_TEST(RowsOf(path, "change") == 1);  // the newest
    BOOST_TEST(RowsOf(path, "pruned_report") == 30);
    BOOST_TEST(RowsOf(path, "pruned_retraction") == 10);
  }
  auto database = Ok(Database::Open(path + "/ledger.db", OpenMode::kReadWrite));
  Ok(database.Execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  for (const auto& file : std::filesystem::directory_iterator(path)) {
    const std::string bytes = BytesOf(file.path());
    BOOST_TEST(bytes.find("canary of the subject") == std::string::npos, file.path());
    BOOST_TEST(bytes.find("sender.example") == std::string::npos, file.path());
  }
}

// The row would lose what belongs to it.
BOOST_AUTO_TEST_CASE(a_row_whose_record_cannot_be_read_stays_and_is_counted) {
  samples::TemporaryFolder folder;
  const auto ledger = Open(folder / "ledger");
  for (int number = 1; number <= 3; ++number) Ok(Ingest(*ledger, Full(number, kNothing), number));
  {
    auto database = Ok(Database::Open(folder / "ledger/ledger.db", OpenMode::kReadWrite));
    Ok(
        database.Execute("UPDATE trace_record SET record='{' WHERE trace=1;"
                         "DELETE FROM trace_record WHERE trace=2"));
  }
  PruneCursor messages;
  messages.stage = PruneStage::kMessages;
  const PruneStep step = Ok(ledger->Prune(messages, AllIsOld(), 1000));
  BOOST_TEST(step.messages == 1);
  BOOST_TEST(step.unreadable == 2);
  BOOST_TEST(Ok(ledger->Counts()).reports == 2);
}

// A failing disk leaves a step done or not done, and the next try goes through.
BOOST_AUTO_TEST_CASE(a_step_is_all_or_nothing) {
  for (int nth = 1; nth <= 8; ++nth) {
    testing::WatchingVfs disk;
    samples::TemporaryFolder folder;
    const auto ledger = Open(folder / "ledger");
    Ok(Ingest(*ledger, Full(1, Action::kJunk), 1));
    FinishAll(*ledger);
    PruneCursor messages;
    messages.stage = PruneStage::kMessages;
    disk.FailAt(nth, SQLITE_FULL, 1);
    const auto step = ledger->Prune(messages, AllIsOld(), 1000);
    if (!step.ok()) {
      BOOST_TEST(Ok(ledger->Counts()).final == 1);
      BOOST_TEST(RowsOf(folder / "ledger", "pruned_report") == 0);
    }
    BOOST_TEST(PruneAll(*ledger, AllIsOld(), 1000) == (step.ok() ? 0 : 1));
    BOOST_TEST(Ok(ledger->Counts()).reports == 0);
    Ok(Ingest(*ledger, Full(1, Action::kJunk), 2));
    BOOST_TEST(Ok(ledger->Counts()).reports == 0);
  }
}

// Also for ThreadSanitizer: nobody waits for a pass, nobody sees half a message.
BOOST_AUTO_TEST_CASE(a_pass_goes_on_beside_everything_else) {
  samples::TemporaryFolder folder;
  const auto ledger = Open(folder / "ledger");
  for (int number = 1; number <= 60; ++number) Ok(Ingest(*ledger, Full(number, kNothing), number));
  DecisionRecord young = Full(1000, kNothing);
  young.received = AllIsOld() + 1h;
  Ok(Ingest(*ledger, young, 1000));
  std::atomic<bool> over{false};
  std::atomic<int> faults{0};
  const auto busily = [&](auto work) {
    return std::thread([&, work] {
      for (int number = 1; !over; ++number) {
        if (!work(number)) ++faults;
      }
    });
  };
  std::thread threads[] = {
      busily([&](int number) {
        return Ingest(*ledger, Full(1000 + number, Action::kJunk), 1000 + number).ok();
      }),
      busily([&](int) { return ledger->Claim(kMorning, 2min, 10).ok(); }), busily([&](int) {
        TraceQuery like;
        like.like = 61;
        TraceQuery host;
        host.host = "shared.example";
        return ledger->Search(like).ok() && ledger->Search(host).ok() && ledger->Counts().ok();
      }),
      busily([&](int number) { return ledger->Changes({number % 50}).ok(); })};
  BOOST_TEST(PruneAll(*ledger, kMorning + 61s, 20) == 60);
  over = true;
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(faults == 0);
}

BOOST_AUTO_TEST_CASE(many_messages_go_in_many_steps) {
  const int reports = Wanted("CLAWBACK_RETENTION_REPORTS", 600);
  samples::TemporaryFolder folder;
  const auto ledger = Open(folder / "ledger");
  ledger->holding().UseLimits({{"contoso", {{0, 10min, 100, 1}, 100, {}}}});  // no breaker
  std::vector<FollowedRecord> followed;
  for (int number = 1; number <= reports; ++number) {
    DecisionRecord record = Full(number, number % 20 == 0 ? Action::kJunk : kNothing);
    record.received = kMorning + milliseconds(number);
    followed.push_back({{kSegment, number}, std::move(record)});
    if (followed.size() < 256 && number < reports) continue;
    Ok(ledger->Ingest("us-east", followed));
    followed.clear();
    FinishAll(*ledger);
  }
  std::printf("bytes %zu\n",
              static_cast<std::size_t>(std::filesystem::file_size(folder / "ledger/ledger.db")));
  BOOST_TEST(TimeSteps(*ledger, "messages") == reports);
}

BOOST_AUTO_TEST_CASE(a_message_to_many_goes_in_many_steps) {
  const int recipients = Wanted("CLAWBACK_RETENTION_RECIPIENTS", 2000);
  samples::TemporaryFolder folder;
  const auto ledger = Open(folder / "ledger");
  samples::Wanted wanted{Action::kJunk, {}, ""};
  for (int i = 0; i < recipients; ++i) {
    wanted.recipients.push_back("r" + std::to_string(i) + "@contoso.example");
  }
  Ok(Ingest(*ledger, Record(1, std::move(wanted)), 1));
  {
    auto database = Ok(Database::Open(folder / "ledger/ledger.db", OpenMode::kReadWrite));
    Ok(database.Execute(
        "UPDATE retraction SET state='final';"
        "INSERT INTO outcome(retraction, kind, detail, mailbox_id, item_ids, folder_before,"
        " folder_before_id, folder_after, request_id, at)"
        " SELECT id, 'not-found', '', '', '', '', '', '', '', armed FROM retraction"));
  }
  BOOST_TEST(TimeSteps(*ledger, "recipients") == 1);
  BOOST_TEST(RowsOf(folder / "ledger", "trace_recipient") == 0);
  BOOST_TEST(RowsOf(folder / "ledger", "retraction") == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
