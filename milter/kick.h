// SPDX-License-Identifier: Apache-2.0
// Keeps libmilter's other sessions moving while one waits.
//
// Debian builds libmilter with a pool of worker threads. It starts a new worker only
// when it believes that none is idle, but lowers the count of idle workers when one has
// woken up, not when it is told to. Sessions that become readable in between are all
// marked as ready, at most two workers wake, and the rest wait until some worker leaves
// its callback: a callback that waits 300 ms then holds up others for seconds.
//
// A fresh connection to our own socket makes the pool look again: the listener takes
// it, finds no idle worker and starts one; that one reads end-of-file, drops the empty
// connection and takes the next session that is ready. So each callback that waits
// opens and closes one connection first. A connection that stays open would not do:
// it causes no event. With a libmilter without the pool this costs one short thread
// and does no harm.
//
// The timer covers what is left: bursts of callbacks that do not wait.
#ifndef CLAWBACK_MILTER_KICK_H_
#define CLAWBACK_MILTER_KICK_H_

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace clawback {

// Safe from any thread. Outlives its open messages.
class Kick {
 public:
  explicit Kick(std::string socket_path);
  ~Kick();
  Kick(const Kick&) = delete;
  Kick& operator=(const Kick&) = delete;

  // Just before a callback waits. Does not wait itself; failure is harmless.
  void Now() const noexcept;

  // While any of these is there, a kick goes out every 20 ms.
  class OpenMessage {
   public:
    explicit OpenMessage(Kick& kick) : kick_(&kick) { kick_->Count(+1); }
    OpenMessage(const OpenMessage&) = delete;
    OpenMessage& operator=(const OpenMessage&) = delete;
    ~OpenMessage() { kick_->Count(-1); }

   private:
    Kick* kick_;
  };

 private:
  void Count(int change);
  void Run();

  const std::string socket_path_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int open_ = 0;
  bool ending_ = false;
  std::thread timer_;
};

}  // namespace clawback

#endif  // CLAWBACK_MILTER_KICK_H_
