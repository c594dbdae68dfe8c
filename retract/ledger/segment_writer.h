// SPDX-License-Identifier: Apache-2.0
// The milter's end of the queue: sessions hand their entries to one thread, which
// writes all that wait in one transaction with one sync.
#ifndef CLAWBACK_RETRACT_LEDGER_SEGMENT_WRITER_H_
#define CLAWBACK_RETRACT_LEDGER_SEGMENT_WRITER_H_

#include <array>
#include <condition_variable>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "policy/base/c_handle.h"
#include "retract/ledger/decision_queue.h"
#include "retract/ledger/report_files.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

// A digest is as good a hash as there is.
struct DigestHash {
  std::size_t operator()(const Digest& digest) const {
    std::size_t hash = 0;
    std::memcpy(&hash, digest.data(), sizeof hash);
    return hash;
  }
};

class SegmentWriter final : public DecisionQueue {
 public:
  static Result<std::unique_ptr<DecisionQueue>> Open(SegmentOptions options, const Clock& clock);
  // What waits is written first; no call may be in flight.
  ~SegmentWriter() override;

  Result<Committed> Commit(const DecisionRecord& record) override;
  Result<bool> Has(const Digest& report_digest) override;
  Result<int> Strike(const Digest& report_digest, Time at) override;
  Result<bool> Park(const Digest& report_digest, std::string_view bytes, Time at) override;
  Result<bool> KeepBody(const Digest& report_digest, std::string_view bytes, Time at) override;
  void Count(FlowKey event, Time at) override;

 private:
  // What one segment contributes to recognising repeats.
  struct Memory {
    std::unordered_set<Digest, DigestHash> reports;
    std::unordered_map<Digest, int, DigestHash> strikes;
    std::int64_t last_report = 0, last_strike = 0;  // rows taken in so far
  };
  struct Entry {
    Digest digest;
    std::optional<std::string> record;  // nothing: a strike
    Time at{};
  };
  // Entries that share a transaction, and its end.
  struct Batch {
    std::vector<Entry> entries;
    std::unordered_set<Digest, DigestHash> reports;
    FlowCounts counts;
    std::size_t bytes = 0;
    std::optional<Status> settled;
    std::condition_variable settled_now;
  };
  using Lock = std::unique_lock<std::mutex>;

  SegmentWriter(SegmentOptions options, const Clock& clock, FileDescriptor lock);
  Status Start();
  Status Remember(const std::string& name);

  // Sessions.
  Status Add(Lock& lock, Entry entry);
  Status Await(Lock& lock, const std::shared_ptr<Batch>& batch);
  bool Remembers(const Digest& digest) const;

  // The writing thread.
  void Run();
  void ExpireFiles(Lock& lock);
  bool CountsAreDue() const;
  void TakeBackCounts(const Batch& batch);
  Status Write(Batch& batch);
  void LeaveFile();
  void LeaveOutKnown(Batch& batch) const;
  Status WriteRows(const Batch& batch);
  Status OpenCurrent();
  Status TakeIn(const std::string& name, Database& database);
  void Settle(Batch& batch, Status status);
  void Forget();
  void Announce();

  const SegmentOptions options_;
  const Clock& clock_;
  const FileDescriptor lock_;
  FileDescriptor committed_mark_;
  ReportFiles parked_;
  ReportFiles bodies_;

  // The writing thread's alone, once it runs.
  std::string current_;  // name of the segment that is written
  std::optional<Database> database_;
  std::chrono::steady_clock::time_point expired_{};
  int failures_ = 0;  // since the last commit

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable work_;
  std::map<std::string, Memory> memories_;  // by segment
  std::shared_ptr<Batch> gathering_, writing_;
  FlowCounts counts_;  // not written yet
  std::chrono::steady_clock::time_point counts_written_{};
  bool counts_dropped_ = false;  // said once
  bool stopping_ = false;

  std::thread thread_;  // last: everything above is there when it starts
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_SEGMENT_WRITER_H_
