// SPDX-License-Identifier: Apache-2.0
// The end that asks.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "policy/json.h"
#include "retract/sidecar/protocol.h"

namespace clawback {
namespace {

constexpr std::chrono::seconds kAnswerWithin{60};

std::string ErrnoText() { return std::strerror(errno); }

// Why a connection could not be made, and what the person at the terminal can do.
Error ConnectError(const std::string& path) {
  const std::string cause = ErrnoText();
  switch (errno) {
    case ENOENT:
      return {ErrorKind::kNotFound,
              "clawback-retractd is not running? There is no socket " + path + " (" + cause + ")"};
    case ECONNREFUSED:
      return {ErrorKind::kTransient,
              "clawback-retractd is not running? Nothing listens at " + path + " (" + cause + ")"};
    case EACCES:
    case EPERM:
      return {ErrorKind::kRefused, "no permission to use " + path +
                                       ": be root or a member of the socket's group (" + cause +
                                       ")"};
    default:
      return {ErrorKind::kTransient, "cannot connect to " + path + ": " + cause};
  }
}

Status WaitFor(int fd, short events, std::chrono::steady_clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
        deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) break;
    pollfd waiting{fd, events, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
    if (ready > 0) return {};
    if (ready < 0 && errno != EINTR) {
      return Error{ErrorKind::kTransient, "waiting for clawback-retractd: " + ErrnoText()};
    }
  }
  return Error{ErrorKind::kTransient, "clawback-retractd did not answer within " +
                                          std::to_string(kAnswerWithin.count()) + " s"};
}

Status SendAll(int fd, std::string_view bytes, std::chrono::steady_clock::time_point deadline) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (Status ready = WaitFor(fd, POLLOUT, deadline); !ready) return ready;
    } else if (errno != EINTR) {
      return Error{ErrorKind::kTransient, "asking clawback-retractd: " + ErrnoText()};
    }
  }
  return {};
}

// Up to the next line end; what came after it stays in *received.
Result<std::string> ReceiveLine(int fd, std::string* received,
                                std::chrono::steady_clock::time_point deadline) {
  size_t searched = 0;
  while (true) {
    const size_t end = received->find('\n', searched);
    if (end != std::string::npos) {
      std::string line = received->substr(0, end);
      received->erase(0, end + 1);
      return line;
    }
    searched = received->size();
    if (searched > kMaxProtocolLine) {
      return Error{ErrorKind::kTransient, "clawback-retractd answered with a line over " +
                                              std::to_string(kMaxProtocolLine) + " bytes"};
    }
    if (Status ready = WaitFor(fd, POLLIN, deadline); !ready) return ready.error();
    char buffer[1 << 16];
    const ssize_t got = ::recv(fd, buffer, sizeof buffer, 0);
    if (got == 0) {
      return Error{ErrorKind::kTransient, "clawback-retractd closed the connection"};
    }
    if (got < 0 && errno != EINTR) {
      return Error{ErrorKind::kTransient, "reading clawback-retractd's answer: " + ErrnoText()};
    }
    if (got > 0) received->append(buffer, static_cast<size_t>(got));
  }
}

}  // namespace

Result<SidecarClient> SidecarClient::Connect(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.empty() || socket_path.size() >= sizeof address.sun_path) {
    return Error{ErrorKind::kInvalid, "socket path \"" + socket_path + "\": expected 1 to " +
                                          std::to_string(sizeof address.sun_path - 1) + " bytes"};
  }
  std::memcpy(address.sun_path, socket_path.data(), socket_path.size());
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket) return Error{ErrorKind::kTransient, "cannot make a socket: " + ErrnoText()};
  if (::connect(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    return ConnectError(socket_path);
  }
  SidecarClient client(std::move(socket));
  const auto hello = client.Ask(kHello, "{}");
  if (!hello) return hello.error();
  return client;
}

Result<std::string> SidecarClient::Ask(std::string_view operation,
                                       std::string_view arguments_json) {
  const auto deadline = std::chrono::steady_clock::now() + kAnswerWithin;
  ProtocolRequest request;
  request.operation = operation;
  request.arguments = arguments_json;
  const Status sent = SendAll(socket_.get(), ToJson(request) + "\n", deadline);
  // Also when it was not taken: who turns us away says why before.
  const auto line = ReceiveLine(socket_.get(), &received_, deadline);
  if (!line) return sent ? line.error() : sent.error();
  return ReadAnswerLine(*line);
}

Result<std::vector<TraceRow>> SidecarClient::Search(const TraceQuery& query) {
  const auto result = Ask(kTraceSearch, ToJson(query));
  if (!result) return result.error();
  return TraceRowsFromJson(*result);
}

Result<TraceStory> SidecarClient::Story(std::int64_t trace_id) {
  const auto result = Ask(kTraceStory, StoryArguments(trace_id));
  if (!result) return result.error();
  return TraceStoryFromJson(*result);
}

Result<RetractAnswer> SidecarClient::Retract(const RetractRequest& request) {
  const auto result = Ask(kRetractByHand, ToJson(request));
  if (!result) return result.error();
  return RetractAnswerFromJson(*result);
}

Result<Asked> SidecarClient::Undo(const UndoRequest& request) {
  const auto result = Ask(kUndoByHand, ToJson(request));
  if (!result) return result.error();
  return AskedFromJson(*result);
}

Result<std::int64_t> SidecarClient::Subscribe(const SubscribeRequest& request) {
  const auto result = Ask(kSubscribe, ToJson(request));
  if (!result) return result.error();
  std::int64_t position = 0;
  const Status read =
      ReadJson(*result, [&](const JsonReader& in) { in.Integer("position", &position); });
  if (!read) return Within("answer", read.error());
  return position;
}

// Heartbeats come far more often than an answer may take.
Result<ProtocolEvent> SidecarClient::NextEvent() {
  const auto deadline = std::chrono::steady_clock::now() + kAnswerWithin;
  const auto line = ReceiveLine(socket_.get(), &received_, deadline);
  if (!line) return line.error();
  auto event = ProtocolEventFromJson(*line);
  if (!event) return Within("event", event.error());
  return event;
}

Result<SidecarStatus> SidecarClient::AskStatus() {
  const auto result = Ask(kStatus, "{}");
  if (!result) return result.error();
  return SidecarStatusFromJson(*result);
}

}  // namespace clawback
