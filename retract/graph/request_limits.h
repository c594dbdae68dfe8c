// SPDX-License-Identifier: Apache-2.0
// How many requests may be under way: at most 4 for a mailbox, because Exchange
// throttles the fifth, and caps for a tenant and for the relay. A slot that comes free
// goes to the tenant that has the fewest under way, and within it to who has waited
// longest, so a tenant with a large job leaves the others their share; where there are
// several, also one whose requests nobody answers does (tenant_share.h). A mailbox that
// was told to wait is paused as a whole, and so is a tenant: calls made while throttled
// count too (Microsoft Graph, "throttling guidance"). A mailbox whose budget of ten minutes
// is spent is paused before Exchange says so.
#ifndef CLAWBACK_RETRACT_GRAPH_REQUEST_LIMITS_H_
#define CLAWBACK_RETRACT_GRAPH_REQUEST_LIMITS_H_

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/graph/request_budget.h"
#include "retract/graph/request_scope.h"

namespace clawback {

struct RequestCaps {
  int relay = 16;
  int tenant = 16;
  int mailbox = 4;
  int mailbox_budget = 10'000;                       // in ten minutes
  milliseconds patience = std::chrono::seconds(60);  // for a slot
  // So short a pause is waited for by whoever only reads: to begin its work anew would take
  // more requests. 0: none.
  milliseconds short_pause = std::chrono::seconds(2);
};

// Shared by the providers of all tenants. Safe from any thread.
class RequestLimits {
 public:
  explicit RequestLimits(const Clock& clock, RequestCaps caps = {})
      : clock_(clock), caps_(caps), budget_(caps.mailbox_budget) {}

  // Leave to make one request; given back when it goes. It may not outlive the limits.
  class Slot {
   public:
    Slot(Slot&& other) noexcept
        : limits_(std::exchange(other.limits_, nullptr)), scope_(std::move(other.scope_)) {}
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    Slot& operator=(Slot&&) = delete;
    ~Slot() {
      if (limits_ != nullptr) limits_->Leave(scope_);
    }

   private:
    friend class RequestLimits;
    Slot(RequestLimits* limits, RequestScope scope) : limits_(limits), scope_(std::move(scope)) {}
    RequestLimits* limits_;
    RequestScope scope_;
  };

  // Whether there are several tenants, who leave each other something; at first: no.
  void Share(bool among_several);

  milliseconds patience() const { return caps_.patience; }
  milliseconds short_pause() const { return caps_.short_pause; }

  // Waits up to patience for a slot. kThrottled with the time left: scope is paused, at
  // once; kTransient: none came free in time.
  Result<Slot> Enter(const RequestScope& scope, milliseconds patience);

  // No slot for scope as long as was asked for; where nothing was said 3 s, doubled up
  // to 3 min while that goes on. An empty mailbox: none for the whole tenant.
  void Pause(const RequestScope& scope, std::optional<milliseconds> asked);

  std::size_t waiting() const;

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Resting {
    Instant until{};
    milliseconds length{0};
  };
  // Lives on the stack of who waits; everything in it is guarded by mutex_.
  struct Waiter {
    const RequestScope& scope;
    std::condition_variable woken{};
    bool entered = false;
    bool paused = false;
  };
  struct OfTenant {
    int under_way = 0;
    std::uint64_t last_entry = 0;  // when, counted in entries
    std::list<Waiter*> waiting{};  // oldest first
  };
  using Tenants = std::map<std::string, OfTenant, std::less<>>;
  bool HasRoom(const RequestScope& scope) const;
  milliseconds PauseLeft(const RequestScope& scope) const;
  void Count(const RequestScope& scope);
  Slot Admit(const RequestScope& scope);
  void Rest(const RequestScope& scope, Instant until);
  void Leave(const RequestScope& scope);
  void GiveBack(const RequestScope& scope);
  void LetIn();
  Waiter* NextOf(const OfTenant& tenant) const;
  bool Wait(const RequestScope& scope, Instant deadline, std::unique_lock<std::mutex>& lock);
  void ForgetIfIdle(Tenants::iterator tenant);

  const Clock& clock_;
  const RequestCaps caps_;
  mutable std::mutex mutex_;
  bool shared_ = false;
  int relay_ = 0;
  std::uint64_t entries_ = 0;
  Tenants tenants_;
  std::map<RequestScope, int> mailboxes_;
  std::map<RequestScope, Resting> pauses_;
  RequestBudget budget_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_REQUEST_LIMITS_H_
