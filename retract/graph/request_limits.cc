// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/request_limits.h"

#include <algorithm>

namespace clawback {
namespace {

constexpr milliseconds kFirstPause = std::chrono::seconds(3);
constexpr milliseconds kLongestPause = std::chrono::minutes(3);

template <typename Counts, typename Key>
int CountOf(const Counts& counts, const Key& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

template <typename Counts, typename Key>
void CountDown(Counts& counts, const Key& key) {
  const auto found = counts.find(key);
  if (found != counts.end() && --found->second == 0) counts.erase(found);
}

}  // namespace

bool RequestLimits::HasRoom(const RequestScope& scope) const {
  return relay_ < caps_.relay && CountOf(tenants_, scope.tenant) < caps_.tenant &&
         CountOf(mailboxes_, scope) < caps_.mailbox;
}

milliseconds RequestLimits::PauseLeft(const RequestScope& scope) const {
  milliseconds longest{0};
  for (const RequestScope& paused : {scope, RequestScope{scope.tenant, ""}}) {
    const auto found = pauses_.find(paused);
    if (found == pauses_.end()) continue;
    const auto left = std::chrono::ceil<milliseconds>(found->second.until - clock_.Monotonic());
    longest = std::max(longest, left);
  }
  return longest;
}

Result<RequestLimits::Slot> RequestLimits::Enter(const RequestScope& scope, milliseconds patience) {
  // Waiting counts on the real steady clock: a condition variable knows no other.
  const auto deadline = std::chrono::steady_clock::now() + patience;
  std::unique_lock lock(mutex_);
  for (;;) {
    if (const milliseconds left = PauseLeft(scope); left > milliseconds(0)) {
      return Error{ErrorKind::kThrottled, "waiting as Microsoft Graph asked", left};
    }
    if (HasRoom(scope)) break;
    if (changed_.wait_until(lock, deadline) == std::cv_status::timeout && !HasRoom(scope)) {
      return Error{ErrorKind::kTransient, "too many requests under way"};
    }
  }
  ++relay_;
  ++tenants_[scope.tenant];
  ++mailboxes_[scope];
  return Slot(this, scope);
}

void RequestLimits::Pause(const RequestScope& scope, std::optional<milliseconds> asked) {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.Monotonic();
  // Kept for as long again as it lasted: what is throttled then still is.
  std::erase_if(pauses_, [now](const auto& entry) {
    return entry.second.until + std::max(entry.second.length, kFirstPause) <= now;
  });
  Resting& resting = pauses_[scope];
  // Answers to what was sent before the pause began say nothing new.
  const bool answered_meanwhile = now < resting.until;
  if (!asked && !answered_meanwhile) {
    resting.length = std::clamp(resting.length * 2, kFirstPause, kLongestPause);
  }
  resting.until = std::max(resting.until, now + asked.value_or(resting.length));
  changed_.notify_all();
}

void RequestLimits::Leave(const RequestScope& scope) {
  const std::lock_guard lock(mutex_);
  --relay_;
  CountDown(tenants_, scope.tenant);
  CountDown(mailboxes_, scope);
  changed_.notify_all();
}

}  // namespace clawback
