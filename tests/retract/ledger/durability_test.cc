// SPDX-License-Identifier: Apache-2.0
// What was acknowledged is there: after a kill, a power cut, a failing disk, a full
// disk. CLAWBACK_KILLS, CLAWBACK_POWER_CUTS and CLAWBACK_SEED change how often.
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include "policy/base/c_handle.h"
#include "retract/ledger/decision_queue.h"
#include "tests/retract/ledger/samples.h"
#include "tests/retract/ledger/watching_vfs.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;
using samples::kMorning;
using samples::Record;
using testing::WatchingVfs;
using Steady = std::chrono::steady_clock;

int Setting(const char* name, int otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? std::atoi(value) : otherwise;
}

std::mt19937 Random() {
  const int seed = Setting("CLAWBACK_SEED", static_cast<int>(std::random_device{}() & 0xffffffU));
  BOOST_TEST_MESSAGE("CLAWBACK_SEED=" << seed);
  return std::mt19937(static_cast<unsigned>(seed));
}

SegmentOptions In(const std::string& folder) {
  SegmentOptions options;
  options.folder = folder;
  return options;
}

std::unique_ptr<DecisionQueue> Write(const std::string& folder, const Clock& clock) {
  auto writer = OpenSegmentWriter(In(folder), clock);
  BOOST_REQUIRE_MESSAGE(writer.ok(), samples::Fault(writer));
  return *std::move(writer);
}

// Runs a case of this program in a process of its own, with one variable more.
pid_t StartCase(const std::string& name, const std::string& variable, int output = -1) {
  const std::string filter = "--run_test=" + name;
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (output >= 0) ::dup2(output, STDOUT_FILENO);
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  ::dup2(nowhere, STDERR_FILENO);
  if (output < 0) ::dup2(nowhere, STDOUT_FILENO);
  ::putenv(const_cast<char*>(variable.c_str()));
  ::execl("/proc/self/exe", "ledger", filter.c_str(), "--log_level=nothing", "--report_level=no",
          nullptr);
  ::_exit(127);
}

int WaitFor(pid_t child) {
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

// The folder of the child that is killed.
const char* KilledFolder() { return std::getenv("CLAWBACK_TEST_SEGMENTS"); }

// All that a writer says it has committed, a line a report.
std::vector<int> ReadAcknowledged(int fd) {
  std::string text;
  std::array<char, 4096> buffer{};
  ssize_t size = 0;
  while ((size = ::read(fd, buffer.data(), buffer.size())) > 0) {
    text.append(buffer.data(), static_cast<std::size_t>(size));
  }
  std::vector<int> numbers;
  std::size_t begin = 0;
  for (std::size_t end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    numbers.push_back(std::stoi(text.substr(begin, end - begin)));
  }
  return numbers;
}

int CountMissing(DecisionQueue& queue, const std::vector<int>& acknowledged) {
  int missing = 0;
  for (const int number : acknowledged) {
    if (!queue.Has(samples::DigestOf(number)).value()) ++missing;
  }
  return missing;
}

// How often each report stands in the folder.
std::map<Digest, int> CountRecords(const std::string& folder) {
  std::map<Digest, int> counts;
  auto follower = *OpenSegmentFollower(folder);
  SegmentPosition position;
  while (true) {
    const auto records = follower->ReadAfter(position, 100);
    BOOST_REQUIRE_MESSAGE(records.ok(), samples::Fault(records));
    if (records->empty()) return counts;
    for (const auto& followed : *records) ++counts[followed.record.report_digest];
    position = records->back().position;
  }
}

}  // namespace

// Not tests by themselves: what the tests below start in processes of their own.
BOOST_AUTO_TEST_SUITE(child, *boost::unit_test::disabled())

// Commits until it is killed; on standard output each report that was acknowledged.
BOOST_AUTO_TEST_CASE(commits_until_killed) {
  BOOST_REQUIRE(KilledFolder() != nullptr);
  const SystemClock clock;
  const auto writer = Write(KilledFolder(), clock);
  const int base = static_cast<int>(::getpid() % 20000) * 100000;
  std::vector<std::thread> sessions;
  for (int session = 0; session < 4; ++session) {
    sessions.emplace_back([&, session] {
      for (int number = 0; number < 20000; ++number) {
        const int report = base + session * 20000 + number;
        if (!writer->Commit(Record(report)).ok()) continue;
        const std::string line = std::to_string(report) + "\n";
        if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) return;
      }
    });
  }
  for (std::thread& session : sessions) session.join();
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(durability)

BOOST_AUTO_TEST_CASE(an_acknowledged_record_survives_kill_9) {
  const int kills = Setting("CLAWBACK_KILLS", 25);
  std::mt19937 random = Random();
  samples::TemporaryFolder folder;
  const std::string segments = folder / "segments";
  std::vector<int> acknowledged;
  for (int kill = 0; kill < kills; ++kill) {
    int ends[2];
    BOOST_REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    FileDescriptor reading(ends[0]);
    FileDescriptor writing(ends[1]);
    const pid_t child = StartCase("child/commits_until_killed",
                                  "CLAWBACK_TEST_SEGMENTS=" + segments, writing.get());
    writing.Reset();
    // Mostly while it commits, now and then before or while it opens its segments.
    pollfd commits{reading.get(), POLLIN, 0};
    if (kill % 5 != 0) ::poll(&commits, 1, 10000);
    std::thread killer([child, pause = milliseconds(random() % 80)] {
      std::this_thread::sleep_for(pause);
      ::kill(child, SIGKILL);
    });
    for (const int number : ReadAcknowledged(reading.get())) acknowledged.push_back(number);
    killer.join();
    BOOST_TEST(WIFSIGNALED(WaitFor(child)));
  }
  const SystemClock clock;
  const auto writer = Write(segments, clock);
  BOOST_TEST_MESSAGE(kills << " kills, " << acknowledged.size() << " acknowledged");
  BOOST_TEST(!acknowledged.empty());
  BOOST_TEST(CountMissing(*writer, acknowledged) == 0);
  for (const auto& [digest, count] : CountRecords(segments)) {
    if (count != 1) BOOST_ERROR(ToHex(digest) << " stands there " << count << " times");
  }
}

// At moments between and within commits the power goes; what was acknowledged before
// that is there afterwards, whatever became of the writes that were not synced.
BOOST_AUTO_TEST_CASE(an_acknowledged_record_survives_a_power_cut) {
  const int cuts = Setting("CLAWBACK_POWER_CUTS", 40);
  std::mt19937 random = Random();
  WatchingVfs disk;
  samples::TemporaryFolder folder;
  const std::string segments = folder / "segments";
  const ManualClock clock;
  auto writer = Write(segments, clock);
  std::mutex mutex;
  std::vector<int> acknowledged;
  std::atomic<bool> stop{false};
  std::vector<std::thread> sessions;
  for (int session = 0; session < 3; ++session) {
    sessions.emplace_back([&, session] {
      for (int number = 0; !stop; ++number) {
        const int report = session * 1000000 + number;
        if (!writer->Commit(Record(report)).ok()) return;
        const std::lock_guard lock(mutex);
        acknowledged.push_back(report);
      }
    });
  }
  int lost = 0;
  for (int cut = 0; cut < cuts; ++cut) {
    std::this_thread::sleep_for(milliseconds(random() % 8));
    samples::TemporaryFolder after;
    std::vector<int> promised;
    {
      const std::lock_guard lock(mutex);
      promised = acknowledged;
    }
    disk.WritePowerCut(segments, after.path(), random);
    std::filesystem::permissions(after.path(), std::filesystem::perms(02750));
    const auto reopened = OpenSegmentWriter(In(after.path()), clock);
    if (!reopened.ok())
      BOOST_ERROR("cannot open what the power cut left: " << samples::Fault(reopened));
    if (reopened.ok()) lost += CountMissing(**reopened, promised);
  }
  stop = true;
  for (std::thread& session : sessions) session.join();
  writer.reset();
  BOOST_TEST_MESSAGE(cuts << " power cuts, " << acknowledged.size() << " acknowledged");
  BOOST_TEST(lost == 0);
}

// The test above is worth something only if it notices a writer that does not sync.
BOOST_AUTO_TEST_CASE(the_power_cut_finds_a_writer_that_does_not_sync) {
  const int status = WaitFor(StartCase("durability/an_acknowledged_record_survives_a_power_cut",
                                       "CLAWBACK_FAULT=ledger.synchronous=off"));
  BOOST_TEST(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == 201);  // Boost.Test: a check failed
  const int sound = WaitFor(StartCase("durability/an_acknowledged_record_survives_a_power_cut",
                                      "CLAWBACK_FAULT=none=off"));
  BOOST_TEST((WIFEXITED(sound) && WEXITSTATUS(sound) == 0));
}

BOOST_AUTO_TEST_CASE(sessions_that_wait_share_one_sync) {
  constexpr int kSessions = 16;
  constexpr int kEach = 25;
  WatchingVfs disk;
  samples::TemporaryFolder folder;
  const ManualClock clock;
  const auto writer = Write(folder / "segments", clock);
  const int before = disk.log_syncs();
  std::vector<std::thread> sessions;
  for (int session = 0; session < kSessions; ++session) {
    sessions.emplace_back([&, session] {
      for (int number = 0; number < kEach; ++number) {
        if (!writer->Commit(Record(session * kEach + number)).ok()) std::abort();
      }
    });
  }
  for (std::thread& session : sessions) session.join();
  const int syncs = disk.log_syncs() - before;
  BOOST_TEST_MESSAGE(kSessions * kEach << " records, " << syncs << " syncs");
  BOOST_TEST(syncs > 0);
  BOOST_TEST(syncs < kSessions * kEach / 2);
}

// Each write and sync of a commit fails in turn, once or four times in a row: that
// commit is transient, the same record commits afterwards, and nothing that was
// acknowledged is lost or doubled.
BOOST_AUTO_TEST_CASE(a_commit_recovers_from_every_failing_operation) {
  for (const int code : {SQLITE_FULL, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC}) {
    for (const int count : {1, 4}) {
      WatchingVfs disk;
      samples::TemporaryFolder folder;
      const std::string segments = folder / "segments";
      const ManualClock clock;
      auto writer = Write(segments, clock);
      std::vector<int> acknowledged;
      int failures = 0;
      for (int nth = 1; nth <= 12; ++nth) {
        disk.FailAt(nth, code, count);
        for (int number = nth * 100; number < nth * 100 + 6; ++number) {
          auto committed = writer->Commit(Record(number));
          for (int again = 0; !committed.ok() && again < 8; ++again) {
            BOOST_TEST((committed.error().kind == ErrorKind::kTransient));
            ++failures;
            committed = writer->Commit(Record(number));
          }
          BOOST_REQUIRE_MESSAGE(committed.ok(), samples::Fault(committed));
          acknowledged.push_back(number);
        }
      }
      BOOST_TEST(failures > 0);
      writer.reset();
      BOOST_TEST(CountMissing(*Write(segments, clock), acknowledged) == 0);
      const auto records = CountRecords(segments);
      BOOST_TEST(records.size() == acknowledged.size());
      for (const auto& [digest, times] : records) BOOST_TEST(times == 1);
    }
  }
}

// A new day's segment cannot be made: transient, and made when it can be.
BOOST_AUTO_TEST_CASE(a_day_that_starts_on_a_failing_disk_recovers) {
  for (int nth = 1; nth <= 12; ++nth) {
    WatchingVfs disk;
    samples::TemporaryFolder folder;
    const std::string segments = folder / "segments";
    ManualClock clock;
    auto writer = Write(segments, clock);
    BOOST_REQUIRE(writer->Commit(Record(1)).ok());
    clock.Set(kMorning + 24h);
    disk.FailAt(nth, SQLITE_IOERR_FSYNC, 3);
    auto committed = writer->Commit(Record(2));
    for (int again = 0; !committed.ok() && again < 8; ++again)
      committed = writer->Commit(Record(2));
    BOOST_REQUIRE_MESSAGE(committed.ok(), samples::Fault(committed));
    BOOST_TEST(CountRecords(segments).size() == 2U);
  }
}

// A disk of 2 MiB that fills up, then gets room again, under a writer that stays.
BOOST_AUTO_TEST_CASE(a_full_disk_is_transient_and_heals_without_restart) {
  if (::geteuid() != 0) {
    BOOST_TEST_MESSAGE("SKIPPED: needs root to mount a small disk");
    return;
  }
  samples::TemporaryFolder folder;
  // In a name space of this thread and those it starts: nothing is left mounted.
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", "", MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("tmpfs", folder.path().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, "size=2m") != 0) {
    BOOST_TEST_MESSAGE("SKIPPED: this machine does not let us mount");
    return;
  }
  {
    const ManualClock clock;
    const auto writer = Write(folder / "segments", clock);
    BOOST_REQUIRE(writer->Commit(Record(0)).ok());
    // All but the last pages are somebody else's.
    std::string ballast(4096, 'x');
    std::ofstream other(folder / "ballast", std::ios::binary);
    while (other << ballast << std::flush) {
    }
    other.close();
    int number = 1;
    auto committed = writer->Commit(Record(number));
    while (committed.ok() && number < 5000) committed = writer->Commit(Record(++number));
    BOOST_REQUIRE(!committed.ok());
    BOOST_TEST((committed.error().kind == ErrorKind::kTransient));
    const auto begun = Steady::now();
    BOOST_TEST((writer->Commit(Record(number)).error().kind == ErrorKind::kTransient));
    BOOST_TEST(
        (writer->Park(samples::DigestOf(number), std::string(8192, 'x'), kMorning).error().kind ==
         ErrorKind::kTransient));
    BOOST_TEST((Steady::now() - begun < 5s));
    std::filesystem::remove(folder / "ballast");
    const auto deadline = Steady::now() + 5s;
    do {
      committed = writer->Commit(Record(number));
    } while (!committed.ok() && Steady::now() < deadline);
    BOOST_REQUIRE_MESSAGE(committed.ok(), samples::Fault(committed));
    BOOST_TEST(writer->Park(samples::DigestOf(number), std::string(8192, 'x'), kMorning).value());
    std::vector<int> acknowledged;
    for (int i = 0; i <= number; ++i) acknowledged.push_back(i);
    BOOST_TEST(CountMissing(*writer, acknowledged) == 0);
    BOOST_TEST(CountRecords(folder / "segments").size() == acknowledged.size());
  }
  BOOST_TEST(::umount(folder.path().c_str()) == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
