// SPDX-License-Identifier: Apache-2.0
// Waiting for and sending to a peer of the socket, with deadlines.
#ifndef CLAWBACK_RETRACT_SIDECAR_PEER_IO_H_
#define CLAWBACK_RETRACT_SIDECAR_PEER_IO_H_

#include <chrono>
#include <string_view>

#include "policy/base/clock.h"

namespace clawback {

using Deadline = std::chrono::steady_clock::time_point;
Deadline In(milliseconds duration);

enum class Ready { kYes, kTooLate, kStopped };

// Until fd has one of events (poll(2)), or stop is readable; -1 for either: not waited for.
Ready WaitFor(int fd, short events, int stop, Deadline deadline);

// Sends from the front of *bytes and takes away what was sent. kYes: all of it; kStopped
// also where the peer has gone.
Ready SendFrom(int fd, std::string_view* bytes, int stop, Deadline deadline);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_PEER_IO_H_
