// SPDX-License-Identifier: Apache-2.0
// One bound on the bytes of all reports that are on their way at a time.
#ifndef CLAWBACK_MILTER_BYTE_BUDGET_H_
#define CLAWBACK_MILTER_BYTE_BUDGET_H_

#include <atomic>
#include <cstdint>
#include <utility>

namespace clawback {

// Safe from any thread. Outlives its shares.
class ByteBudget {
 public:
  explicit ByteBudget(std::int64_t total) : total_(total) {}
  ByteBudget(const ByteBudget&) = delete;
  ByteBudget& operator=(const ByteBudget&) = delete;

  // What one message holds of the budget; given back when it goes.
  class Share {
   public:
    Share() = default;
    explicit Share(ByteBudget* budget) : budget_(budget) {}
    Share(Share&& other) noexcept
        : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
    Share& operator=(Share&& other) noexcept {
      if (this != &other) {
        Release();
        budget_ = other.budget_;
        bytes_ = std::exchange(other.bytes_, 0);
      }
      return *this;
    }
    ~Share() { Release(); }

    // Holds at least bytes from now on. False, and nothing changes, if they are not
    // to be had.
    bool GrowTo(std::int64_t bytes) {
      if (bytes <= bytes_) return true;
      if (budget_ == nullptr || !budget_->Take(bytes - bytes_)) return false;
      bytes_ = bytes;
      return true;
    }

   private:
    void Release() {
      if (bytes_ > 0) budget_->used_ -= std::exchange(bytes_, 0);
    }
    ByteBudget* budget_ = nullptr;
    std::int64_t bytes_ = 0;
  };

  Share Open() { return Share(this); }
  std::int64_t used() const { return used_; }

 private:
  bool Take(std::int64_t bytes) {
    std::int64_t used = used_;
    do {
      if (bytes > total_ - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes));
    return true;
  }
  const std::int64_t total_;
  std::atomic<std::int64_t> used_{0};
};

}  // namespace clawback

#endif  // CLAWBACK_MILTER_BYTE_BUDGET_H_
