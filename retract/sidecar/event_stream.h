// SPDX-License-Identifier: Apache-2.0
// Sends a subscription's events over a peer's socket until one of the two ends.
#ifndef CLAWBACK_RETRACT_SIDECAR_EVENT_STREAM_H_
#define CLAWBACK_RETRACT_SIDECAR_EVENT_STREAM_H_

#include <chrono>
#include <string_view>

#include "policy/base/clock.h"
#include "retract/sidecar/subscription.h"

namespace clawback {

struct StreamOptions {
  milliseconds look_every = milliseconds(100);           // for changes
  milliseconds heartbeat = std::chrono::seconds(10);     // at least one line in that time
  milliseconds taken_within = std::chrono::seconds(10);  // what one look found
};

enum class StreamEnd {
  kGone,      // the peer
  kStopping,  // we
  kBehind,    // the peer did not take its events in time
  kFailed,    // the ledger could not be read
};
std::string_view ToString(StreamEnd end);  // "gone", "stopping", "behind", "failed"

// Blocks until the end; what the peer sends is not read. stop: readable once we stop.
StreamEnd StreamEvents(int fd, int stop, const StreamOptions& options, Subscription& subscription);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_EVENT_STREAM_H_
