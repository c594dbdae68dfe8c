// SPDX-License-Identifier: Apache-2.0
// A server of a few lines on a Unix socket of its own, for what stands in for another
// program: each connection is given to a function on a thread of its own.
#ifndef CLAWBACK_TESTS_SUPPORT_LOCAL_SERVER_H_
#define CLAWBACK_TESTS_SUPPORT_LOCAL_SERVER_H_

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "policy/base/c_handle.h"

namespace clawback {

class LocalServer {
 public:
  // The other side of one connection. Calls end early once the server stops.
  class Connection {
   public:
    Connection(int fd, const std::atomic<bool>& stopping) : fd_(fd), stopping_(stopping) {}
    // What came next; empty at the end.
    std::string Read() const;
    // Reads on until text holds end, or the end.
    std::string ReadUntil(std::string_view end) const;
    bool Write(std::string_view bytes) const;  // false: nobody listens any more
    void Stall() const;                        // until the server stops

   private:
    int fd_;
    const std::atomic<bool>& stopping_;
  };
  using Serve = std::function<void(const Connection&)>;

  explicit LocalServer(Serve serve);
  ~LocalServer();
  const std::string& path() const { return path_; }

 private:
  void Accept();

  const Serve serve_;
  std::string folder_, path_;
  FileDescriptor listening_;
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> connections_;
  std::thread accepting_;
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_SUPPORT_LOCAL_SERVER_H_
