// SPDX-License-Identifier: Apache-2.0
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>
#include <thread>

#include "retract/ledger/decision_queue.h"
#include "retract/ledger/private_files.h"
#include "retract/ledger/segment_file.h"

namespace clawback {
namespace {

// Without notification a new decision is still seen within this time.
constexpr milliseconds kPoll{10};

class SegmentFollower final : public DecisionSource {
 public:
  explicit SegmentFollower(std::string folder)
      : folder_(std::move(folder)), events_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    Watch();
  }

  Result<std::vector<FollowedRecord>> ReadAfter(const SegmentPosition& position,
                                                std::size_t limit) override;
  Result<SegmentPosition> NextAfter(const SegmentPosition& position) override;
  Result<std::vector<FollowedCount>> CountsAfter(const SegmentPosition& position,
                                                 std::size_t limit) override;
  void Wait(milliseconds at_most) override;

 private:
  bool Watch();
  Status Read(const std::string& name, std::int64_t after, std::size_t limit,
              std::vector<FollowedRecord>* records);
  Status ReadCounts(const std::string& name, std::int64_t after, std::size_t limit,
                    std::vector<FollowedCount>* counts);
  Status Open(const std::string& name);

  const std::string folder_;
  FileDescriptor events_;
  int watched_ = -1;
  std::string name_;  // of the segment that is open
  std::optional<Database> database_;
};

Result<std::vector<FollowedRecord>> SegmentFollower::ReadAfter(const SegmentPosition& position,
                                                               std::size_t limit) {
  // Listed before it is read: a segment that has a successor in the list was
  // complete at that moment.
  const Result<std::vector<std::string>> names = ListSegments(folder_);
  if (!names.ok()) return names.error();
  std::vector<FollowedRecord> records;
  for (const std::string& name : *names) {
    if (name < position.segment || records.size() >= limit) continue;
    const std::int64_t after = name == position.segment ? position.sequence : 0;
    const Status read = Read(name, after, limit, &records);
    if (read.ok()) continue;
    database_.reset();
    // What came before the fault is good; the fault is told the next time.
    if (!records.empty()) break;
    return read.error();
  }
  return records;
}

Result<SegmentPosition> SegmentFollower::NextAfter(const SegmentPosition& position) {
  const Result<std::vector<std::string>> names = ListSegments(folder_);
  if (!names.ok()) return names.error();
  for (const std::string& name : *names) {
    if (name < position.segment) continue;
    if (Status opened = Open(name); !opened.ok()) return opened.error();
    Result<Statement> next = database_->Prepare(
        "SELECT sequence FROM decision WHERE sequence>? ORDER BY sequence LIMIT 1");
    if (!next.ok()) return next.error();
    const Result<bool> row = next->Bind(name == position.segment ? position.sequence : 0).Step();
    if (!row.ok()) return row.error();
    if (*row) return SegmentPosition{name, next->Integer(0)};
  }
  return Error{ErrorKind::kNotFound, folder_ + ": nothing more to follow"};
}

Status SegmentFollower::Read(const std::string& name, std::int64_t after, std::size_t limit,
                             std::vector<FollowedRecord>* records) {
  if (Status opened = Open(name); !opened.ok()) return opened;
  Result<Statement> rows = database_->Prepare(
      "SELECT sequence, record FROM decision WHERE sequence>? ORDER BY sequence LIMIT ?");
  if (!rows.ok()) return rows.error();
  rows->Bind(after, static_cast<std::int64_t>(limit - records->size()));
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return {};
    const std::int64_t sequence = rows->Integer(0);
    Result<DecisionRecord> record = DecisionRecordFromJson(rows->Text(1));
    if (!record.ok()) {
      const std::string where = folder_ + "/" + name + ", row " + std::to_string(sequence);
      return Error{ErrorKind::kInvalid, Within(where, record.error()).what};
    }
    records->push_back({{name, sequence}, *std::move(record)});
  }
}

Result<std::vector<FollowedCount>> SegmentFollower::CountsAfter(const SegmentPosition& position,
                                                                std::size_t limit) {
  const Result<std::vector<std::string>> names = ListSegments(folder_);
  if (!names.ok()) return names.error();
  std::vector<FollowedCount> counts;
  for (const std::string& name : *names) {
    if (name < position.segment || counts.size() >= limit) continue;
    const std::int64_t after = name == position.segment ? position.sequence : 0;
    if (Status read = ReadCounts(name, after, limit, &counts); !read.ok()) {
      database_.reset();
      return read.error();
    }
  }
  return counts;
}

Status SegmentFollower::ReadCounts(const std::string& name, std::int64_t after, std::size_t limit,
                                   std::vector<FollowedCount>* counts) {
  if (Status opened = Open(name); !opened.ok()) return opened;
  // A segment of an earlier release has none.
  const auto known =
      database_->Number("SELECT count(*) FROM sqlite_master WHERE type='table' AND name='counted'");
  if (!known.ok()) return known.error();
  if (*known == 0) return {};
  Result<Statement> rows = database_->Prepare(
      "SELECT sequence, tenant, kind, detail, minute, count, last FROM counted WHERE sequence>?"
      " ORDER BY sequence LIMIT ?");
  if (!rows.ok()) return rows.error();
  rows->Bind(after, static_cast<std::int64_t>(limit - counts->size()));
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return {};
    const auto kind = FlowKindFrom(rows->Text(2));
    if (!kind) continue;
    counts->push_back({{name, rows->Integer(0)},
                       {rows->Copy(1), *kind, rows->Copy(3), rows->AsTime(4)},
                       {rows->Integer(5), rows->AsTime(6)}});
  }
}

Status SegmentFollower::Open(const std::string& name) {
  if (database_ && name_ == name && database_->IsInPlace()) return {};
  Result<Database> opened = Database::Open(folder_ + "/" + name, OpenMode::kReadOnly);
  if (!opened.ok()) return opened.error();
  database_ = *std::move(opened);
  name_ = name;
  return {};
}

bool SegmentFollower::Watch() {
  if (!events_) return false;
  if (watched_ >= 0) return true;
  const std::string mark = folder_ + "/" + std::string(kCommittedMark);
  watched_ = ::inotify_add_watch(events_.get(), mark.c_str(), IN_MODIFY | IN_DELETE_SELF);
  return watched_ >= 0;
}

void SegmentFollower::Wait(milliseconds at_most) {
  const bool had_watch = watched_ >= 0;
  if (!Watch()) {  // no writer yet, or no more watches to be had
    std::this_thread::sleep_for(std::min(at_most, kPoll));
    return;
  }
  if (!had_watch) return;  // something may have come before the watch did
  pollfd waited{events_.get(), POLLIN, 0};
  if (::poll(&waited, 1, static_cast<int>(at_most.count())) <= 0) return;
  alignas(inotify_event) std::array<char, 4096> buffer{};
  ssize_t size = 0;
  while ((size = ::read(events_.get(), buffer.data(), buffer.size())) > 0) {
    for (ssize_t at = 0; at < size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(buffer.data() + at);
      if ((event->mask & IN_IGNORED) != 0) watched_ = -1;  // the mark was removed
      at += static_cast<ssize_t>(sizeof(inotify_event) + event->len);
    }
  }
}

}  // namespace

Result<std::unique_ptr<DecisionSource>> OpenSegmentFollower(const std::string& folder) {
  if (folder.empty()) return Error{ErrorKind::kInvalid, "segments: no folder given"};
  return std::unique_ptr<DecisionSource>(std::make_unique<SegmentFollower>(folder));
}

}  // namespace clawback
