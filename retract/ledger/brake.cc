// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/brake.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/limits.h"
#include "retract/ledger/arming.h"
#include "retract/ledger/number_of.h"

namespace clawback {
namespace {

constexpr milliseconds kMinute = std::chrono::minutes(1);
// The longest window, and a minute that may have begun before it.
constexpr milliseconds kKept = std::chrono::hours(24) + kMinute;

std::int64_t MinuteOf(Time at) { return at.time_since_epoch() / kMinute; }

// It began before: counted then, and not to be stopped half way.
Result<bool> HasBegun(Database& database, std::int64_t retraction) {
  const auto found =
      NumberOf(database,
               "SELECT EXISTS(SELECT 1 FROM act_of WHERE retraction=?1)"
               " OR EXISTS(SELECT 1 FROM retraction WHERE id=?1 AND hold='released')",
               retraction);
  if (!found.ok()) return found.error();
  return *found != 0;
}

// Numbers grow by one, so a count is a difference: what began in the window, less what a
// person has released since.
Result<std::int64_t> Passed(Database& database, const std::string& tenant, Time since) {
  const auto newest = NumberOf(database, "SELECT max(number) FROM passage WHERE tenant=?", tenant);
  const auto before =
      NumberOf(database,
               "SELECT COALESCE((SELECT number FROM passage WHERE tenant=?1 AND at<=?2"
               " ORDER BY at DESC, number DESC LIMIT 1),"
               " (SELECT min(number)-1 FROM passage WHERE tenant=?1), 0)",
               tenant, since);
  const auto base = NumberOf(database, "SELECT base FROM breaker WHERE tenant=?", tenant);
  for (const auto* number : {&newest, &before, &base}) {
    if (!number->ok()) return number->error();
  }
  return std::max<std::int64_t>(0, *newest - std::max(*before, *base));
}

Result<std::int64_t> Inbound(Database& database, const std::string& tenant, Time since, Time now) {
  return NumberOf(database,
                  "SELECT sum(mailboxes) FROM inbound WHERE tenant=? AND minute BETWEEN ? AND ?",
                  tenant, MinuteOf(since), MinuteOf(now));
}

// Which bound one more than passed would pass; empty: none.
Result<std::string> BoundMet(Database& database, const std::string& tenant, std::int64_t passed,
                             const Breaker& bounds, Time now) {
  const std::string window = FormatDuration(bounds.window);
  if (bounds.count > 0 && passed >= bounds.count) {
    return fmt::format("more than {} retractions in {} (breaker.count)", bounds.count, window);
  }
  if (bounds.share >= 100 || passed < bounds.share_from) return std::string();
  const auto inbound = Inbound(database, tenant, now - bounds.window, now);
  if (!inbound.ok()) return inbound.error();
  if ((passed + 1) * 100 <= *inbound * bounds.share) return std::string();
  return fmt::format("more than {} % of the {} mailboxes that reports named in {} (breaker.share)",
                     bounds.share, *inbound, window);
}

Status Trip(Database& database, const std::string& tenant, const std::string& why, Time now) {
  Status tripped = database.Run(
      "INSERT INTO breaker(tenant, tripped, why) VALUES(?1,?2,?3)"
      " ON CONFLICT DO UPDATE SET tripped=?2, why=?3",
      tenant, now, why);
  if (!tripped.ok()) return tripped;
  return database.Run(
      "UPDATE retraction SET state='held', hold='breaker', last_error=?2"
      " WHERE turn=0 AND tenant=?1 AND state IN ('armed','claimed') AND state='armed'"
      " AND origin='automatic' AND mode='enforce' AND hold<>'released'"
      " AND NOT EXISTS(SELECT 1 FROM act_of o WHERE o.retraction=retraction.id)",
      tenant, kHeldByBreaker);
}

// Passages of a clock that was set back since would stand in every window until it came there.
Status BringBack(Database& database, const std::string& tenant, Time now) {
  return database.Run("UPDATE passage SET at=?2 WHERE tenant=?1 AND at>?2", tenant, now);
}

Status Count(Database& database, const std::string& tenant, Time now) {
  Status counted = database.Run(
      "INSERT INTO passage(tenant, number, at) SELECT ?1, COALESCE(max(number),0)+1, ?2"
      " FROM passage WHERE tenant=?1",
      tenant, now);
  if (!counted.ok()) return counted;
  // The newest stays whatever its age, for the numbers go on from it.
  return database.Run(
      "DELETE FROM passage WHERE tenant=?1 AND at<?2"
      " AND number<(SELECT max(number) FROM passage WHERE tenant=?1)",
      tenant, now - kKept);
}

}  // namespace

Result<bool> IsTripped(Database& database, std::string_view tenant) {
  const auto tripped = NumberOf(database, "SELECT tripped FROM breaker WHERE tenant=?", tenant);
  if (!tripped.ok()) return tripped.error();
  return *tripped != 0;
}

Status CountInbound(Database& database, const DecisionRecord& record, Time now) {
  const auto& recipients = record.decision.recipients;
  const auto mailboxes = std::count_if(recipients.begin(), recipients.end(), HasMailboxHere);
  if (mailboxes == 0) return {};
  Status counted = database.Run(
      "INSERT INTO inbound(tenant, minute, mailboxes) VALUES(?1,?2,?3)"
      " ON CONFLICT DO UPDATE SET mailboxes=mailboxes+?3",
      record.tenant, MinuteOf(now), std::int64_t{mailboxes});
  if (!counted.ok()) return counted;
  return database.Run("DELETE FROM inbound WHERE tenant=? AND minute<?", record.tenant,
                      MinuteOf(now - kKept));
}

Result<Passing> PassBreaker(Database& database, const ClaimedRetraction& claim,
                            const Breaker& bounds, Time now) {
  const Result<bool> begun = HasBegun(database, claim.id);
  if (!begun.ok()) return begun.error();
  if (*begun) return Passing{true};
  const Result<bool> tripped = IsTripped(database, claim.tenant);
  if (!tripped.ok()) return tripped.error();
  if (*tripped) return Passing{};
  if (Status brought = BringBack(database, claim.tenant, now); !brought.ok()) {
    return brought.error();
  }
  const auto passed = Passed(database, claim.tenant, now - bounds.window);
  if (!passed.ok()) return passed.error();
  auto bound = BoundMet(database, claim.tenant, *passed, bounds, now);
  if (!bound.ok()) return bound.error();
  const bool pass = bound->empty();
  const Status done =
      pass ? Count(database, claim.tenant, now) : Trip(database, claim.tenant, *bound, now);
  if (!done.ok()) return done.error();
  return Passing{pass, *std::move(bound)};
}

Status GiveToBreaker(Database& database, std::int64_t retraction) {
  return database.Run("UPDATE retraction SET hold='breaker' WHERE id=?", retraction);
}

Status ReadCounts(Database& database, const std::string& tenant, Time now, BreakerRow* row) {
  const Time since = now - row->bounds.window;
  const auto passed = Passed(database, tenant, since);
  if (!passed.ok()) return passed.error();
  const auto inbound = Inbound(database, tenant, since, now);
  if (!inbound.ok()) return inbound.error();
  const auto held = NumberOf(
      database,
      "SELECT count(*) FROM retraction WHERE tenant=? AND hold='breaker' AND state='held'", tenant);
  if (!held.ok()) return held.error();
  row->passed = *passed;
  row->inbound = *inbound;
  row->held = *held;
  return {};
}

}  // namespace clawback
