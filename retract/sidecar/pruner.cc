// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/pruner.h"

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "policy/base/log.h"

namespace clawback {
namespace {

constexpr milliseconds kShortestRest(50);
constexpr int kRestsFor = 4;  // times as long as the step took
constexpr milliseconds kAfterError = std::chrono::minutes(1);

}  // namespace

Pruner::Pruner(PrunerOptions options, Ledger& ledger, const Clock& clock)
    : options_(options), ledger_(ledger), clock_(clock), clock_steps_(clock) {
  progress_.retention = options_.retention;
}

void Pruner::Run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  for (milliseconds rest = options_.first_after; !stop.stop_requested();) {
    stopped.wait_for(lock, stop, rest, [] { return false; });
    if (!stop.stop_requested()) rest = Step();
  }
}

// A clock that is set ahead makes nothing old: what is pruned does not come back.
Time Pruner::Now() const { return clock_.Now() - std::max(milliseconds(0), clock_steps_.Sum()); }

milliseconds Pruner::Step() {
  if (cursor_ == PruneCursor{}) before_ = Now() - options_.retention;
  const auto begun = clock_.Monotonic();
  const auto step = ledger_.Prune(cursor_, before_, kPruneAtOnce);
  if (!step) return Failed(step.error());
  error_.clear();
  cursor_ = step->next;
  Note(*step);
  if (cursor_.stage == PruneStage::kDone) {
    cursor_ = {};
    return options_.between_passes;
  }
  const auto took = std::chrono::duration_cast<milliseconds>(clock_.Monotonic() - begun);
  return std::max(kShortestRest, kRestsFor * took);
}

void Pruner::Note(const PruneStep& step) {
  passed_by_.needed += step.needed;
  passed_by_.unreadable += step.unreadable;
  const std::scoped_lock lock(mutex_);
  progress_.messages += step.messages;
  if (step.next.stage != PruneStage::kDone) return;
  if (passed_by_.unreadable > 0 && passed_by_.unreadable != progress_.unreadable) {
    Log(Severity::kError, "not-pruned",
        {{"messages", std::to_string(passed_by_.unreadable)},
         {"why", "their records in the ledger cannot be read"}});
  }
  progress_.needed = passed_by_.needed;
  progress_.unreadable = passed_by_.unreadable;
  progress_.passed = clock_.Now();
  passed_by_ = {};
}

milliseconds Pruner::Failed(const Error& error) {
  if (std::exchange(error_, error.what) != error.what) {
    Log(Severity::kError, "prune-failed", {{"error", error.what}});
  }
  return kAfterError;
}

PruneProgress Pruner::progress() const {
  const std::scoped_lock lock(mutex_);
  return progress_;
}

}  // namespace clawback
