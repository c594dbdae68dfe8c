// SPDX-License-Identifier: Apache-2.0
#include <sys/stat.h>

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <thread>

#include "retract/ledger/decision_queue.h"
#include "retract/ledger/segment_file.h"
#include "tests/retract/ledger/samples.h"
#include "tests/retract/ledger/watching_vfs.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;
using samples::DigestOf;
using samples::kMorning;
using samples::Record;

struct Segments {
  samples::TemporaryFolder folder;
  ManualClock clock;
  SegmentOptions options;
  Segments() {
    options.folder = folder / "segments";
    options.followed_mark = folder / "retractd.sock.followed";
  }
  Result<std::unique_ptr<DecisionQueue>> TryWrite() { return OpenSegmentWriter(options, clock); }
  std::unique_ptr<DecisionQueue> Write() {
    auto writer = TryWrite();
    BOOST_REQUIRE_MESSAGE(writer.ok(), samples::Fault(writer));
    return *std::move(writer);
  }
  std::vector<std::string> Names() const { return *ListSegments(options.folder); }
};

Committed CommitOk(DecisionQueue& queue, int number) {
  const auto committed = queue.Commit(Record(number));
  BOOST_REQUIRE_MESSAGE(committed.ok(), samples::Fault(committed));
  return *committed;
}

mode_t ModeOf(const std::string& path) {
  struct stat file {};
  BOOST_REQUIRE_MESSAGE(::lstat(path.c_str(), &file) == 0, path);
  return file.st_mode & 07777U;
}

std::string Contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool Refused(const Result<std::unique_ptr<DecisionQueue>>& opened, const std::string& words) {
  return !opened.ok() && opened.error().kind == ErrorKind::kRefused &&
         opened.error().what.find(words) != std::string::npos;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(segment_writer)

BOOST_AUTO_TEST_CASE(repeats_and_strikes_are_known_after_a_restart) {
  Segments segments;
  {
    const auto writer = segments.Write();
    CommitOk(*writer, 1);
    BOOST_TEST(writer->Strike(DigestOf(2), kMorning).value() == 1);
    BOOST_TEST(writer->Strike(DigestOf(2), kMorning).value() == 2);
  }
  segments.clock.Set(kMorning + 24h);
  const auto writer = segments.Write();
  BOOST_TEST((CommitOk(*writer, 1) == Committed::kRepeat));
  BOOST_TEST(writer->Strike(DigestOf(2), kMorning).value() == 3);
  BOOST_TEST((CommitOk(*writer, 3) == Committed::kNew));
}

BOOST_AUTO_TEST_CASE(what_is_older_than_the_window_is_forgotten) {
  Segments segments;
  auto writer = segments.Write();
  CommitOk(*writer, 1);
  segments.clock.Set(kMorning + 48h);
  CommitOk(*writer, 2);
  BOOST_TEST(writer->Has(DigestOf(1)).value());  // its day ended 33 hours ago
  segments.clock.Set(kMorning + 96h);
  CommitOk(*writer, 3);
  BOOST_TEST(!writer->Has(DigestOf(1)).value());
  writer.reset();
  writer = segments.Write();
  BOOST_TEST(!writer->Has(DigestOf(1)).value());
  BOOST_TEST(writer->Has(DigestOf(3)).value());
}

BOOST_AUTO_TEST_CASE(a_segment_is_a_utc_day) {
  Segments segments;
  const auto writer = segments.Write();
  segments.clock.Set(kMorning + 15h - 1ms);
  CommitOk(*writer, 1);
  BOOST_TEST(segments.Names().size() == 1U);
  segments.clock.Set(kMorning + 15h);
  CommitOk(*writer, 2);
  const std::vector<std::string> expected = {"decisions-20261103.db", "decisions-20261104.db"};
  BOOST_TEST(segments.Names() == expected, boost::test_tools::per_element());
}

// Followers have passed the older day: what is written there now nobody would read.
BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_leads_to_no_older_segment) {
  Segments segments;
  auto writer = segments.Write();
  CommitOk(*writer, 1);
  segments.clock.Set(kMorning - 24h);
  CommitOk(*writer, 2);
  writer.reset();
  writer = segments.Write();
  CommitOk(*writer, 3);
  BOOST_TEST(segments.Names().size() == 1U);
  auto follower = *OpenSegmentFollower(segments.options.folder);
  BOOST_TEST(follower->ReadAfter({}, 10)->size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_segment_goes_when_it_is_old_and_followed) {
  Segments segments;
  const auto writer = segments.Write();
  CommitOk(*writer, 1);
  const auto after_days = [&](int days, int number) {
    segments.clock.Set(kMorning + 24h * days);
    CommitOk(*writer, number);
    return segments.Names().front();
  };
  BOOST_TEST(after_days(1, 2) == "decisions-20261103.db");
  BOOST_TEST(after_days(20, 3) == "decisions-20261103.db");  // old, but not followed
  BOOST_REQUIRE(
      WriteFollowedMark(segments.options.followed_mark, {"decisions-20261104.db", 1}).ok());
  BOOST_TEST(after_days(21, 4) == "decisions-20261104.db");  // the followed one stays
  BOOST_REQUIRE(
      WriteFollowedMark(segments.options.followed_mark, {"decisions-20261124.db", 1}).ok());
  BOOST_TEST(after_days(22, 5) == "decisions-20261123.db");  // followed, but not old
  BOOST_TEST(!std::filesystem::exists(segments.options.folder + "/decisions-20261103.db-wal"));
}

BOOST_AUTO_TEST_CASE(a_mark_that_makes_no_sense_drops_nothing) {
  Segments segments;
  const std::string& mark = segments.options.followed_mark;
  for (const char* line : {"", "decisions-20261104.db", "decisions-20261104.db x\n", "zzz 1\n",
                           "decisions-20261104.db 1", "decisions-20261304.db 1\n"}) {
    std::ofstream(mark, std::ios::trunc) << line;
    const auto read = ReadFollowedMark(mark);
    BOOST_TEST((!read.ok() && read.error().kind == ErrorKind::kInvalid), line);
  }
  const SegmentPosition position{"decisions-20261104.db", 17};
  BOOST_REQUIRE(WriteFollowedMark(mark, position).ok());
  BOOST_TEST((ReadFollowedMark(mark).value() == position));
  std::filesystem::remove(mark);
  BOOST_TEST((ReadFollowedMark(mark).error().kind == ErrorKind::kNotFound));
}

BOOST_AUTO_TEST_CASE(folder_and_files_have_the_modes_that_the_group_needs) {
  Segments segments;
  const ::mode_t before = ::umask(0077);  // and no umask changes them
  const auto writer = segments.Write();
  CommitOk(*writer, 1);
  BOOST_REQUIRE(writer->Park(DigestOf(1), "bytes", kMorning).value());
  ::umask(before);
  const std::string& folder = segments.options.folder;
  BOOST_TEST(ModeOf(folder) == 02750U);
  BOOST_TEST(ModeOf(folder + "/parked") == 02750U);
  for (const char* name : {"decisions-20261103.db", "decisions-20261103.db-wal",
                           "decisions-20261103.db-shm", "committed"}) {
    BOOST_TEST(ModeOf(folder + "/" + name) == 0640U, name);
  }
  BOOST_TEST(ModeOf(folder + "/parked/" + ToHex(DigestOf(1)) + ".eml") == 0640U);
  BOOST_TEST(ModeOf(folder + "/writer.lock") == 0600U);
}

BOOST_AUTO_TEST_CASE(looser_modes_are_refused_with_the_remedy) {
  Segments segments;
  segments.Write().reset();
  for (const unsigned mode : {0770U, 0751U, 0755U, 0777U}) {
    BOOST_REQUIRE(::chmod(segments.options.folder.c_str(), mode) == 0);
    BOOST_TEST(Refused(segments.TryWrite(), "chmod 2750"));
  }
  BOOST_REQUIRE(::chmod(segments.options.folder.c_str(), 02750) == 0);
  const std::string file = segments.options.folder + "/decisions-20261103.db";
  BOOST_REQUIRE(::chmod(file.c_str(), 0644) == 0);
  BOOST_TEST(Refused(segments.TryWrite(), "chmod 0640"));
}

BOOST_AUTO_TEST_CASE(links_are_not_followed) {
  Segments segments;
  std::filesystem::create_directory(segments.folder / "elsewhere");
  std::filesystem::create_directory_symlink(segments.folder / "elsewhere", segments.options.folder);
  BOOST_TEST(Refused(segments.TryWrite(), "not a folder"));
  std::filesystem::remove(segments.options.folder);
  segments.Write().reset();
  const std::string file = segments.options.folder + "/decisions-20261103.db";
  std::filesystem::rename(file, segments.folder / "moved.db");
  std::filesystem::create_symlink(segments.folder / "moved.db", file);
  BOOST_TEST(Refused(segments.TryWrite(), "not a regular file"));
}

BOOST_AUTO_TEST_CASE(a_second_writer_is_refused) {
  Segments segments;
  auto first = segments.Write();
  BOOST_TEST(Refused(segments.TryWrite(), "another process holds it"));
  first.reset();
  BOOST_TEST(segments.TryWrite().ok());
}

BOOST_AUTO_TEST_CASE(parked_bytes_stay_under_their_cap_and_expire) {
  Segments segments;
  segments.options.parked_bytes = 100;
  segments.options.parked_for = 24h;
  const std::string forty(40, 'x');
  auto writer = segments.Write();
  BOOST_TEST(writer->Park(DigestOf(1), forty, kMorning).value());
  BOOST_TEST(writer->Park(DigestOf(2), forty, kMorning + 12h).value());
  BOOST_TEST(!writer->Park(DigestOf(3), forty, kMorning + 12h).value());
  BOOST_TEST(writer->Park(DigestOf(1), forty, kMorning + 12h).value());  // is there
  const std::string parked = segments.options.folder + "/parked/";
  BOOST_TEST(Contents(parked + ToHex(DigestOf(1)) + ".eml") == forty);
  BOOST_TEST(!std::filesystem::exists(parked + ToHex(DigestOf(3)) + ".eml"));
  // After a restart the same cap and the same ages hold; a half-written file goes.
  writer.reset();
  std::ofstream(parked + ToHex(DigestOf(9)) + ".eml.new") << "half";
  segments.clock.Set(kMorning + 25h);
  writer = segments.Write();
  BOOST_TEST(!std::filesystem::exists(parked + ToHex(DigestOf(9)) + ".eml.new"));
  BOOST_TEST(writer->Park(DigestOf(3), forty, kMorning + 25h).value());
  BOOST_TEST(!std::filesystem::exists(parked + ToHex(DigestOf(1)) + ".eml"));
  BOOST_TEST(std::filesystem::exists(parked + ToHex(DigestOf(2)) + ".eml"));
  BOOST_TEST(!writer->Park(DigestOf(4), forty, kMorning + 25h).value());
}

BOOST_AUTO_TEST_CASE(bodies_have_a_folder_a_cap_and_a_time_of_their_own) {
  Segments segments;
  segments.options.parked_bytes = 0;
  segments.options.bodies_bytes = 100;
  segments.options.bodies_for = 24h;
  const std::string sixty(60, 'x');
  auto writer = segments.Write();
  BOOST_TEST(!writer->Park(DigestOf(1), sixty, kMorning).value());
  BOOST_TEST(writer->KeepBody(DigestOf(1), sixty, kMorning).value());
  BOOST_TEST(!writer->KeepBody(DigestOf(2), sixty, kMorning).value());
  const std::string file = segments.options.folder + "/bodies/" + ToHex(DigestOf(1)) + ".eml";
  BOOST_TEST(Contents(file) == sixty);
  BOOST_TEST(ModeOf(file) == 0600U);
  BOOST_TEST(ModeOf(segments.options.folder + "/bodies") == 0700U);
  // What is too old goes at the next start, too, and not only where something new comes.
  writer.reset();
  segments.clock.Set(kMorning + 25h);
  writer = segments.Write();
  BOOST_TEST(!std::filesystem::exists(file));
}

// The session must answer Postfix in time; the disk may do as it likes.
BOOST_AUTO_TEST_CASE(a_disk_that_hangs_is_transient_and_the_record_may_come_later) {
  testing::WatchingVfs disk;
  Segments segments;
  segments.options.commit_within = 50ms;
  const auto writer = segments.Write();
  disk.Hang();
  const auto committed = writer->Commit(Record(1));
  BOOST_REQUIRE(!committed.ok());
  BOOST_TEST((committed.error().kind == ErrorKind::kTransient));
  BOOST_TEST(!writer->Has(DigestOf(1)).value());
  disk.Release();
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!writer->Has(DigestOf(1)).value() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(1ms);
  }
  BOOST_TEST((CommitOk(*writer, 1) == Committed::kRepeat));
}

BOOST_AUTO_TEST_CASE(a_repeat_waits_for_the_commit_that_it_repeats) {
  testing::WatchingVfs disk;
  Segments segments;
  const auto writer = segments.Write();
  disk.Hang();
  std::atomic<int> fresh{0}, repeats{0};
  std::vector<std::thread> sessions;
  for (int session = 0; session < 3; ++session) {
    sessions.emplace_back([&] {
      const auto committed = writer->Commit(Record(1));
      if (!committed.ok()) std::abort();
      ++(*committed == Committed::kNew ? fresh : repeats);
    });
  }
  std::this_thread::sleep_for(50ms);  // time enough to answer too early
  BOOST_TEST(fresh + repeats == 0);
  disk.Release();
  for (std::thread& session : sessions) session.join();
  BOOST_TEST(fresh == 1);
  BOOST_TEST(repeats == 2);
}

// A session that gave up waiting leaves its record to be written all the same.
BOOST_AUTO_TEST_CASE(what_waits_is_written_before_the_queue_ends) {
  testing::WatchingVfs disk;
  Segments segments;
  segments.options.commit_within = 1ms;
  auto writer = segments.Write();
  disk.Hang();
  BOOST_TEST(!writer->Commit(Record(1)).ok());
  BOOST_TEST(!writer->Commit(Record(2)).ok());
  disk.Release();
  writer.reset();
  segments.options.commit_within = 15s;
  writer = segments.Write();
  BOOST_TEST(writer->Has(DigestOf(1)).value());
  BOOST_TEST(writer->Has(DigestOf(2)).value());
}

BOOST_AUTO_TEST_CASE(half_made_segments_of_a_dead_writer_are_in_nobodys_way) {
  Segments segments;
  segments.Write().reset();
  const std::string next = segments.options.folder + "/decisions-20261104.db";
  std::ofstream(next + ".new") << "half";
  std::ofstream(next + "-wal") << "half";
  segments.clock.Set(kMorning + 24h);
  const auto writer = segments.Write();
  BOOST_TEST((CommitOk(*writer, 1) == Committed::kNew));
  auto follower = *OpenSegmentFollower(segments.options.folder);
  BOOST_TEST(follower->ReadAfter({}, 10)->size() == 1U);
}

// SQLite itself goes on writing into a file that was removed.
BOOST_AUTO_TEST_CASE(nothing_is_committed_into_a_file_that_is_gone) {
  Segments segments;
  const auto writer = segments.Write();
  CommitOk(*writer, 1);
  auto follower = *OpenSegmentFollower(segments.options.folder);
  const auto first = follower->ReadAfter({}, 10);
  BOOST_REQUIRE(first.ok() && first->size() == 1U);
  const std::string segment = segments.options.folder + "/" + segments.Names().front();
  for (const char* part : {"", "-wal", "-shm"}) std::filesystem::remove(segment + part);
  segments.clock.Pass(1ms);
  const auto lost = writer->Commit(Record(2));
  BOOST_REQUIRE(!lost.ok());
  BOOST_TEST((lost.error().kind == ErrorKind::kTransient));
  BOOST_TEST(lost.error().what.find("removed or replaced") != std::string::npos);
  BOOST_TEST(!writer->Has(DigestOf(2)).value());
  // The same report again, into a new file: whoever followed the lost one finds it.
  BOOST_TEST((CommitOk(*writer, 2) == Committed::kNew));
  const auto second = follower->ReadAfter(first->back().position, 10);
  BOOST_REQUIRE_MESSAGE(second.ok(), samples::Fault(second));
  BOOST_REQUIRE_EQUAL(second->size(), 1U);
  BOOST_TEST((second->front().record.report_digest == DigestOf(2)));
  BOOST_TEST((CommitOk(*writer, 1) == Committed::kRepeat));
}

// Unmounted, say: what stands at the path then is not the disk that was meant.
BOOST_AUTO_TEST_CASE(a_folder_that_was_replaced_takes_nothing_until_it_is_back) {
  Segments segments;
  const auto writer = segments.Write();
  CommitOk(*writer, 1);
  const std::string& folder = segments.options.folder;
  std::filesystem::rename(folder, folder + ".away");
  const auto refused = [&](int number) {
    const auto committed = writer->Commit(Record(number));
    return !committed.ok() && committed.error().kind == ErrorKind::kTransient;
  };
  BOOST_TEST(refused(2));
  std::filesystem::create_directory(folder);
  segments.clock.Set(kMorning + 24h);  // neither does a new day lead there
  for (const int number : {2, 3}) BOOST_TEST(refused(number));
  BOOST_TEST(!writer->Strike(DigestOf(4), kMorning).ok());
  BOOST_TEST(std::filesystem::is_empty(folder));
  std::filesystem::remove(folder);
  std::filesystem::rename(folder + ".away", folder);
  for (const int number : {2, 3}) BOOST_TEST((CommitOk(*writer, number) == Committed::kNew));
  auto follower = *OpenSegmentFollower(folder);
  BOOST_TEST(follower->ReadAfter({}, 10)->size() == 3U);
}

BOOST_AUTO_TEST_CASE(a_parking_place_that_was_tidied_away_is_made_again) {
  Segments segments;
  const auto writer = segments.Write();
  std::filesystem::remove_all(segments.options.folder + "/parked");
  std::filesystem::remove_all(segments.options.folder + "/bodies");
  BOOST_TEST(writer->KeepBody(DigestOf(2), "raw", kMorning).value());
  BOOST_TEST(ModeOf(segments.options.folder + "/bodies") == 0700U);
  const auto kept = writer->Park(DigestOf(1), "raw", kMorning);
  BOOST_REQUIRE_MESSAGE(kept.ok(), samples::Fault(kept));
  BOOST_TEST(Contents(segments.options.folder + "/parked/" + ToHex(DigestOf(1)) + ".eml") == "raw");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
