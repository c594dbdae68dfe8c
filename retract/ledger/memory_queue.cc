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
    const std::lock_guard lock(mutex_);
    const auto kept = static_cast<std::int64_t>(bytes.size());
    if (parked_.count(report_digest) != 0) return true;
    if (kept > SegmentOptions{}.parked_bytes - parked_bytes_) return false;
    parked_.insert(report_digest);
    parked_bytes_ += kept;
    return true;
  }
  void Count(FlowKey event, Time at) override {
    const std::lock_guard lock(mutex_);
    CountInto(&counts_, std::move(event), at, std::chrono::minutes(1));
  }

 private:
  std::mutex mutex_;
  std::set<Digest> reports_, parked_;
  std::map<Digest, int> strikes_;
  std::int64_t parked_bytes_ = 0;
  FlowCounts counts_;
};

}  // namespace

std::unique_ptr<DecisionQueue> MakeMemoryDecisionQueue() {
  return std::make_unique<MemoryDecisionQueue>();
}

}  // namespace clawback
