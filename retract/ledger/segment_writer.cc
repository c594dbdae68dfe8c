// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/segment_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "policy/base/log.h"
#include "policy/relay.h"
#include "retract/ledger/private_files.h"
#include "retract/ledger/segment_file.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxWaitingBytes = 256UL << 20;
constexpr auto kDay = std::chrono::hours(24);
constexpr auto kExpireEvery = std::chrono::minutes(10);
// Different ones that may wait for the disk: tenants times kinds times a few minutes.
constexpr std::size_t kMostCounts = 100'000;

std::string LockIn(const std::string& folder) { return folder + "/writer.lock"; }

// What a row is numbered with at least: the microsecond of its segment's day. A follower goes
// on from a number, so one that was there before the file was lost must find the rows of the
// new file behind its own.
std::int64_t LeastSequence(std::string_view segment, Time now) {
  const auto day = SegmentDay(segment);
  const milliseconds since = day ? now - *day : milliseconds(0);
  return std::max<std::int64_t>(1, std::chrono::microseconds(since).count());
}

bool EndedBefore(std::string_view segment, Time time) {
  const auto day = SegmentDay(segment);
  return day && *day + kDay < time;
}

}  // namespace

Result<std::unique_ptr<DecisionQueue>> OpenSegmentWriter(SegmentOptions options,
                                                         const Clock& clock) {
  return SegmentWriter::Open(std::move(options), clock);
}

Result<std::unique_ptr<DecisionQueue>> SegmentWriter::Open(SegmentOptions options,
                                                           const Clock& clock) {
  if (Status ready = PrepareFolder(options.folder, kGroupReads); !ready.ok()) return ready.error();
  Result<FileDescriptor> lock = LockFile(LockIn(options.folder));
  if (!lock.ok()) return lock.error();
  std::unique_ptr<SegmentWriter> writer(
      new SegmentWriter(std::move(options), clock, *std::move(lock)));
  if (Status started = writer->Start(); !started.ok()) return started.error();
  return std::unique_ptr<DecisionQueue>(std::move(writer));
}

SegmentWriter::SegmentWriter(SegmentOptions options, const Clock& clock, FileDescriptor lock)
    : options_(std::move(options)),
      clock_(clock),
      lock_(std::move(lock)),
      parked_(options_.folder + "/parked", kGroupReads,
              {options_.parked_bytes, options_.parked_for}),
      bodies_(options_.folder + "/" + std::string(kBodiesFolder), kOwnerOnly,
              {options_.bodies_bytes, options_.bodies_for}),
      gathering_(std::make_shared<Batch>()) {}

SegmentWriter::~SegmentWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  work_.notify_one();
  if (thread_.joinable()) thread_.join();
}

Status SegmentWriter::Start() {
  for (ReportFiles* files : {&parked_, &bodies_}) {
    if (Status loaded = files->Load(); !loaded.ok()) return loaded;
    files->Expire(clock_.Now());
  }
  const std::string mark = options_.folder + "/" + std::string(kCommittedMark);
  if (Status ready = PrepareFile(mark, kGroupReads); !ready.ok()) return ready;
  committed_mark_.Reset(::open(mark.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!committed_mark_) return SystemError(mark, errno);
  Result<std::vector<std::string>> segments = ListSegments(options_.folder);
  if (!segments.ok()) return segments.error();
  for (const std::string& name : *segments) {
    if (EndedBefore(name, clock_.Now() - options_.remember)) continue;
    if (Status remembered = Remember(name); !remembered.ok()) return remembered;
  }
  if (!segments->empty()) current_ = segments->back();
  if (Status opened = OpenCurrent(); !opened.ok()) return opened;
  Announce();  // a follower that watched the last writer looks again
  thread_ = std::thread(&SegmentWriter::Run, this);
  return {};
}

Status SegmentWriter::Remember(const std::string& name) {
  Result<Database> database = OpenSegment(options_.folder + "/" + name);
  if (!database.ok()) return database.error();
  return TakeIn(name, *database);
}

Result<Committed> SegmentWriter::Commit(const DecisionRecord& record) {
  const Digest& digest = record.report_digest;
  std::string json = ToJson(record);  // before the lock: it may be long
  Lock lock(mutex_);
  if (Remembers(digest)) return Committed::kRepeat;
  // A repeat of a report that is being committed is one only if that succeeds.
  for (const auto& batch : {writing_, gathering_}) {
    if (!batch || batch->reports.count(digest) == 0) continue;
    if (Status shared = Await(lock, batch); !shared.ok()) return shared.error();
    return Committed::kRepeat;
  }
  if (Status added = Add(lock, {digest, std::move(json), {}}); !added.ok()) return added.error();
  return Committed::kNew;
}

Result<bool> SegmentWriter::Has(const Digest& report_digest) {
  const std::lock_guard lock(mutex_);
  return Remembers(report_digest);
}

Result<int> SegmentWriter::Strike(const Digest& report_digest, Time at) {
  Lock lock(mutex_);
  Status added = Add(lock, {report_digest, std::nullopt, at});
  if (!added.ok()) return added.error();
  int strikes = 0;
  for (const auto& [name, memory] : memories_) {
    const auto found = memory.strikes.find(report_digest);
    if (found != memory.strikes.end()) strikes += found->second;
  }
  return strikes;
}

Result<bool> SegmentWriter::Park(const Digest& report_digest, std::string_view bytes, Time at) {
  return parked_.Keep(report_digest, bytes, at, clock_.Now());
}

Result<bool> SegmentWriter::KeepBody(const Digest& report_digest, std::string_view bytes, Time at) {
  return bodies_.Keep(report_digest, bytes, at, clock_.Now());
}

void SegmentWriter::Count(FlowKey event, Time at) {
  const std::lock_guard lock(mutex_);
  event.since = BeginOf(at, std::chrono::minutes(1));
  if (counts_.size() >= kMostCounts && counts_.count(event) == 0) {
    if (!std::exchange(counts_dropped_, true)) Log(Severity::kWarning, "counts-dropped", {});
    return;
  }
  const bool first = counts_.empty();
  CountInto(&counts_, std::move(event), at, std::chrono::minutes(1));
  if (first) work_.notify_one();  // it sets its alarm
}

bool SegmentWriter::Remembers(const Digest& digest) const {
  return std::any_of(memories_.begin(), memories_.end(),
                     [&](const auto& memory) { return memory.second.reports.count(digest) != 0; });
}

Status SegmentWriter::Add(Lock& lock, Entry entry) {
  const std::shared_ptr<Batch> batch = gathering_;
  const std::size_t bytes = entry.record ? entry.record->size() : 0;
  if (!batch->entries.empty() && batch->bytes + bytes > kMaxWaitingBytes) {
    return Error{ErrorKind::kTransient, options_.folder + ": too much waits for the disk"};
  }
  batch->bytes += bytes;
  if (entry.record) batch->reports.insert(entry.digest);
  batch->entries.push_back(std::move(entry));
  work_.notify_one();
  return Await(lock, batch);
}

Status SegmentWriter::Await(Lock& lock, const std::shared_ptr<Batch>& batch) {
  const bool settled = batch->settled_now.wait_for(lock, options_.commit_within,
                                                   [&] { return batch->settled.has_value(); });
  if (settled) return *batch->settled;
  return Error{ErrorKind::kTransient, options_.folder + ": the disk does not answer in time"};
}

void SegmentWriter::Run() {
  Lock lock(mutex_);
  while (true) {
    const auto ready = [&] { return stopping_ || !gathering_->entries.empty() || CountsAreDue(); };
    if (counts_.empty()) {
      work_.wait_for(lock, kExpireEvery, [&] { return ready() || !counts_.empty(); });
    }
    if (!counts_.empty()) work_.wait_until(lock, counts_written_ + options_.count_every, ready);
    ExpireFiles(lock);
    if (!ready()) continue;
    if (gathering_->entries.empty() && counts_.empty()) return;
    writing_ = std::exchange(gathering_, std::make_shared<Batch>());
    if (stopping_ || CountsAreDue()) {
      writing_->counts = std::exchange(counts_, {});
      counts_written_ = std::chrono::steady_clock::now();
    }
    lock.unlock();
    Status written = Write(*writing_);
    lock.lock();
    const bool last = stopping_ && !written.ok() && writing_->entries.empty();
    if (!written.ok()) TakeBackCounts(*writing_);
    Settle(*writing_, std::move(written));
    writing_.reset();
    if (last) return;  // counts alone are not worth waiting for a disk that fails
  }
}

// Also where nothing comes in: what is kept for so long is kept no longer.
void SegmentWriter::ExpireFiles(Lock& lock) {
  const auto now = std::chrono::steady_clock::now();
  if (now < expired_ + kExpireEvery) return;
  expired_ = now;
  lock.unlock();
  for (ReportFiles* files : {&parked_, &bodies_}) files->Expire(clock_.Now());
  lock.lock();
}

bool SegmentWriter::CountsAreDue() const {
  return !counts_.empty() &&
         std::chrono::steady_clock::now() >= counts_written_ + options_.count_every;
}

void SegmentWriter::TakeBackCounts(const Batch& batch) {
  for (const auto& [key, counted] : batch.counts) {
    FlowCount& waiting = counts_[key];
    waiting.count += counted.count;
    waiting.last = std::max(waiting.last, counted.last);
  }
}

Status SegmentWriter::Write(Batch& batch) {
  Status written = CheckInPlace(lock_.get(), LockIn(options_.folder));
  if (written.ok()) written = OpenCurrent();
  if (written.ok()) {
    LeaveOutKnown(batch);
    written = WriteRows(batch);
  }
  if (written.ok()) {
    if (failures_ > 0) {
      Log(Severity::kInfo, "segment-mended",
          {{"segment", current_}, {"failures", std::to_string(failures_)}});
    }
    failures_ = 0;
    Announce();
    return written;
  }
  // Once: under load the same words would fill the disk that may be full already.
  if (failures_ == 0) {
    Log(Severity::kError, "segment-write-failed",
        {{"segment", current_}, {"error", written.error().what}});
  }
  // One failure leaves a usable handle, which writes over what the failed transaction
  // left in the log. After a second one the handle itself is in doubt.
  ++failures_;
  if (database_ && !database_->IsInPlace()) {
    LeaveFile();
  } else if (failures_ > 1) {
    database_.reset();
  }
  // Whatever it was, the report must come again: nobody may answer 5xx for our disk.
  return Error{ErrorKind::kTransient, written.error().what};
}

// Its file is another one now, or none: whatever is found there is taken in from its first row.
// The reports stay known, for they were acknowledged.
void SegmentWriter::LeaveFile() {
  database_.reset();
  const std::lock_guard lock(mutex_);
  Memory& memory = memories_[current_];
  memory.strikes.clear();
  memory.last_report = memory.last_strike = 0;
}

// A reopened segment may hold a record whose commit had failed, and which came again.
void SegmentWriter::LeaveOutKnown(Batch& batch) const {
  const std::lock_guard lock(mutex_);
  std::erase_if(batch.entries,
                [&](const Entry& entry) { return entry.record && Remembers(entry.digest); });
}

Status SegmentWriter::WriteRows(const Batch& batch) {
  const std::int64_t least = LeastSequence(current_, clock_.Now());
  Result<Transaction> transaction = Transaction::Begin(*database_);
  if (!transaction.ok()) return transaction.error();
  for (const Entry& entry : batch.entries) {
    Status row;
    if (entry.record) {
      row = database_->Run(
          "INSERT INTO decision(sequence, record)"
          " SELECT max(?, COALESCE(max(sequence), 0) + 1), ? FROM decision",
          least, *entry.record);
      if (row.ok()) row = database_->Run("INSERT INTO report(digest) VALUES(?)", entry.digest);
    } else {
      row = database_->Run("INSERT INTO strike(digest, at) VALUES(?,?)", entry.digest, entry.at);
    }
    if (!row.ok()) return row;
  }
  for (const auto& [key, counted] : batch.counts) {
    Status row = database_->Run(
        "INSERT INTO counted(sequence, tenant, kind, detail, minute, count, last)"
        " SELECT max(?, COALESCE(max(sequence), 0) + 1), ?, ?, ?, ?, ?, ? FROM counted",
        least, key.tenant, ToString(key.kind), key.detail, key.since, counted.count, counted.last);
    if (!row.ok()) return row;
  }
  return transaction->Commit();
}

// Opens the segment of today, making it first when the day is new. A clock that was
// set back does not lead back to an older segment: followers have passed it.
Status SegmentWriter::OpenCurrent() {
  const std::string today = SegmentName(clock_.Now());
  if (current_ < today) {
    if (Status made = MakeSegment(options_.folder, today); !made.ok()) return made;
    database_.reset();
    current_ = today;
    Forget();
  }
  if (database_) return {};
  Result<Database> opened = OpenSegment(options_.folder + "/" + current_);
  if (!opened.ok()) return opened.error();
  // A commit that failed may have come to stand after all: then it is a repeat.
  if (Status taken = TakeIn(current_, *opened); !taken.ok()) return taken;
  database_ = *std::move(opened);
  return {};
}

Status SegmentWriter::TakeIn(const std::string& name, Database& database) {
  const std::lock_guard lock(mutex_);
  Memory& memory = memories_[name];
  Result<Statement> rows = database.Prepare(
      "SELECT sequence, digest, 1 FROM report WHERE sequence>? "
      "UNION ALL SELECT id, digest, 0 FROM strike WHERE id>?");
  if (!rows.ok()) return rows.error();
  rows->Bind(memory.last_report, memory.last_strike);
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return {};
    const Result<Digest> digest = rows->AsDigest(1);
    if (!digest.ok()) return Within(name, digest.error());
    if (rows->Integer(2) != 0) {
      memory.reports.insert(*digest);
      memory.last_report = std::max(memory.last_report, rows->Integer(0));
    } else {
      ++memory.strikes[*digest];
      memory.last_strike = std::max(memory.last_strike, rows->Integer(0));
    }
  }
}

void SegmentWriter::Settle(Batch& batch, Status status) {
  if (status.ok()) {
    // Rows are numbered without gaps: a failed transaction gives its numbers back.
    Memory& memory = memories_[current_];
    for (const Entry& entry : batch.entries) {
      if (entry.record) {
        memory.reports.insert(entry.digest);
        ++memory.last_report;
      } else {
        ++memory.strikes[entry.digest];
        ++memory.last_strike;
      }
    }
  }
  batch.settled = std::move(status);
  batch.settled_now.notify_all();
}

void SegmentWriter::Forget() {
  const Time now = clock_.Now();
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(memories_, [&](const auto& memory) {
      return EndedBefore(memory.first, now - options_.remember);
    });
  }
  const Result<SegmentPosition> followed = ReadFollowedMark(options_.followed_mark);
  const Result<std::vector<std::string>> segments = ListSegments(options_.folder);
  if (!followed.ok() || !segments.ok()) return;
  for (const std::string& name : *segments) {
    const bool passed = name < followed->segment && name < current_;
    if (passed && EndedBefore(name, now - std::max(options_.keep, options_.remember))) {
      DropSegment(options_.folder, name);
      Log(Severity::kInfo, "segment-dropped", {{"segment", name}});
    }
  }
}

void SegmentWriter::Announce() {
  // Only its event matters, so it is neither grown nor synced; if it fails, the
  // follower's polling finds the commit.
  const ssize_t written = ::pwrite(committed_mark_.get(), "\n", 1, 0);
  static_cast<void>(written);
}

}  // namespace clawback
