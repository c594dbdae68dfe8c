// SPDX-License-Identifier: Apache-2.0
// Work on a stream of inputs side by side, results in the order of the inputs.
#ifndef CLAWBACK_RETRACT_COMMAND_IN_ORDER_H_
#define CLAWBACK_RETRACT_COMMAND_IN_ORDER_H_

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace clawback {

// next answers the inputs one by one, nullopt at their end; work is called on
// several threads; sink gets the results in order. next and sink are each called by
// one thread at a time. An input that is slow to come holds up no result, and no more
// than a few results per thread wait for a slow one before them.
template <typename T>
class InOrder {
 public:
  using Next = std::function<std::optional<std::string>()>;
  using Work = std::function<T(std::string input)>;
  using Sink = std::function<void(T result)>;

  static void Run(int threads, Next next, Work work, Sink sink) {
    InOrder run(threads, std::move(next), std::move(work), std::move(sink));
    std::vector<std::thread> workers;
    workers.reserve(static_cast<std::size_t>(threads));
    for (int i = 0; i < threads; ++i) workers.emplace_back([&run] { run.WorkOn(); });
    for (std::thread& worker : workers) worker.join();
  }

 private:
  InOrder(int threads, Next next, Work work, Sink sink)
      : most_ahead_(static_cast<std::uint64_t>(threads) * 8),
        next_(std::move(next)),
        work_(std::move(work)),
        sink_(std::move(sink)) {}

  void WorkOn() {
    while (auto input = TakeInput()) Deliver(input->first, work_(std::move(input->second)));
  }

  std::optional<std::pair<std::uint64_t, std::string>> TakeInput() {
    const std::lock_guard reading(input_mutex_);
    {
      std::unique_lock lock(output_mutex_);
      delivered_.wait(lock, [&] { return taken_ < sunk_ + most_ahead_; });
    }
    if (ended_) return std::nullopt;
    std::optional<std::string> input = next_();
    ended_ = !input;
    if (ended_) return std::nullopt;
    return std::pair(taken_++, std::move(*input));
  }

  void Deliver(std::uint64_t number, T result) {
    {
      const std::lock_guard lock(output_mutex_);
      waiting_.emplace(number, std::move(result));
      for (auto first = waiting_.begin(); first != waiting_.end() && first->first == sunk_;
           first = waiting_.begin()) {
        sink_(std::move(first->second));
        waiting_.erase(first);
        ++sunk_;
      }
    }
    delivered_.notify_all();
  }

  const std::uint64_t most_ahead_;
  const Next next_;
  const Work work_;
  const Sink sink_;

  std::mutex input_mutex_;  // taken before output_mutex_
  std::uint64_t taken_ = 0;
  bool ended_ = false;

  std::mutex output_mutex_;
  std::condition_variable delivered_;
  std::map<std::uint64_t, T> waiting_;
  std::uint64_t sunk_ = 0;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_IN_ORDER_H_
