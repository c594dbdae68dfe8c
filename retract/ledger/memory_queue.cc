// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <mutex>
#include <set>

#include "retract/ledger/decision_queue.h"

namespace clawback {
namespace {

class MemoryDecisionQueue final : public DecisionQueue {
 public:
  Result<Committed> Commit(const DecisionRecord& record) override {
    const std::lock_guard lock(mutex_);
    return reports_.insert(record.report_digest).second ? Committed::kNew : Committed::kRepeat;
  }
  Result<bool> Has(const Digest& report_digest) override {
    const std::lock_guard lock(mutex_);
    return reports_.count(report_digest) != 0;
  }
  Result<int> Strike(const Digest& report_digest, Time) override {
    const std::lock_guard lock(mutex_);
    return ++strikes_[report_digest];
  }
  Result<bool> Park(const Digest& report_digest, std::string_view bytes, Time) override {
    return Keep(parked_, SegmentOptions{}.parked_bytes, report_digest, bytes);
  }
  Result<bool> KeepBody(const Digest& report_digest, std::string_view bytes, Time) override {
    return Keep(bodies_, SegmentOptions{}.bodies_bytes, report_digest, bytes);
  }
  void Count(FlowKey event, Time at) override {
    const std::lock_guard lock(mutex_);
    CountInto(&counts_, std::move(event), at, std::chrono::minutes(1));
  }

 private:
  struct Files {
    std::set<Digest> reports;
    std::int64_t bytes = 0;
  };
  bool Keep(Files& files, std::int64_t cap, const Digest& digest, std::string_view bytes) {
    const std::lock_guard lock(mutex_);
    const auto size = static_cast<std::int64_t>(bytes.size());
    if (files.reports.count(digest) != 0) return true;
    if (size > cap - files.bytes) return false;
    files.reports.insert(digest);
    files.bytes += size;
    return true;
  }

  std::mutex mutex_;
  std::set<Digest> reports_;
  Files parked_, bodies_;
  std::map<Digest, int> strikes_;
  FlowCounts counts_;
};

}  // namespace

std::unique_ptr<DecisionQueue> MakeMemoryDecisionQueue() {
  return std::make_unique<MemoryDecisionQueue>();
}

}  // namespace clawback
