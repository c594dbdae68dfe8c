// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/request_limits.h"

#include <algorithm>
#include <utility>

#include "retract/graph/tenant_share.h"

namespace clawback {
namespace {

constexpr milliseconds kFirstPause = std::chrono::seconds(3);
constexpr milliseconds kLongestPause = std::chrono::minutes(3);

}  // namespace

bool RequestLimits::HasRoom(const RequestScope& scope) const {
  if (relay_ >= caps_.relay) return false;
  const auto tenant = tenants_.find(scope.tenant);
  const int under_way = tenant == tenants_.end() ? 0 : tenant->second.under_way;
  if (under_way >= caps_.tenant) return false;
  if (shared_ && !MayTakeMore(under_way, caps_.relay - relay_)) return false;
  const auto mailbox = mailboxes_.find(scope);
  return scope.mailbox == kDirectory || mailbox == mailboxes_.end() ||
         mailbox->second < caps_.mailbox;
}

void RequestLimits::Share(bool among_several) {
  const std::lock_guard lock(mutex_);
  shared_ = among_several;
  LetIn();
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
      return Error{ErrorKind::kThrottled, "waiting, as Microsoft Graph asks of its callers", left};
    }
    // Nobody is overtaken: whoever waits has no room.
    if (HasRoom(scope)) {
      Count(scope);
      return Admit(scope);
    }
    const bool entered = Wait(scope, deadline, lock);
    if (entered && PauseLeft(scope) <= milliseconds(0)) return Admit(scope);
    if (entered) GiveBack(scope);  // paused before this thread came to run
    if (std::chrono::steady_clock::now() >= deadline) {
      return Error{ErrorKind::kTransient, "too many requests under way"};
    }
  }
}

// Whether scope was let in; if not, time is up or it was paused.
bool RequestLimits::Wait(const RequestScope& scope, Instant deadline,
                         std::unique_lock<std::mutex>& lock) {
  Waiter me{scope};
  const auto tenant = tenants_.try_emplace(scope.tenant).first;
  const auto place = tenant->second.waiting.insert(tenant->second.waiting.end(), &me);
  me.woken.wait_until(lock, deadline, [&] { return me.entered || me.paused; });
  if (me.entered) return true;
  tenant->second.waiting.erase(place);
  ForgetIfIdle(tenant);
  return false;
}

void RequestLimits::Count(const RequestScope& scope) {
  ++relay_;
  OfTenant& tenant = tenants_[scope.tenant];
  ++tenant.under_way;
  tenant.last_entry = ++entries_;
  ++mailboxes_[scope];
}

// The request is made: the last one of a budget is followed by a pause.
RequestLimits::Slot RequestLimits::Admit(const RequestScope& scope) {
  if (scope.mailbox != kDirectory) {
    const Instant now = clock_.Monotonic();
    const milliseconds pause = budget_.Spend(scope, now);
    if (pause > milliseconds(0)) Rest(scope, now + pause);
  }
  return Slot(this, scope);
}

RequestLimits::Waiter* RequestLimits::NextOf(const OfTenant& tenant) const {
  const auto next = std::find_if(tenant.waiting.begin(), tenant.waiting.end(),
                                 [&](const Waiter* waiter) { return HasRoom(waiter->scope); });
  return next == tenant.waiting.end() ? nullptr : *next;
}

void RequestLimits::LetIn() {
  while (relay_ < caps_.relay) {
    OfTenant* fewest = nullptr;
    Waiter* next = nullptr;
    for (auto& [name, tenant] : tenants_) {
      const auto rank = [](const OfTenant& one) {
        return std::pair(one.under_way, one.last_entry);
      };
      if (fewest != nullptr && rank(*fewest) <= rank(tenant)) continue;
      if (Waiter* waiter = NextOf(tenant)) {
        fewest = &tenant;
        next = waiter;
      }
    }
    if (next == nullptr) return;
    fewest->waiting.remove(next);
    Count(next->scope);
    next->entered = true;
    next->woken.notify_one();
  }
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
  Rest(scope, now + asked.value_or(resting.length));
}

void RequestLimits::Rest(const RequestScope& scope, Instant until) {
  Resting& resting = pauses_[scope];
  resting.until = std::max(resting.until, until);
  const auto tenant = tenants_.find(scope.tenant);
  if (tenant == tenants_.end()) return;
  for (Waiter* waiter : tenant->second.waiting) {
    waiter->paused |= scope.mailbox.empty() || waiter->scope == scope;
    if (waiter->paused) waiter->woken.notify_one();
  }
}

void RequestLimits::Leave(const RequestScope& scope) {
  const std::lock_guard lock(mutex_);
  GiveBack(scope);
}

void RequestLimits::GiveBack(const RequestScope& scope) {
  --relay_;
  if (const auto mailbox = mailboxes_.find(scope); --mailbox->second == 0) {
    mailboxes_.erase(mailbox);
  }
  const auto tenant = tenants_.find(scope.tenant);
  --tenant->second.under_way;
  LetIn();
  ForgetIfIdle(tenant);
}

std::size_t RequestLimits::waiting() const {
  const std::lock_guard lock(mutex_);
  std::size_t waiting = 0;
  for (const auto& [name, tenant] : tenants_) waiting += tenant.waiting.size();
  return waiting;
}

void RequestLimits::ForgetIfIdle(Tenants::iterator tenant) {
  if (tenant->second.under_way == 0 && tenant->second.waiting.empty()) tenants_.erase(tenant);
}

}  // namespace clawback
