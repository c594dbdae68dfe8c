// SPDX-License-Identifier: Apache-2.0
#include "milter/engine/conversation.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string>
#include <thread>

#include "policy/base/c_handle.h"

namespace clawback {
namespace {

using std::chrono::milliseconds;

Error Failed(std::string_view step) {
  return {ErrorKind::kTransient, fmt::format("{}: {}", step, std::strerror(errno))};
}
Error Unusable(std::string what) { return {ErrorKind::kTransient, std::move(what)}; }
Error TooLate() { return Unusable("no whole answer in time"); }

struct Place {
  sockaddr_storage address{};
  socklen_t size = 0;
};

template <typename Address>
Place PlaceOf(const Address& address) {
  Place place;
  std::memcpy(&place.address, &address, sizeof address);
  place.size = sizeof address;
  return place;
}

Result<Place> UnixPlace(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Unusable("no path of a socket: " + path);
  }
  path.copy(&address.sun_path[0], path.size());
  return PlaceOf(address);
}

// text is of the form that IsLoopbackAddress checks.
Place LoopbackPlace(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  std::from_chars(text.data() + colon + 1, text.data() + text.size(), port);
  if (text.front() == '[') {
    sockaddr_in6 address{};
    address.sin6_family = AF_INET6;
    address.sin6_port = htons(port);
    address.sin6_addr = IN6ADDR_LOOPBACK_INIT;
    return PlaceOf(address);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, text.substr(0, colon).c_str(), &address.sin_addr);
  return PlaceOf(address);
}

Result<Place> PlaceIn(const EngineSettings& settings) {
  if (!settings.socket.empty()) return UnixPlace(settings.socket);
  if (IsLoopbackAddress(settings.address)) return LoopbackPlace(settings.address);
  return Unusable("no loopback address: " + settings.address);
}

milliseconds Left(EngineDeadline deadline) {
  return std::chrono::ceil<milliseconds>(deadline - std::chrono::steady_clock::now());
}

// What of events has come; an error where the deadline came first.
Result<short> Await(int fd, short events, EngineDeadline deadline) {
  for (;;) {
    const milliseconds left = Left(deadline);
    if (left.count() <= 0) return TooLate();
    pollfd waiting{fd, events, 0};
    const int ready =
        ::poll(&waiting, 1, static_cast<int>(std::min(left, milliseconds(60'000)).count()));
    if (ready > 0) return waiting.revents;
    if (ready < 0 && errno != EINTR) return Failed("poll");
  }
}

Status FinishConnect(int fd, EngineDeadline deadline) {
  const Result<short> ready = Await(fd, POLLOUT, deadline);
  if (!ready) return ready.error();
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) != 0) return Failed("connect");
  errno = error;
  if (error != 0) return Failed("connect");
  return {};
}

Result<FileDescriptor> Connect(const Place& place, EngineDeadline deadline) {
  FileDescriptor socket(
      ::socket(place.address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return Failed("socket");
  const auto* address = reinterpret_cast<const sockaddr*>(&place.address);
  while (::connect(socket.get(), address, place.size) != 0) {
    if (errno == EINPROGRESS) {
      const Status connected = FinishConnect(socket.get(), deadline);
      if (!connected) return connected.error();
      return socket;
    }
    // A Unix socket whose queue of connections is full says so and cannot be waited for.
    if (errno != EAGAIN && errno != EINTR) return Failed("connect");
    if (Left(deadline).count() <= 0) return TooLate();
    std::this_thread::sleep_for(milliseconds(2));
  }
  return socket;
}

bool IsForLater(int error) { return error == EAGAIN || error == EWOULDBLOCK || error == EINTR; }

class Conversation {
 public:
  Conversation(int fd, std::span<const std::string_view> pieces, const Listener& listen,
               std::size_t cap)
      : fd_(fd), pieces_(pieces), listen_(listen), cap_(cap) {}

  Status Run(EngineDeadline deadline) {
    while (!whole_) {
      const short events = static_cast<short>(sending() ? POLLIN | POLLOUT : POLLIN);
      const Result<short> ready = Await(fd_, events, deadline);
      if (!ready) return ready.error();
      // First what they say: an answer may be why they take nothing more.
      if ((*ready & ~POLLOUT) != 0) {
        if (Status heard = Hear(); !heard) return heard;
      } else if (Status sent = Send(); !sent) {
        return sent;
      }
    }
    return {};
  }

 private:
  bool sending() const { return piece_ < pieces_.size(); }

  Status Send() {
    while (sending()) {
      const std::string_view rest = pieces_[piece_].substr(sent_);
      const ssize_t sent = rest.empty() ? 0 : ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent < 0 && IsForLater(errno)) return {};
      if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) return StopSending();
      if (sent < 0) return Failed("send");
      sent_ += static_cast<std::size_t>(sent);
      if (sent_ < pieces_[piece_].size()) return {};
      ++piece_;
      sent_ = 0;
    }
    return {};
  }

  // They have closed their end: what they said before can still be heard.
  Status StopSending() {
    piece_ = pieces_.size();
    return {};
  }

  Status Hear() {
    // Filled by what is received; to clear it first each time would be for nothing.
    std::array<char, 16UL << 10> room;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const ssize_t got = ::recv(fd_, room.data(), room.size(), 0);
    if (got < 0 && IsForLater(errno)) return {};
    if (got < 0) return Failed("receive");
    if (got == 0) return Unusable("ended before its answer was whole");
    heard_ += static_cast<std::size_t>(got);
    if (heard_ > cap_) return Unusable(fmt::format("an answer of more than {} KiB", cap_ >> 10U));
    whole_ = listen_({room.data(), static_cast<std::size_t>(got)});
    return {};
  }

  const int fd_;
  const std::span<const std::string_view> pieces_;
  const Listener& listen_;
  const std::size_t cap_;
  std::size_t piece_ = 0, sent_ = 0, heard_ = 0;
  bool whole_ = false;
};

}  // namespace

Status Converse(const EngineSettings& settings, std::span<const std::string_view> pieces,
                const Listener& listen, std::size_t cap, EngineDeadline deadline) {
  const Result<Place> place = PlaceIn(settings);
  if (!place) return place.error();
  const Result<FileDescriptor> socket = Connect(*place, deadline);
  if (!socket) return socket.error();
  return Conversation(socket->get(), pieces, listen, cap).Run(deadline);
}

}  // namespace clawback
