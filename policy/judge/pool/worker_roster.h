// SPDX-License-Identifier: Apache-2.0
// Who is on duty: hands waiting callers a judge each, in the order they came, and
// keeps the number of judges at what was wanted. One thread of its own starts all
// judges, because a judge lives no longer than the thread that started it.
#ifndef CLAWBACK_POLICY_JUDGE_POOL_WORKER_ROSTER_H_
#define CLAWBACK_POLICY_JUDGE_POOL_WORKER_ROSTER_H_

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "policy/judge/pool/worker_process.h"

namespace clawback {

// Safe from any thread.
class WorkerRoster {
 public:
  WorkerRoster(JudgeProgram program, int wanted);
  ~WorkerRoster();  // kills the judges; nobody may be waiting

  // Once, first: waits until all judges are there, or tells why one is not.
  Status Open();

  // A judge of one's own until given back or lost. kTransient: none in time, or none
  // can be started now.
  Result<WorkerProcess> Take(Deadline deadline);
  void GiveBack(WorkerProcess worker);

  // A judge that was taken is no more. kInService: over a report, or after its
  // last answer; another is started at once, as often as there are reports. kIdle: it ended though
  // nobody asked it anything, which a broken program would do again and again: starting backs off.
  enum class Loss { kInService, kIdle };
  void Lost(Loss loss);

  std::uint64_t restarted() const;

 private:
  struct Waiter {
    std::condition_variable served;
    std::optional<WorkerProcess> worker;
    std::optional<Error> error;
  };

  void KeepStaffed();
  int WaitUntilShort(std::unique_lock<std::mutex>* lock);
  void StartSome(int count);
  void Arrived(WorkerProcess worker);
  void FailedToStart(Error error);
  void BackOff();
  void Serve(WorkerProcess worker);

  const JudgeProgram program_;
  const int wanted_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;  // for the starting thread and Open
  std::vector<WorkerProcess> free_;
  std::list<Waiter*> waiting_;  // first come, first served
  int alive_ = 0;               // free or taken
  int failures_ = 0;            // in a row
  std::uint64_t started_ = 0;
  Deadline not_before_{};
  std::optional<Error> start_error_;  // of the latest attempt, if it failed
  bool stopping_ = false;
  std::thread starter_;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_POOL_WORKER_ROSTER_H_
