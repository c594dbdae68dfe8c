// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <grp.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <thread>
#include <vector>

#include "retract/ledger/decision_queue.h"
#include "retract/ledger/sqlite.h"
#include "tests/retract/ledger/samples.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;
using samples::kMorning;
using samples::Record;
using Steady = std::chrono::steady_clock;

struct Segments {
  samples::TemporaryFolder folder;
  ManualClock clock;
  SegmentOptions options;
  Segments() { options.folder = folder / "segments"; }

  std::unique_ptr<DecisionQueue> Write() {
    auto writer = OpenSegmentWriter(options, clock);
    BOOST_REQUIRE_MESSAGE(writer.ok(), samples::Fault(writer));
    return *std::move(writer);
  }
  std::unique_ptr<DecisionSource> Follow() {
    auto follower = OpenSegmentFollower(options.folder);
    BOOST_REQUIRE_MESSAGE(follower.ok(), samples::Fault(follower));
    return *std::move(follower);
  }
};

void CommitOk(DecisionQueue& queue, int number) {
  const auto committed = queue.Commit(Record(number));
  BOOST_REQUIRE_MESSAGE(committed.ok(), samples::Fault(committed));
}

// Everything after position, a few at a time.
std::vector<FollowedRecord> ReadAll(DecisionSource& source, SegmentPosition position = {}) {
  std::vector<FollowedRecord> all;
  while (true) {
    auto some = source.ReadAfter(position, 3);
    BOOST_REQUIRE_MESSAGE(some.ok(), samples::Fault(some));
    if (some->empty()) return all;
    position = some->back().position;
    for (FollowedRecord& record : *some) all.push_back(std::move(record));
  }
}

std::vector<Digest> DigestsOf(const std::vector<FollowedRecord>& records) {
  std::vector<Digest> digests;
  for (const FollowedRecord& followed : records) digests.push_back(followed.record.report_digest);
  return digests;
}

std::vector<Digest> DigestsOf(std::initializer_list<int> numbers) {
  std::vector<Digest> digests;
  for (const int number : numbers) digests.push_back(samples::DigestOf(number));
  return digests;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(segment_follower)

BOOST_AUTO_TEST_CASE(records_come_whole_and_in_the_order_of_their_commits) {
  Segments segments;
  const auto writer = segments.Write();
  for (int number = 0; number < 10; ++number) CommitOk(*writer, number);
  const auto records = ReadAll(*segments.Follow());
  BOOST_REQUIRE_EQUAL(records.size(), 10U);
  SegmentPosition before{"decisions-20261103.db", 0};
  for (int number = 0; number < 10; ++number) {
    const FollowedRecord& followed = records[static_cast<std::size_t>(number)];
    BOOST_TEST(followed.position.segment == before.segment);
    BOOST_TEST(followed.position.sequence > before.sequence);
    before = followed.position;
    BOOST_TEST(ToJson(followed.record) == ToJson(Record(number)));
  }
}

BOOST_AUTO_TEST_CASE(a_follower_starts_before_there_is_a_writer) {
  Segments segments;
  const auto follower = segments.Follow();
  BOOST_TEST((follower->ReadAfter({}, 10).error().kind == ErrorKind::kNotFound));
  follower->Wait(1ms);
  const auto writer = segments.Write();
  BOOST_TEST(ReadAll(*follower).empty());
  CommitOk(*writer, 1);
  BOOST_TEST(ReadAll(*follower).size() == 1U);
}

BOOST_AUTO_TEST_CASE(reading_goes_on_across_days) {
  Segments segments;
  const auto writer = segments.Write();
  const auto follower = segments.Follow();
  CommitOk(*writer, 1);
  const auto first = ReadAll(*follower);
  CommitOk(*writer, 2);
  segments.clock.Set(kMorning + 24h);
  CommitOk(*writer, 3);
  segments.clock.Set(kMorning + 72h);
  CommitOk(*writer, 4);
  const auto rest = ReadAll(*follower, first.back().position);
  BOOST_TEST((DigestsOf(rest) == DigestsOf({2, 3, 4})));
  BOOST_TEST(rest[1].position.segment == "decisions-20261104.db");
  BOOST_TEST(rest[2].position.segment == "decisions-20261106.db");
  BOOST_TEST((follower->NextAfter(first.back().position).value() == rest[0].position));
  BOOST_TEST((follower->NextAfter(rest[0].position).value() == rest[1].position));
  BOOST_TEST((follower->NextAfter(rest[2].position).error().kind == ErrorKind::kNotFound));
}

BOOST_AUTO_TEST_CASE(segments_read_after_their_writer_closed_them) {
  Segments segments;
  auto writer = segments.Write();
  CommitOk(*writer, 1);
  const auto before = segments.Follow();
  BOOST_TEST(ReadAll(*before).size() == 1U);
  CommitOk(*writer, 2);
  writer.reset();
  BOOST_TEST(ReadAll(*before).size() == 2U);
  BOOST_TEST(ReadAll(*segments.Follow()).size() == 2U);
  writer = segments.Write();
  CommitOk(*writer, 3);
  BOOST_TEST(ReadAll(*before).size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_dropped_segment_is_passed_over) {
  Segments segments;
  const auto writer = segments.Write();
  CommitOk(*writer, 1);
  const auto follower = segments.Follow();
  const auto first = ReadAll(*follower);
  segments.clock.Set(kMorning + 24h);
  CommitOk(*writer, 2);
  std::filesystem::remove(segments.options.folder + "/decisions-20261103.db");
  BOOST_TEST((DigestsOf(ReadAll(*follower, first.back().position)) == DigestsOf({2})));
}

BOOST_AUTO_TEST_CASE(a_row_that_cannot_be_read_is_named_and_can_be_passed) {
  Segments segments;
  const auto writer = segments.Write();
  for (const int number : {1, 2, 3}) CommitOk(*writer, number);
  auto database =
      Database::Open(segments.options.folder + "/decisions-20261103.db", OpenMode::kReadWrite);
  const auto follower = segments.Follow();
  const std::string row = std::to_string(ReadAll(*follower).at(1).position.sequence);
  BOOST_REQUIRE(database->Execute("UPDATE decision SET record='{' WHERE sequence=" + row).ok());
  const auto readable = follower->ReadAfter({}, 10);
  BOOST_REQUIRE(readable.ok());
  BOOST_TEST(readable->size() == 1U);
  const auto damaged = follower->ReadAfter(readable->back().position, 10);
  BOOST_REQUIRE(!damaged.ok());
  BOOST_TEST((damaged.error().kind == ErrorKind::kInvalid));
  BOOST_TEST(damaged.error().what.find("decisions-20261103.db, row " + row) != std::string::npos);
  const auto next = follower->NextAfter(readable->back().position);
  BOOST_REQUIRE(next.ok());
  BOOST_TEST((DigestsOf(ReadAll(*follower, *next)) == DigestsOf({3})));
}

// The wait ends by the commit's own mark, long before the time it was given.
BOOST_AUTO_TEST_CASE(a_new_decision_is_seen_within_20_ms) {
  Segments segments;
  const auto writer = segments.Write();
  const auto follower = segments.Follow();
  SegmentPosition position;
  std::vector<double> delays;
  for (int number = 0; number < 20; ++number) {
    std::atomic<Steady::rep> committed{0};
    std::thread session([&] {
      if (!writer->Commit(Record(number)).ok()) std::abort();
      committed = Steady::now().time_since_epoch().count();
    });
    auto records = follower->ReadAfter(position, 10);
    while (records.ok() && records->empty()) {
      follower->Wait(10s);
      records = follower->ReadAfter(position, 10);
    }
    const auto seen = Steady::now().time_since_epoch();
    session.join();
    BOOST_REQUIRE_MESSAGE(records.ok(), samples::Fault(records));
    position = records->back().position;
    delays.push_back(
        std::chrono::duration<double, std::milli>(seen - Steady::duration(committed)).count());
  }
  std::sort(delays.begin(), delays.end());
  // The median: a loaded machine may stall one of them, a missed wake-up stalls all.
  BOOST_TEST(delays[delays.size() / 2] < 20.0);
  BOOST_TEST(delays.back() < 5000.0);
}

// The sidecar is another user, who reads through the folder's group alone.
BOOST_AUTO_TEST_CASE(group_read_permission_is_enough) {
  if (::geteuid() != 0) {
    BOOST_TEST_MESSAGE("SKIPPED: needs root to become another user");
    return;
  }
  constexpr gid_t kGroup = 54321;
  constexpr uid_t kReader = 54322;
  Segments segments;
  std::filesystem::permissions(segments.folder.path(), std::filesystem::perms(0755));
  auto writer = segments.Write();
  BOOST_REQUIRE(::chown(segments.options.folder.c_str(), 0, kGroup) == 0);
  std::filesystem::permissions(segments.options.folder, std::filesystem::perms(02750));
  segments.clock.Set(kMorning + 24h);  // a segment that inherits the folder's group
  CommitOk(*writer, 1);
  const auto read_as_other = [&](std::size_t expected) {
    const pid_t child = ::fork();
    if (child == 0) {
      if (::setgroups(0, nullptr) != 0 || ::setgid(kGroup) != 0 || ::setuid(kReader) != 0) {
        ::_exit(2);
      }
      const auto follower = OpenSegmentFollower(segments.options.folder);
      const auto records = (*follower)->ReadAfter({"decisions-20261104.db", 0}, 10);
      if (!records.ok()) std::fprintf(stderr, "%s\n", records.error().what.c_str());
      ::_exit(records.ok() && records->size() == expected ? 0 : 1);
    }
    int status = 0;
    BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
    return status == 0;
  };
  BOOST_TEST(read_as_other(1));
  CommitOk(*writer, 2);
  BOOST_TEST(read_as_other(2));
  writer.reset();
  BOOST_TEST(read_as_other(2));
}

// A reader that follows while sessions commit and days change misses nothing.
BOOST_AUTO_TEST_CASE(nothing_is_missed_while_sessions_commit_and_days_change) {
  constexpr int kSessions = 4;
  constexpr int kEach = 50;
  Segments segments;
  const auto writer = segments.Write();
  std::atomic<int> done{0};
  std::vector<std::thread> sessions;
  for (int session = 0; session < kSessions; ++session) {
    sessions.emplace_back([&, session] {
      for (int number = 0; number < kEach; ++number) {
        if (!writer->Commit(Record(session * kEach + number)).ok()) std::abort();
        if (session == 0 && number % 10 == 9) {
          segments.clock.Set(segments.clock.Now() + 24h);
        }
      }
      ++done;
    });
  }
  const auto follower = segments.Follow();
  std::vector<Digest> seen;
  SegmentPosition position;
  while (true) {
    const bool last = done == kSessions;
    const auto records = ReadAll(*follower, position);
    for (const Digest& digest : DigestsOf(records)) seen.push_back(digest);
    if (!records.empty()) position = records.back().position;
    if (last && records.empty()) break;
    follower->Wait(5ms);
  }
  for (std::thread& session : sessions) session.join();
  BOOST_TEST(seen.size() == static_cast<std::size_t>(kSessions * kEach));
  std::sort(seen.begin(), seen.end());
  BOOST_TEST((std::adjacent_find(seen.begin(), seen.end()) == seen.end()));
}

FlowCounts Summed(DecisionSource& source, SegmentPosition position = {}) {
  FlowCounts sums;
  while (true) {
    const auto some = source.CountsAfter(position, 2);
    BOOST_REQUIRE_MESSAGE(some.ok(), samples::Fault(some));
    if (some->empty()) return sums;
    position = some->back().position;
    for (const FollowedCount& each : *some) {
      sums[each.key].count += each.counted.count;
      sums[each.key].last = std::max(sums[each.key].last, each.counted.last);
    }
  }
}

BOOST_AUTO_TEST_CASE(counts_come_over_by_the_minute_and_none_is_lost_at_the_end) {
  Segments segments;
  segments.options.count_every = 1h;  // the end of the queue writes them
  auto writer = segments.Write();
  for (int i = 0; i < 100; ++i) {
    writer->Count({"contoso", FlowKind::kRepeat}, kMorning + i * 1s);
    writer->Count({"contoso", FlowKind::kUnmetDemand, "network"}, kMorning);
  }
  CommitOk(*writer, 1);
  writer.reset();
  const auto follower = segments.Follow();
  const FlowCounts sums = Summed(*follower);
  BOOST_TEST(sums.size() == 3U);
  BOOST_TEST(sums.at({"contoso", FlowKind::kRepeat, "", kMorning}).count == 60);
  const FlowCount second = sums.at({"contoso", FlowKind::kRepeat, "", kMorning + 1min});
  BOOST_TEST(second.count == 40);
  BOOST_TEST((second.last == kMorning + 99s));
  BOOST_TEST(sums.at({"contoso", FlowKind::kUnmetDemand, "network", kMorning}).count == 100);
  BOOST_TEST(ReadAll(*follower).size() == 1U);
}

// Two million refusals: a few rows, and no waiting for the disk.
BOOST_AUTO_TEST_CASE(a_flood_of_events_is_a_few_rows) {
  Segments segments;
  auto writer = segments.Write();
  for (int i = 0; i < 2'000'000; ++i) writer->Count({"", FlowKind::kUnknownAddress}, kMorning);
  writer.reset();
  const auto follower = segments.Follow();
  const auto rows = follower->CountsAfter({}, 1000);
  BOOST_REQUIRE(rows.ok());
  BOOST_TEST(rows->size() < 20U);
  std::int64_t sum = 0;
  for (const FollowedCount& each : *rows) sum += each.counted.count;
  BOOST_TEST(sum == 2'000'000);
}

BOOST_AUTO_TEST_CASE(counts_reach_the_follower_without_any_commit) {
  Segments segments;
  segments.options.count_every = 10ms;
  const auto writer = segments.Write();
  writer->Count({"contoso", FlowKind::kOtherRegion}, kMorning);
  const auto follower = segments.Follow();
  const auto deadline = Steady::now() + 20s;
  while (Summed(*follower).empty() && Steady::now() < deadline) follower->Wait(100ms);
  BOOST_TEST(Summed(*follower).size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_segment_of_before_has_no_counts_and_a_later_kind_is_passed_by) {
  Segments segments;
  segments.Write().reset();
  const std::string path = segments.options.folder + "/decisions-20261103.db";
  {
    auto database = *Database::Open(path, OpenMode::kReadWrite);
    BOOST_REQUIRE(database
                      .Execute("INSERT INTO counted(tenant,kind,detail,minute,count,last) VALUES"
                               "('a','from-the-future','',0,1,0),('a','repeat','',0,1,0)")
                      .ok());
  }
  BOOST_TEST(Summed(*segments.Follow()).size() == 1U);
  {
    auto database = *Database::Open(path, OpenMode::kReadWrite);
    BOOST_REQUIRE(database.Execute("DROP TABLE counted").ok());
  }
  BOOST_TEST(Summed(*segments.Follow()).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
