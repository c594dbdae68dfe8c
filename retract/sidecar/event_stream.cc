// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/event_stream.h"

#include <poll.h>

#include <string>

#include "policy/base/log.h"
#include "policy/base/names.h"
#include "retract/sidecar/peer_io.h"

namespace clawback {
namespace {

constexpr Name<StreamEnd> kEnds[] = {{StreamEnd::kGone, "gone"},
                                     {StreamEnd::kStopping, "stopping"},
                                     {StreamEnd::kBehind, "behind"},
                                     {StreamEnd::kFailed, "failed"}};
constexpr milliseconds kLastLineWithin{500};

// The last line says why, behind the rest of a line that was begun; whoever takes
// nothing at all cannot be told.
StreamEnd SayEnd(int fd, StreamEnd end, std::string_view unsent) {
  const std::size_t begun = unsent.find('\n');
  std::string last(unsent.substr(0, begun == std::string_view::npos ? 0 : begun + 1));
  last += EndLine(ToString(end)) + "\n";
  std::string_view left = last;
  SendFrom(fd, &left, -1, In(kLastLineWithin));
  return end;
}

}  // namespace

std::string_view ToString(StreamEnd end) { return NameOf(kEnds, end); }

StreamEnd StreamEvents(int fd, int stop, const StreamOptions& options, Subscription& subscription) {
  std::string lines = AnswerLine(SubscribedJson(subscription.position(), options.heartbeat)) + "\n";
  Deadline heartbeat = In(options.heartbeat);
  while (true) {
    std::string_view unsent = lines;
    const Ready sent = SendFrom(fd, &unsent, stop, In(options.taken_within));
    if (sent == Ready::kTooLate) return SayEnd(fd, StreamEnd::kBehind, unsent);
    if (!lines.empty()) heartbeat = In(options.heartbeat);
    const Ready gone =
        WaitFor(fd, POLLRDHUP, stop, In(lines.empty() ? options.look_every : milliseconds(0)));
    if (gone == Ready::kYes) return StreamEnd::kGone;
    if (gone == Ready::kStopped) return SayEnd(fd, StreamEnd::kStopping, unsent);
    if (sent != Ready::kYes) return StreamEnd::kGone;
    auto next = subscription.Next();
    if (!next) {
      Log(Severity::kError, "subscription-failed", {{"error", next.error().what}});
      return SayEnd(fd, StreamEnd::kFailed, "");
    }
    lines = *std::move(next);
    if (lines.empty() && heartbeat <= std::chrono::steady_clock::now()) {
      lines = HeartbeatLine(subscription.position()) + "\n";
    }
  }
}

}  // namespace clawback
