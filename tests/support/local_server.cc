// SPDX-License-Identifier: Apache-2.0
#include "tests/support/local_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <utility>

namespace clawback {
namespace {

constexpr int kLookEvery = 20;  // milliseconds

bool Await(int fd, short events, const std::atomic<bool>& stopping) {
  while (!stopping) {
    pollfd waiting{fd, events, 0};
    if (::poll(&waiting, 1, kLookEvery) > 0) return true;
  }
  return false;
}

}  // namespace

std::string LocalServer::Connection::Read() const {
  std::array<char, 65536> room{};
  if (!Await(fd_, POLLIN, stopping_)) return {};
  const ssize_t got = ::recv(fd_, room.data(), room.size(), 0);
  return got > 0 ? std::string(room.data(), static_cast<std::size_t>(got)) : std::string();
}

std::string LocalServer::Connection::ReadUntil(std::string_view end) const {
  std::string text;
  while (text.find(end) == std::string::npos) {
    const std::string more = Read();
    if (more.empty()) break;
    text += more;
  }
  return text;
}

bool LocalServer::Connection::Write(std::string_view bytes) const {
  while (!bytes.empty()) {
    if (!Await(fd_, POLLOUT, stopping_)) return false;
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) return false;
    if (sent > 0) bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void LocalServer::Connection::Stall() const {
  while (!stopping_) std::this_thread::sleep_for(std::chrono::milliseconds(kLookEvery));
}

LocalServer::LocalServer(Serve serve) : serve_(std::move(serve)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "clawback-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
  folder_ = pattern;
  path_ = folder_ + "/s";
  listening_.Reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path_.copy(&address.sun_path[0], sizeof address.sun_path - 1);
  if (::bind(listening_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listening_.get(), 64) != 0) {
    throw std::runtime_error("no socket at " + path_);
  }
  accepting_ = std::thread([this] { Accept(); });
}

void LocalServer::Accept() {
  while (Await(listening_.get(), POLLIN, stopping_)) {
    const int fd = ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    connections_.emplace_back([this, fd] {
      const FileDescriptor socket(fd);
      serve_(Connection(fd, stopping_));
    });
  }
}

LocalServer::~LocalServer() {
  stopping_ = true;
  accepting_.join();
  for (std::thread& connection : connections_) connection.join();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace clawback
