// SPDX-License-Identifier: Apache-2.0
// A clock that stands still until a test turns it: wall time by Set, both times by
// Pass. Safe from any thread.
#ifndef CLAWBACK_TESTS_SUPPORT_MANUAL_CLOCK_H_
#define CLAWBACK_TESTS_SUPPORT_MANUAL_CLOCK_H_

#include <atomic>

#include "policy/base/clock.h"

namespace clawback {

class ManualClock final : public Clock {
 public:
  static constexpr Time kMorning{std::chrono::sys_days{std::chrono::November / 3 / 2026} +
                                 std::chrono::hours(9)};

  explicit ManualClock(Time now = kMorning) : now_(now.time_since_epoch().count()) {}

  Time Now() const override { return Time(milliseconds(now_.load())); }
  std::chrono::steady_clock::time_point Monotonic() const override {
    return std::chrono::steady_clock::time_point(milliseconds(monotonic_.load()));
  }
  void Set(Time now) { now_ = now.time_since_epoch().count(); }
  void Pass(milliseconds time) {
    now_ += time.count();
    monotonic_ += time.count();
  }

 private:
  std::atomic<milliseconds::rep> now_;
  std::atomic<milliseconds::rep> monotonic_{1'000'000};
};

}  // namespace clawback

#endif  // CLAWBACK_TESTS_SUPPORT_MANUAL_CLOCK_H_
