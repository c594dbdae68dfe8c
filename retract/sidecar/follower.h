// SPDX-License-Identifier: Apache-2.0
// Carries the milter's decisions over into the ledger: reads the segments where it
// stopped, and writes records and position in one transaction.
#ifndef CLAWBACK_RETRACT_SIDECAR_FOLLOWER_H_
#define CLAWBACK_RETRACT_SIDECAR_FOLLOWER_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/ledger/decision_queue.h"
#include "retract/ledger/ledger.h"

namespace clawback {

struct FollowerOptions {
  std::string relay;
  // Where the milter reads how far we have come, so that it may drop segments; empty:
  // nowhere.
  std::string followed_mark;
};

// Run and Step are for one thread; the rest is safe from any.
class Follower {
 public:
  // on_ingested is called after each batch that is in the ledger. All outlive this.
  Follower(FollowerOptions options, DecisionSource& source, Ledger& ledger, const Clock& clock,
           std::function<void()> on_ingested);

  // Follows until stop is asked for, at most a second later. Errors are logged, kept
  // for last_error and waited out.
  void Run(const std::stop_token& stop);

  // One batch. A row that cannot be read or taken in is passed by, logged as an error and counted,
  // and a row in its place says so in the trace: one damaged row must neither stop
  // every retraction behind it nor go unseen.
  // Answers how many rows were passed; 0: nothing new. Counts are followed beside, once a
  // second: what is wrong with them holds up no retraction.
  Result<std::size_t> Step();

  SegmentPosition position() const;
  std::string last_error() const;  // empty: the last batch went well
  std::uint64_t unreadable() const { return unreadable_; }

 private:
  Result<SegmentPosition> Start();
  Result<std::size_t> FollowDecisions();
  void FollowCounts();
  Result<std::size_t> CountsStep();
  Result<std::size_t> PassUnreadable(const SegmentPosition& row, const Error& error);
  Result<std::size_t> IngestEach(const std::vector<FollowedRecord>& records);
  Result<std::size_t> Ingest(std::span<const FollowedRecord> records);
  void Remember(const std::string& error);
  void Mark();

  const FollowerOptions options_;
  DecisionSource& source_;
  Ledger& ledger_;
  const Clock& clock_;
  const std::function<void()> on_ingested_;
  std::atomic<std::uint64_t> unreadable_{0};
  std::optional<std::chrono::steady_clock::time_point> marked_;   // when, last
  std::optional<std::chrono::steady_clock::time_point> counted_;  // when, last
  std::optional<SegmentPosition> counts_position_;
  bool counts_are_behind_ = true;
  std::string counts_error_;  // said once
  mutable std::mutex mutex_;  // guards what follows
  std::optional<SegmentPosition> position_;
  std::string last_error_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_FOLLOWER_H_
