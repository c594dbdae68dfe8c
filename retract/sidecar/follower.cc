// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/follower.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <utility>
#include <vector>

#include "policy/base/digest.h"
#include "policy/base/log.h"

namespace clawback {
namespace {

constexpr std::size_t kBatch = 256;
constexpr milliseconds kWait = std::chrono::seconds(1);
constexpr milliseconds kMarkEvery = std::chrono::minutes(1);
constexpr milliseconds kCountEvery = std::chrono::seconds(1);
constexpr std::size_t kCounts = 4096;
constexpr milliseconds kFirstPause = milliseconds(100);
constexpr milliseconds kLongestPause = std::chrono::seconds(10);

// What stands in the trace where a row could not be read. Its digest is made of the
// place, so that following it again finds the same row.
FollowedRecord Unreadable(std::string relay, const SegmentPosition& position,
                          const std::string& why, Time now) {
  const std::string place = position.segment + " row " + std::to_string(position.sequence);
  FollowedRecord followed{position, {}};
  followed.record.report_digest = Sha256Of("unreadable " + relay + " " + place);
  followed.record.received = now;
  followed.record.relay = std::move(relay);
  followed.record.decision.handling = Handling::kMalformed;
  followed.record.decision.reason = "decision cannot be read (" + place + "): " + why;
  return followed;
}

// Returns early when stop is asked for.
void Pause(const std::stop_token& stop, milliseconds duration) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, duration, [] { return false; });
}

}  // namespace

Follower::Follower(FollowerOptions options, DecisionSource& source, Ledger& ledger,
                   const Clock& clock, std::function<void()> on_ingested)
    : options_(std::move(options)),
      source_(source),
      ledger_(ledger),
      clock_(clock),
      on_ingested_(std::move(on_ingested)) {}

void Follower::Run(const std::stop_token& stop) {
  milliseconds pause = kFirstPause;
  while (!stop.stop_requested()) {
    const auto passed = Step();
    if (!passed) {
      Log(Severity::kError, "follow-failed",
          {{"relay", options_.relay}, {"error", passed.error().what}});
      Remember(passed.error().what);
      Pause(stop, pause);
      pause = std::min(pause * 2, kLongestPause);
      continue;
    }
    pause = kFirstPause;
    Remember("");
    Mark();
    if (*passed == 0) source_.Wait(kWait);
  }
}

Result<std::size_t> Follower::Step() {
  auto passed = FollowDecisions();
  FollowCounts();
  return passed;
}

void Follower::FollowCounts() {
  const auto now = clock_.Monotonic();
  if (!counts_are_behind_ && counted_ && now - *counted_ < kCountEvery) return;
  counted_ = now;
  const auto passed = CountsStep();
  const std::string error = passed ? "" : passed.error().what;
  counts_are_behind_ = !passed || *passed == kCounts;
  if (error != std::exchange(counts_error_, error) && !error.empty()) {
    Log(Severity::kError, "counts-not-followed", {{"relay", options_.relay}, {"error", error}});
  }
}

Result<std::size_t> Follower::CountsStep() {
  if (!counts_position_) {
    auto reached = ledger_.CountsFollowedTo(options_.relay);
    if (!reached) return reached.error();
    counts_position_ = *reached;
  }
  const auto counts = source_.CountsAfter(*counts_position_, kCounts);
  if (!counts) {
    // The milter has not made the folder yet.
    if (counts.error().kind == ErrorKind::kNotFound) return std::size_t{0};
    return counts.error();
  }
  if (counts->empty()) return std::size_t{0};
  if (Status added = ledger_.IngestCounts(options_.relay, *counts); !added) return added.error();
  counts_position_ = counts->back().position;
  return counts->size();
}

Result<std::size_t> Follower::FollowDecisions() {
  const auto position = Start();
  if (!position) return position.error();
  auto records = source_.ReadAfter(*position, kBatch);
  if (!records) {
    // The milter has not made the folder yet.
    if (records.error().kind == ErrorKind::kNotFound) return std::size_t{0};
    if (records.error().kind != ErrorKind::kInvalid) return records.error();
    const auto row = source_.NextAfter(*position);
    if (!row) return records.error();
    return PassUnreadable(*row, records.error());
  }
  auto passed = Ingest(*records);
  if (!passed && passed.error().kind == ErrorKind::kInvalid) return IngestEach(*records);
  return passed;
}

Result<SegmentPosition> Follower::Start() {
  {
    const std::scoped_lock lock(mutex_);
    if (position_) return *position_;
  }
  auto position = ledger_.FollowedTo(options_.relay);
  if (!position) return position;
  const std::scoped_lock lock(mutex_);
  position_ = *position;
  return position;
}

Result<std::size_t> Follower::PassUnreadable(const SegmentPosition& row, const Error& error) {
  const FollowedRecord stand_in = Unreadable(options_.relay, row, error.what, clock_.Now());
  auto passed = Ingest({&stand_in, 1});
  if (!passed) return passed;
  ++unreadable_;
  Log(Severity::kError, "decision-unreadable",
      {{"relay", options_.relay},
       {"segment", row.segment},
       {"row", std::to_string(row.sequence)},
       {"error", error.what}});
  return passed;
}

// One of them cannot be taken in: the others are not to suffer.
Result<std::size_t> Follower::IngestEach(const std::vector<FollowedRecord>& records) {
  for (const FollowedRecord& record : records) {
    auto passed = Ingest({&record, 1});
    if (!passed && passed.error().kind == ErrorKind::kInvalid) {
      passed = PassUnreadable(record.position, passed.error());
    }
    if (!passed) return passed;
  }
  return records.size();
}

Result<std::size_t> Follower::Ingest(std::span<const FollowedRecord> records) {
  if (records.empty()) return std::size_t{0};
  if (Status ingested = ledger_.Ingest(options_.relay, records); !ingested) return ingested.error();
  {
    const std::scoped_lock lock(mutex_);
    position_ = records.back().position;
  }
  on_ingested_();
  return records.size();
}

void Follower::Mark() {
  const auto now = clock_.Monotonic();
  if (options_.followed_mark.empty() || (marked_ && now - *marked_ < kMarkEvery)) return;
  // The milter drops what lies before the mark, counts too.
  if (counts_are_behind_) return;
  const SegmentPosition reached = position();
  if (reached.segment.empty()) return;
  marked_ = now;
  if (Status written = WriteFollowedMark(options_.followed_mark, reached); !written) {
    Log(Severity::kWarning, "followed-mark-not-written", {{"error", written.error().what}});
  }
}

void Follower::Remember(const std::string& error) {
  const std::scoped_lock lock(mutex_);
  last_error_ = error;
}

SegmentPosition Follower::position() const {
  const std::scoped_lock lock(mutex_);
  return position_.value_or(SegmentPosition{});
}

std::string Follower::last_error() const {
  const std::scoped_lock lock(mutex_);
  return last_error_;
}

}  // namespace clawback
