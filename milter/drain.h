// SPDX-License-Identifier: Apache-2.0
// A stop that is clean: reports whose content is arriving are finished, no new one is
// begun, and nothing that they use goes before the last of them has left.
#ifndef CLAWBACK_MILTER_DRAIN_H_
#define CLAWBACK_MILTER_DRAIN_H_

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace clawback {

// Safe from any thread. Outlives its stays.
class Drain {
 public:
  // One report between its first byte and its answer.
  class Stay {
   public:
    explicit Stay(Drain* drain) : drain_(drain) {}
    Stay(Stay&& other) noexcept : drain_(std::exchange(other.drain_, nullptr)) {}
    Stay& operator=(Stay&&) = delete;
    ~Stay() {
      if (drain_ != nullptr) drain_->Leave();
    }

   private:
    Drain* drain_;
  };

  // Nullopt once Finish was called.
  std::optional<Stay> Enter() {
    const std::lock_guard lock(mutex_);
    if (draining_) return std::nullopt;
    ++inside_;
    return std::optional<Stay>(std::in_place, this);
  }
  bool draining() const {
    const std::lock_guard lock(mutex_);
    return draining_;
  }
  // Lets nobody in any more and waits for those inside; true if all have left.
  bool Finish(std::chrono::milliseconds at_most) {
    std::unique_lock lock(mutex_);
    draining_ = true;
    return left_.wait_for(lock, at_most, [this] { return inside_ == 0; });
  }

 private:
  void Leave() {
    const std::lock_guard lock(mutex_);
    --inside_;
    left_.notify_all();
  }
  mutable std::mutex mutex_;
  std::condition_variable left_;
  int inside_ = 0;
  bool draining_ = false;
};

}  // namespace clawback

#endif  // CLAWBACK_MILTER_DRAIN_H_
