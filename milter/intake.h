// SPDX-License-Identifier: Apache-2.0
// Mail comes in, a decision is committed: this folder receives journal reports from
// Postfix over the milter protocol, has each judged, commits the decision to a segment
// and only then answers. Intake is what all sessions share.
#ifndef CLAWBACK_MILTER_INTAKE_H_
#define CLAWBACK_MILTER_INTAKE_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "milter/byte_budget.h"
#include "milter/drain.h"
#include "milter/engine/engines.h"
#include "policy/base/clock.h"
#include "policy/judge/judge_pool.h"
#include "policy/relay.h"
#include "policy/tenant.h"
#include "retract/ledger/decision_queue.h"

namespace clawback {

// JudgePool::Judge, or a test's own.
using JudgeFunction =
    std::function<Result<Judgement>(const ReportBytes&, const JudgeRequest&, milliseconds wait)>;

// The tenants as last read. A reload puts a new directory in; who holds the old one
// goes on with it. Safe from any thread.
class TenantSnapshot {
 public:
  explicit TenantSnapshot(TenantDirectory directory) { Publish(std::move(directory)); }
  std::shared_ptr<const TenantDirectory> Current() const {
    const std::lock_guard lock(mutex_);
    return current_;
  }
  void Publish(TenantDirectory directory) {
    auto fresh = std::make_shared<const TenantDirectory>(std::move(directory));
    const std::lock_guard lock(mutex_);
    current_.swap(fresh);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const TenantDirectory> current_;
};

// Since start; said in the log when the milter stops.
struct IntakeCounts {
  std::atomic<std::uint64_t> committed{0}, repeated{0}, deferred{0}, parked{0};
  std::atomic<std::uint64_t> unknown_address{0}, other_region{0}, unmet_demand{0};
  std::atomic<std::uint64_t> fallback_region{0};  // asked for as a fallback relay
};

// Outlives every session. queue, judge and engines are safe from any thread.
struct Intake {
  RelayIdentity relay;
  std::vector<RelayHost> relays{};  // of all regions, for whoever came to the wrong one
  MilterSettings settings;
  DecisionQueue& queue;
  JudgeFunction judge;
  const Clock& clock;
  TenantSnapshot tenants;
  ClockSteps clock_steps{clock};
  Engines* engines = nullptr;  // asked after the judge; null: none
  // Whether the sidecar's settings were ever seen, now or before a restart, and the files of
  // all tenants with addresses in them read: only then are all service addresses known, and
  // one that is not among them is refused for good.
  std::atomic<bool> settings_seen{false};
  ByteBudget budget{settings.max_bytes_in_flight};
  Drain drain{};
  IntakeCounts counts{};
};

}  // namespace clawback

#endif  // CLAWBACK_MILTER_INTAKE_H_
