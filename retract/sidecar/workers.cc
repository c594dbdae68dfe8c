// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/workers.h"

#include <algorithm>
#include <utility>

#include "policy/base/log.h"
#include "retract/graph/tenant_share.h"
#include "retract/sidecar/backoff.h"

namespace clawback {
namespace {

// The wall clock may be set while we wait for a time on it.
constexpr milliseconds kLongestWait = std::chrono::seconds(30);
constexpr milliseconds kShortestWait = milliseconds(10);
// By less it is not set but kept.
constexpr milliseconds kClockStep = std::chrono::seconds(2);
constexpr milliseconds kWaitAfterStep = std::chrono::seconds(1);
constexpr milliseconds kLongestLook = std::chrono::hours(1);
constexpr milliseconds kWaitAfterError = std::chrono::seconds(1);
// What is due first may be for somebody busy: then the others are looked for this often.
constexpr milliseconds kLookBehindBusy = milliseconds(250);

std::string Milliseconds(milliseconds duration) { return std::to_string(duration.count()); }

}  // namespace

Workers::Workers(WorkerOptions options, const TenantMailboxes& mailboxes, Fingerprinter fingerprint,
                 Ledger& ledger, const Clock& clock)
    : options_(options),
      mailboxes_(mailboxes),
      fingerprint_(std::move(fingerprint)),
      ledger_(ledger),
      clock_(clock),
      clock_steps_(clock),
      pace_(options.at_once_in_mailbox) {
  for (int i = 0; i < options_.workers; ++i) threads_.emplace_back([this] { Work(); });
}

Workers::~Workers() {
  Stop(milliseconds(0));
  for (std::thread& thread : threads_) thread.join();
}

bool Workers::Stop(milliseconds patience) {
  Lock lock(mutex_);
  stopping_ = true;
  changed_.notify_all();
  const auto untouched = std::exchange(claimed_, {});
  lock.unlock();
  GiveBack(untouched, "the sidecar was stopping");
  lock.lock();
  return changed_.wait_for(lock, patience, [this] { return ended_ == threads_.size(); });
}

void Workers::Wake() {
  {
    const std::scoped_lock lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Workers::Work() {
  while (const auto claim = Next()) CarryOut(*claim);
  const std::scoped_lock lock(mutex_);
  ++ended_;
  changed_.notify_all();
}

// nullopt: we stop.
std::optional<ClaimedRetraction> Workers::Next() {
  Lock lock(mutex_);
  ++idle_;
  GiveBackOld(lock);
  while (!stopping_ && Ready() == claimed_.end()) {
    if (someone_claims_) {
      changed_.wait(lock);
    } else {
      ClaimOrWait(lock);
    }
    GiveBackOld(lock);
  }
  --idle_;
  if (stopping_) return std::nullopt;
  const auto ready = Ready();
  ClaimedRetraction claim = std::move(ready->claim);
  claimed_.erase(ready);
  pace_.Begin(claim);
  ++at_work_[claim.tenant];
  ++all_at_work_;
  return claim;
}

bool Workers::MayTakeMore(const std::string& tenant) const {
  if (mailboxes_.size() < 2) return true;
  const auto found = at_work_.find(tenant);
  return clawback::MayTakeMore(found == at_work_.end() ? 0 : found->second,
                               options_.workers - all_at_work_);
}

bool Workers::HasRoom(const ClaimedRetraction& claim) const {
  return pace_.HasRoom(claim) && MayTakeMore(claim.tenant);
}

PassedOver Workers::Busy() {
  PassedOver busy{pace_.Busy(clock_.Now()), {}};
  for (const auto& [tenant, number] : at_work_) {
    if (!MayTakeMore(tenant)) busy.tenants.insert(tenant);
  }
  return busy;
}

std::deque<Workers::Waiting>::iterator Workers::Ready() {
  return std::find_if(claimed_.begin(), claimed_.end(),
                      [this](const Waiting& waiting) { return HasRoom(waiting.claim); });
}

// A lease runs from the claim: what waited here too long is not begun under it.
void Workers::GiveBackOld(Lock& lock) {
  const auto oldest = clock_.Monotonic() - options_.lease / 8;
  std::deque<Waiting> old;
  while (!claimed_.empty() && claimed_.front().since < oldest) {
    old.push_back(std::move(claimed_.front()));
    claimed_.pop_front();
  }
  if (old.empty()) return;
  lock.unlock();
  GiveBack(old, "its mailbox or its tenant had too much else to do");
  lock.lock();
}

// Failing is no harm: the lease ends by itself.
void Workers::GiveBack(const std::deque<Waiting>& untouched, std::string_view why) {
  for (const Waiting& waiting : untouched) {
    (void)ledger_.Postpone(waiting.claim, clock_.Now(), why, Obstacle::kPause);
  }
}

void Workers::ClaimOrWait(Lock& lock) {
  someone_claims_ = true;
  woken_ = false;
  const Status filled = Fill(lock);
  if (Ready() == claimed_.end() && !woken_ && !stopping_) {
    const PassedOver busy = Busy();
    const bool some = !busy.recipients.empty() || !busy.tenants.empty();
    lock.unlock();
    const milliseconds wait = filled ? UntilDue(some) : kWaitAfterError;
    lock.lock();
    changed_.wait_for(lock, wait, [this] { return woken_ || stopping_; });
  }
  someone_claims_ = false;
  changed_.notify_all();
}

Status Workers::Fill(Lock& lock) {
  const std::size_t limit =
      static_cast<std::size_t>(idle_) + static_cast<std::size_t>(options_.workers) / 4;
  const PassedOver busy = Busy();
  lock.unlock();
  const auto since = clock_.Monotonic();
  FollowClock();
  auto claims = ledger_.Claim(clock_.Now(), options_.lease, limit, busy);
  if (!claims) Log(Severity::kError, "claim-failed", {{"error", claims.error().what}});
  lock.lock();
  last_error_ = claims ? "" : claims.error().what;
  if (!claims) return claims.error();
  for (ClaimedRetraction& claim : *claims) claimed_.push_back({std::move(claim), since});
  return {};
}

// What is due at a time on the wall clock must not wait for a clock that was set back to come
// there again; nor, at the start, for one that was wrong before.
void Workers::FollowClock() {
  const milliseconds steps = clock_steps_.Sum();
  if (waits_limited_ && steps > clock_seen_ - kClockStep) {
    clock_seen_ = std::max(clock_seen_, steps);
    return;
  }
  const milliseconds longest = waits_limited_ ? kWaitAfterStep : kLongestLook;
  const Status limited = ledger_.LimitWaits(clock_.Now(), longest, options_.lease);
  if (!limited)
    return Log(Severity::kError, "waits-not-limited", {{"error", limited.error().what}});
  if (waits_limited_)
    Log(Severity::kWarning, "clock-set-back", {{"ms", Milliseconds(clock_seen_ - steps)}});
  waits_limited_ = true;
  clock_seen_ = steps;
  const std::scoped_lock lock(mutex_);
  pace_.LimitRests(clock_.Now() + longest);
}

milliseconds Workers::UntilDue(bool some_passed_over) {
  const auto due = ledger_.NextDue();
  if (!due) return kWaitAfterError;
  const milliseconds longest = some_passed_over ? kLookBehindBusy : kLongestWait;
  if (!*due) return longest;
  const milliseconds left = **due - clock_.Now();
  if (some_passed_over && left <= milliseconds(0)) return kLookBehindBusy;
  return std::clamp(left, kShortestWait, longest);
}

void Workers::CarryOut(const ClaimedRetraction& claim) {
  const Ending ending = EndingOf(claim);
  Report(claim, ending);
  const auto* postponed = std::get_if<Postponed>(&ending);
  const bool refused = postponed != nullptr && postponed->obstacle == Obstacle::kPause;
  const std::scoped_lock lock(mutex_);
  const bool had_room = HasRoom(claim);
  --all_at_work_;
  const auto at_work = at_work_.find(claim.tenant);
  if (--at_work->second == 0) at_work_.erase(at_work);
  pace_.End(claim, refused ? std::optional(postponed->due) : std::nullopt, clock_.Now());
  // Whoever waits for the next due time does not know of this one yet, nor that mailbox and
  // tenant take more.
  if (postponed != nullptr || !had_room) {
    woken_ = true;
    changed_.notify_all();
  }
}

Ending Workers::EndingOf(const ClaimedRetraction& claim) {
  const auto mailboxes = mailboxes_.Of(claim.tenant);
  if (mailboxes == nullptr) return WithoutTenant(claim);
  const RetractTools tools{*mailboxes, fingerprint_,           ledger_,           clock_,
                           turns_,     options_.give_up_after, options_.lease / 2};
  return claim.task == Task::kUndo ? UndoOne(claim, tools) : RetractOne(claim, tools);
}

// The tenant's file may be away by mistake: its retractions wait for it.
Ending Workers::WithoutTenant(const ClaimedRetraction& claim) {
  const std::string why = "tenant " + claim.tenant + " is not configured here";
  const auto next = NextLook(claim.armed, clock_.Now(), options_.give_up_after, claim.attempts);
  if (next) return Record(claim, Postponed{*next, why}, ledger_);
  Outcome outcome;
  outcome.kind = OutcomeKind::kFailed;
  outcome.detail = why;
  outcome.at = clock_.Now();
  return Record(claim, Finished{std::move(outcome)}, ledger_);
}

void Workers::Report(const ClaimedRetraction& claim, const Ending& ending) {
  const std::string id = std::to_string(claim.id);
  const std::string took = Milliseconds(clock_.Now() - claim.received);
  if (const auto* finished = std::get_if<Finished>(&ending)) {
    const Outcome& outcome = finished->outcome;
    const auto severity = outcome.kind == OutcomeKind::kFailed ? Severity::kError : Severity::kInfo;
    Log(severity, "retraction-finished",
        {{"retraction", id},
         {"tenant", claim.tenant},
         {"recipient", claim.recipient},
         {"message_id", claim.message_id},
         {"task", ToString(claim.task)},
         {"origin", ToString(claim.origin)},
         {"action", ToString(claim.action)},
         {"outcome", ToString(outcome.kind)},
         {"from", outcome.folder_before},
         {"to", outcome.folder_after},
         {"request_id", outcome.request_id},
         {"ms_since_received", took},
         {"detail", outcome.detail}});
  } else if (const auto* held = std::get_if<Held>(&ending)) {
    Log(Severity::kError, "retraction-held",
        {{"retraction", id},
         {"tenant", claim.tenant},
         {"recipient", claim.recipient},
         {"message_id", claim.message_id},
         {"why", held->why.detail}});
  } else if (const auto* postponed = std::get_if<Postponed>(&ending)) {
    Log(Severity::kInfo, "retraction-postponed",
        {{"retraction", id},
         {"tenant", claim.tenant},
         {"attempt", std::to_string(claim.attempts + 1)},
         {"due", FormatTime(postponed->due)},
         {"why", postponed->why}});
  } else {
    const Error& why = std::get<Abandoned>(ending).why;
    Log(Severity::kWarning, "retraction-abandoned", {{"retraction", id}, {"why", why.what}});
  }
}

std::string Workers::last_error() const {
  const std::scoped_lock lock(mutex_);
  return last_error_;
}

}  // namespace clawback
