// SPDX-License-Identifier: Apache-2.0
// Takes out of the ledger what is older than the retention, beside everything else: one small
// step at a time, with pauses of several times as long, so that nobody waits for it longer than
// for another's commit. A pass goes over everything; the next one begins an hour later.
#ifndef CLAWBACK_RETRACT_SIDECAR_PRUNER_H_
#define CLAWBACK_RETRACT_SIDECAR_PRUNER_H_

#include <chrono>
#include <mutex>
#include <stop_token>
#include <string>

#include "policy/base/clock.h"
#include "retract/ledger/ledger.h"
#include "retract/ledger/pruning.h"
#include "retract/sidecar/protocol.h"

namespace clawback {

struct PrunerOptions {
  milliseconds retention = std::chrono::hours(24 * 400);
  // Before the first pass: a clock that is wrong when the machine starts is set by then.
  milliseconds first_after = std::chrono::minutes(5);
  milliseconds between_passes = std::chrono::hours(1);
};

// Run and Step are for one thread; progress is safe from any.
class Pruner {
 public:
  // Both outlive this.
  Pruner(PrunerOptions options, Ledger& ledger, const Clock& clock);

  void Run(const std::stop_token& stop);
  // One step; how long to rest before the next. An error is logged once while it lasts.
  milliseconds Step();
  PruneProgress progress() const;

 private:
  Time Now() const;
  void Note(const PruneStep& step);
  milliseconds Failed(const Error& error);

  const PrunerOptions options_;
  Ledger& ledger_;
  const Clock& clock_;
  const ClockSteps clock_steps_;
  PruneCursor cursor_;
  Time before_{};             // of the pass that is on
  PruneStep passed_by_{};     // in the pass that is on, of what stays
  std::string error_;         // said
  mutable std::mutex mutex_;  // guards what follows
  PruneProgress progress_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_PRUNER_H_
