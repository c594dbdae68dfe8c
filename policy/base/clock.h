// SPDX-License-Identifier: Apache-2.0
// Where time comes from. Wall time is for records and people; leases, back-off
// and deadlines count on the monotonic clock, which nobody can set.
#ifndef CLAWBACK_POLICY_BASE_CLOCK_H_
#define CLAWBACK_POLICY_BASE_CLOCK_H_

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace clawback {

// Wall time, UTC, in milliseconds since 1970.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using std::chrono::milliseconds;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time Now() const = 0;
  virtual std::chrono::steady_clock::time_point Monotonic() const = 0;
};

// The machine's clocks. Stateless, safe from any thread.
class SystemClock final : public Clock {
 public:
  Time Now() const override;
  std::chrono::steady_clock::time_point Monotonic() const override;
};

// How far the wall clock was set since this was made: ahead is positive, back negative. Time
// that the machine slept counts as set. Safe from any thread.
class ClockSteps {
 public:
  explicit ClockSteps(const Clock& clock)
      : clock_(clock), wall_(clock.Now()), monotonic_(clock.Monotonic()) {}
  milliseconds Sum() const;

 private:
  const Clock& clock_;
  const Time wall_;
  const std::chrono::steady_clock::time_point monotonic_;
};

// "2026-11-03T09:14:22.123Z" (RFC 3339, always UTC, always milliseconds).
std::string FormatTime(Time time);
// Reads what FormatTime writes; fraction optional.
std::optional<Time> ParseTime(std::string_view text);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_CLOCK_H_
