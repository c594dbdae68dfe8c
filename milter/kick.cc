// SPDX-License-Identifier: Apache-2.0
#include "milter/kick.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <cstring>

#include "policy/base/c_handle.h"

namespace clawback {
namespace {

constexpr std::chrono::milliseconds kInterval(20);

}  // namespace

Kick::Kick(std::string socket_path)
    : socket_path_(std::move(socket_path)), timer_([this] { Run(); }) {}

Kick::~Kick() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  timer_.join();
}

// Non-blocking: a full backlog means that the listener has enough to wake up for.
void Kick::Now() const noexcept {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path_.size() >= sizeof(address.sun_path)) return;
  std::memcpy(address.sun_path, socket_path_.c_str(), socket_path_.size() + 1);
  const FileDescriptor connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!connection) return;
  (void)::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address));
}

void Kick::Count(int change) {
  const std::lock_guard lock(mutex_);
  open_ += change;
  if (open_ == 1 && change > 0) changed_.notify_all();
}

void Kick::Run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || open_ > 0; });
    if (changed_.wait_for(lock, kInterval, [this] { return ending_; })) return;
    if (open_ == 0) continue;
    lock.unlock();
    Now();
    lock.lock();
  }
}

}  // namespace clawback
