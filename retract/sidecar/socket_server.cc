// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/socket_server.h"

#include <poll.h>
#include <pwd.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

#include "policy/base/log.h"
#include "retract/sidecar/peer_io.h"

namespace clawback {
namespace {

Error SystemError(const std::string& what) {
  return {ErrorKind::kRefused, what + ": " + std::strerror(errno)};
}

// Lines of one peer, within limits and deadlines. An error ends the connection.
class LineReader {
 public:
  LineReader(int fd, int stop, const SocketServerOptions& options)
      : fd_(fd), stop_(stop), options_(options) {}

  // nullopt: the peer went, was too slow, or we stop. kInvalid: the line is too long.
  Result<std::optional<std::string>> Next() {
    Deadline deadline = In(received_.empty() ? options_.idle_for : options_.request_within);
    while (true) {
      const std::size_t end = received_.find('\n');
      if (end != std::string::npos && end <= kMaxRequestLine) {
        std::string line = received_.substr(0, end);
        received_.erase(0, end + 1);
        return std::optional(std::move(line));
      }
      if (received_.size() > kMaxRequestLine) {
        return Error{ErrorKind::kInvalid,
                     "a request has at most " + std::to_string(kMaxRequestLine) + " bytes"};
      }
      const bool begins = received_.empty();
      if (WaitFor(fd_, POLLIN, stop_, deadline) != Ready::kYes) return std::optional<std::string>();
      if (!Receive()) return std::optional<std::string>();
      if (begins) deadline = In(options_.request_within);
    }
  }

 private:
  bool Receive() {
    char buffer[16384];
    const ssize_t got = ::recv(fd_, buffer, sizeof buffer, MSG_DONTWAIT);
    if (got > 0) received_.append(buffer, static_cast<std::size_t>(got));
    return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
  }

  const int fd_, stop_;
  const SocketServerOptions& options_;
  std::string received_;
};

bool SendAll(int fd, std::string_view bytes, int stop, Deadline deadline) {
  return SendFrom(fd, &bytes, stop, deadline) == Ready::kYes;
}

Result<sockaddr_un> AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Error{ErrorKind::kInvalid, "socket path \"" + path + "\": expected 1 to " +
                                          std::to_string(sizeof address.sun_path - 1) + " bytes"};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// Removes what a dead process left, or the one that we take over from, and nothing else.
Status ClearPath(const std::string& path, const sockaddr_un& address, bool take_over) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) {
    if (errno == ENOENT) return {};
    return SystemError(path);
  }
  if (!S_ISSOCK(found.st_mode)) {
    return Error{ErrorKind::kRefused, path + " is there and is no socket"};
  }
  const FileDescriptor probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int connected =
      ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  if (!take_over && (connected == 0 || errno != ECONNREFUSED)) {
    return Error{ErrorKind::kRefused,
                 path + " is in use by another process: end it first, should it hang"};
  }
  // Whoever was relieved may just have removed its own.
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) {
    return SystemError("cannot remove the old " + path);
  }
  return {};
}

Result<FileDescriptor> ListenAt(const std::string& path, bool take_over) {
  const auto address = AddressOf(path);
  if (!address) return address.error();
  if (Status clear = ClearPath(path, *address, take_over); !clear) return clear.error();
  FileDescriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return SystemError("cannot make a socket");
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&*address), sizeof *address) != 0) {
    return SystemError("cannot listen at " + path);
  }
  // Nobody can connect before listen: the mode is right from the first moment on.
  if (::chmod(path.c_str(), 0660) != 0) return SystemError("cannot set the mode of " + path);
  if (::listen(socket.get(), 64) != 0) return SystemError("cannot listen at " + path);
  return socket;
}

// 0: nothing is there.
ino_t InodeAt(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 ? found.st_ino : 0;
}

// The user database's name of a uid; the number where it has none.
std::string NameOf(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  ::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found);
  return found != nullptr ? found->pw_name : std::to_string(uid);
}

Actor PeerOf(int fd) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return {ActorKind::kUser, -1, "unknown"};
  }
  return {ActorKind::kUser, static_cast<std::int64_t>(peer.uid), NameOf(peer.uid)};
}

}  // namespace

Result<std::unique_ptr<SocketServer>> SocketServer::Listen(SocketServerOptions options,
                                                           Answerer answer, Subscriber subscribe) {
  FileDescriptor stop(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop) return SystemError("cannot make an eventfd");
  auto listener = ListenAt(options.path, options.take_over);
  if (!listener) return listener.error();
  return std::unique_ptr<SocketServer>(new SocketServer(std::move(options), std::move(answer),
                                                        std::move(subscribe), std::move(*listener),
                                                        std::move(stop)));
}

SocketServer::SocketServer(SocketServerOptions options, Answerer answer, Subscriber subscribe,
                           FileDescriptor listener, FileDescriptor stop)
    : options_(std::move(options)),
      answer_(std::move(answer)),
      subscribe_(std::move(subscribe)),
      listener_(std::move(listener)),
      stop_(std::move(stop)),
      inode_(InodeAt(options_.path)),
      accepting_([this] { Accept(); }) {}

SocketServer::~SocketServer() {
  ::eventfd_write(stop_.get(), 1);
  accepting_.join();
  for (Peer& peer : peers_) peer.thread.join();
  // Another process may have taken over, and listen there.
  if (InodeAt(options_.path) == inode_) ::unlink(options_.path.c_str());
}

void SocketServer::Accept() {
  constexpr milliseconds kReapEvery = std::chrono::seconds(1);
  while (true) {
    const Ready ready = WaitFor(listener_.get(), POLLIN, stop_.get(), In(kReapEvery));
    if (ready == Ready::kStopped) return;
    Reap();
    if (ready == Ready::kTooLate) continue;
    FileDescriptor socket(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (socket) {
      Admit(std::move(socket));
    } else if (errno == EMFILE || errno == ENFILE) {
      Log(Severity::kError, "accept-failed", {{"error", std::strerror(errno)}});
      if (WaitFor(-1, 0, stop_.get(), In(kReapEvery)) == Ready::kStopped) return;
    }
  }
}

void SocketServer::Admit(FileDescriptor socket) {
  if (peers_.size() >= options_.peers) {
    Log(Severity::kWarning, "peer-turned-away",
        {{"uid", std::to_string(PeerOf(socket.get()).uid)}});
    const Error busy{ErrorKind::kTransient, "too many connections to clawback-retractd"};
    SendAll(socket.get(), AnswerLine(busy) + "\n", stop_.get(), In(milliseconds(0)));
    return;
  }
  Peer& peer = peers_.emplace_back();
  peer.socket = std::move(socket);
  peer.thread = std::thread([this, &peer] {
    Serve(peer);
    peer.done = true;
  });
}

void SocketServer::Reap() {
  peers_.remove_if([](Peer& peer) {
    if (!peer.done) return false;
    peer.thread.join();
    return true;
  });
}

void SocketServer::Serve(Peer& peer) {
  const int fd = peer.socket.get();
  const Actor who = PeerOf(fd);
  const std::string uid = std::to_string(who.uid);
  LineReader lines(fd, stop_.get(), options_);
  const auto send = [&](const std::string& line) {
    return SendAll(fd, line + "\n", stop_.get(), In(options_.answer_within));
  };
  while (true) {
    const auto line = lines.Next();
    if (!line) {
      Log(Severity::kWarning, "request-too-long", {{"uid", uid}});
      send(AnswerLine(line.error()));
      break;
    }
    if (!*line) break;
    const auto request = ProtocolRequestFromJson(**line);
    if (request && request->operation == kSubscribe && subscribe_) {
      if (Stream(fd, *request, uid)) break;
      continue;
    }
    const auto result = request ? answer_(*request, who) : Result<std::string>(request.error());
    Log(Severity::kInfo, "request",
        {{"uid", uid},
         {"operation", request ? request->operation : ""},
         {"arguments", request ? request->arguments : ""},
         {"error", result ? "" : result.error().what}});
    std::string answer = result ? AnswerLine(*result) : AnswerLine(result.error());
    if (answer.size() > kMaxProtocolLine) {
      answer = AnswerLine(Error{ErrorKind::kInvalid, "the answer is over 64 MiB: ask for less"});
    }
    if (!send(answer)) break;
  }
  ::shutdown(fd, SHUT_RDWR);
}

// False: it was refused, and the connection goes on.
bool SocketServer::Stream(int fd, const ProtocolRequest& request, const std::string& uid) {
  const auto refuse = [&](const Error& error) {
    Log(Severity::kWarning, "subscriber-refused", {{"uid", uid}, {"error", error.what}});
    return !SendAll(fd, AnswerLine(error) + "\n", stop_.get(), In(options_.answer_within));
  };
  if (subscribers_.fetch_add(1) >= options_.subscribers) {
    --subscribers_;
    return refuse({ErrorKind::kTransient, "too many subscribers to clawback-retractd"});
  }
  auto subscription = subscribe_(request);
  if (!subscription) {
    --subscribers_;
    return refuse(subscription.error());
  }
  Log(Severity::kInfo, "subscribed", {{"uid", uid}, {"arguments", request.arguments}});
  const StreamEnd end = StreamEvents(fd, stop_.get(), options_.stream, *subscription);
  --subscribers_;
  Log(Severity::kInfo, "unsubscribed",
      {{"uid", uid},
       {"reason", ToString(end)},
       {"position", std::to_string(subscription->position())}});
  return true;
}

}  // namespace clawback
