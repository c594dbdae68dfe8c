// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/peer_io.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>

namespace clawback {

Deadline In(milliseconds duration) { return std::chrono::steady_clock::now() + duration; }

Ready WaitFor(int fd, short events, int stop, Deadline deadline) {
  while (true) {
    const auto left =
        std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
    const bool last = left.count() <= 0;  // looks once all the same
    pollfd waiting[] = {{fd, events, 0}, {stop, POLLIN, 0}};
    const int ready = ::poll(waiting, 2, last ? 0 : static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) return Ready::kStopped;
    if (ready > 0 && waiting[1].revents != 0) return Ready::kStopped;
    if (ready > 0 && waiting[0].revents != 0) return Ready::kYes;
    if (last) return Ready::kTooLate;
  }
}

Ready SendFrom(int fd, std::string_view* bytes, int stop, Deadline deadline) {
  while (!bytes->empty()) {
    const ssize_t sent = ::send(fd, bytes->data(), bytes->size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes->remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno == EAGAIN) {
      const Ready ready = WaitFor(fd, POLLOUT, stop, deadline);
      if (ready != Ready::kYes) return ready;
    } else if (errno != EINTR) {
      return Ready::kStopped;
    }
  }
  return Ready::kYes;
}

}  // namespace clawback
