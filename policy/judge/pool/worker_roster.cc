// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/pool/worker_roster.h"

#include <signal.h>

#include <algorithm>
#include <utility>

#include "policy/base/log.h"

namespace clawback {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kGreetingTime{30'000};
constexpr milliseconds kFirstBackOff{100};
constexpr milliseconds kLongestBackOff{10'000};

// Signals are for the threads that the program meant them for, never for ours.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~AllSignalsBlocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

WorkerRoster::WorkerRoster(JudgeProgram program, int wanted)
    : program_(std::move(program)), wanted_(wanted) {
  const AllSignalsBlocked blocked;
  starter_ = std::thread([this] { KeepStaffed(); });
}

WorkerRoster::~WorkerRoster() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  starter_.join();
}

Status WorkerRoster::Open() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return alive_ == wanted_ || start_error_; });
  if (start_error_) return *start_error_;
  return {};
}

Result<WorkerProcess> WorkerRoster::Take(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (!free_.empty()) {
    WorkerProcess worker = std::move(free_.back());
    free_.pop_back();
    return worker;
  }
  if (alive_ == 0 && start_error_) return *start_error_;
  Waiter waiter;
  const auto place = waiting_.insert(waiting_.end(), &waiter);
  waiter.served.wait_until(lock, deadline, [&] { return waiter.worker || waiter.error; });
  if (waiter.worker) return std::move(*waiter.worker);
  if (waiter.error) return *waiter.error;
  waiting_.erase(place);
  return Error{ErrorKind::kTransient, "no judge was free in time"};
}

void WorkerRoster::GiveBack(WorkerProcess worker) {
  const std::lock_guard lock(mutex_);
  failures_ = 0;
  Serve(std::move(worker));
}

void WorkerRoster::Serve(WorkerProcess worker) {
  if (waiting_.empty()) {
    free_.push_back(std::move(worker));
    return;
  }
  Waiter* first = waiting_.front();
  waiting_.pop_front();
  first->worker = std::move(worker);
  first->served.notify_one();  // under the lock: the waiter lives on its caller's stack
}

void WorkerRoster::Lost(Loss loss) {
  {
    const std::lock_guard lock(mutex_);
    --alive_;
    if (loss == Loss::kIdle) BackOff();
  }
  changed_.notify_all();
}

std::uint64_t WorkerRoster::restarted() const {
  const std::lock_guard lock(mutex_);
  return started_ - std::min<std::uint64_t>(started_, static_cast<std::uint64_t>(wanted_));
}

void WorkerRoster::BackOff() {
  const auto factor = 1 << std::min(failures_++, 10);
  not_before_ = steady_clock::now() + std::min(kFirstBackOff * factor, kLongestBackOff);
}

void WorkerRoster::KeepStaffed() {
  std::unique_lock lock(mutex_);
  while (const int missing = WaitUntilShort(&lock)) {
    lock.unlock();
    StartSome(missing);
    lock.lock();
  }
}

// How many judges are to be started now; 0 when the roster closes.
int WorkerRoster::WaitUntilShort(std::unique_lock<std::mutex>* lock) {
  while (!stopping_) {
    const bool resting = steady_clock::now() < not_before_;
    if (alive_ < wanted_ && !resting) return wanted_ - alive_;
    if (alive_ < wanted_) {
      changed_.wait_until(*lock, not_before_);
    } else {
      changed_.wait(*lock);
    }
  }
  return 0;
}

// All at once, then hears them one by one: they prepare side by side.
void WorkerRoster::StartSome(int count) {
  std::vector<WorkerProcess> fresh;
  std::optional<Error> error;
  while (static_cast<int>(fresh.size()) < count && !error) {
    Result<WorkerProcess> worker = WorkerProcess::Spawn(program_);
    if (worker) {
      fresh.push_back(std::move(*worker));
    } else {
      error = worker.error();
    }
  }
  const Deadline deadline = steady_clock::now() + kGreetingTime;
  for (WorkerProcess& worker : fresh) {
    if (Status greeted = worker.AwaitGreeting(deadline); greeted) {
      Arrived(std::move(worker));
    } else {
      error = Within("judge " + program_.path, greeted.error());
    }
  }
  if (error) FailedToStart(*error);
}

void WorkerRoster::Arrived(WorkerProcess worker) {
  {
    const std::lock_guard lock(mutex_);
    ++alive_;
    ++started_;
    start_error_.reset();
    Serve(std::move(worker));
  }
  changed_.notify_all();
}

void WorkerRoster::FailedToStart(Error error) {
  Log(Severity::kError, "judge-start-failed", {{"why", error.what}});
  {
    const std::lock_guard lock(mutex_);
    BackOff();
    start_error_ = error;
    while (alive_ == 0 && !waiting_.empty()) {
      waiting_.front()->error = error;
      waiting_.front()->served.notify_one();
      waiting_.pop_front();
    }
  }
  changed_.notify_all();
}

}  // namespace clawback
