// SPDX-License-Identifier: Apache-2.0
// What workers claim from the SQLite ledger, and in which order.
#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <utility>

#include "policy/base/log.h"
#include "retract/ledger/job_list.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

enum class Turn : int { kAtOnce = 0, kJob = 1 };

constexpr std::string_view kClaimColumns =
    "r.id, r.fence, r.attempts, r.recipient, r.action, r.mode, r.armed,"
    " m.tenant, m.message_id, m.fingerprint, m.received, r.task, r.origin, r.conflicts, r.job,"
    " COALESCE(s.item_ids, ''), COALESCE(s.copy_print, ''), r.failures";

Error Unknown(std::int64_t id, std::string_view what) {
  return {ErrorKind::kInvalid,
          "retraction " + std::to_string(id) + ": unknown " + std::string(what) + " in the ledger"};
}

Result<ClaimedRetraction> ReadClaim(const Statement& row) {
  ClaimedRetraction claim;
  claim.id = row.Integer(0);
  claim.fence = row.Integer(1) + 1;
  claim.attempts = static_cast<int>(row.Integer(2));
  claim.recipient = row.Copy(3);
  const auto action = ActionFrom(row.Text(4));
  const auto mode = ModeFrom(row.Text(5));
  if (!action || !mode) return Unknown(claim.id, "action or mode");
  claim.action = *action;
  claim.mode = *mode;
  const auto task = TaskFrom(row.Text(11));
  const auto origin = OriginFrom(row.Text(12));
  if (!task || !origin) return Unknown(claim.id, "task or origin");
  claim.task = *task;
  claim.origin = *origin;
  claim.conflicts = static_cast<int>(row.Integer(13));
  claim.failures = static_cast<int>(row.Integer(17));
  claim.job = row.Integer(14);
  claim.armed = row.AsTime(6);
  claim.tenant = row.Copy(7);
  claim.message_id = row.Copy(8);
  claim.received = row.AsTime(10);
  Result<Fingerprint> fingerprint = FingerprintFromJson(row.Text(9));
  if (!fingerprint.ok()) return fingerprint.error();
  claim.fingerprint = *std::move(fingerprint);
  if (row.Text(16).empty()) return claim;
  Result<Fingerprint> accepted = FingerprintFromJson(row.Text(16));
  if (!accepted.ok()) return accepted.error();
  claim.accepted = *std::move(accepted);
  claim.accepted_item = row.Copy(15);
  return claim;
}

Result<ClaimedRetraction> ClaimOf(Database& database, std::int64_t id) {
  Result<Statement> found =
      database.Prepare("SELECT " + std::string(kClaimColumns) +
                       " FROM retraction r JOIN message m ON m.id=r.message"
                       " LEFT JOIN outcome s ON s.retraction=r.settles WHERE r.id=?");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(id).Step();
  if (!row.ok()) return row.error();
  if (!*row) return Unknown(id, "message");
  return ReadClaim(*found);
}

// One row that cannot be read must not keep all others waiting: a person sees to it.
Status SetAside(Database& database, std::int64_t id, const Error& why) {
  Log(Severity::kError, "retraction-unreadable", {{"id", std::to_string(id)}, {"why", why.what}});
  return database.Run("UPDATE retraction SET state='held', last_error=? WHERE id=?", why.what, id);
}

// What of one tenant is due next.
struct Next {
  std::int64_t id = 0;
  Time due{};
};
using NextByTenant = std::map<std::string, Next>;
using Loads = std::map<std::string, std::int64_t>;  // claimed at the moment, by tenant

Result<Loads> LoadsAt(Database& database, Time now) {
  Result<Statement> rows = database.Prepare(
      "SELECT tenant, count(*) FROM retraction INDEXED BY retraction_claimed"
      " WHERE state='claimed' AND due>? GROUP BY tenant");
  if (!rows.ok()) return rows.error();
  rows->Bind(now);
  Loads loads;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return loads;
    loads[rows->Copy(0)] = rows->Integer(1);
  }
}

// The earliest of each tenant that has any, one seek a tenant.
Result<NextByTenant> FirstOfEach(Database& database, Turn turn, Time now) {
  NextByTenant firsts;
  std::string tenant;
  // The empty name is no tenant's, but that of rows whose message is gone.
  for (std::string_view compared = ">="; true; compared = ">") {
    Result<Statement> found = database.Prepare(
        "SELECT tenant, id, due FROM retraction INDEXED BY retraction_turn"
        " WHERE turn=? AND tenant" +
        std::string(compared) +
        "? AND state IN ('armed','claimed') ORDER BY tenant, due, id LIMIT 1");
    if (!found.ok()) return found.error();
    const Result<bool> row = found->Bind(static_cast<int>(turn), tenant).Step();
    if (!row.ok()) return row.error();
    if (!*row) return firsts;
    tenant = found->Copy(0);
    if (found->AsTime(2) <= now) firsts[tenant] = {found->Integer(1), found->AsTime(2)};
  }
}

// What may be claimed at one time.
class Choice {
 public:
  Choice(Database& database, Time now, const PassedOver& passed_over)
      : database_(database), now_(now), passed_over_(passed_over) {}

  Result<NextByTenant> Firsts(Turn turn) {
    auto firsts = FirstOfEach(database_, turn, now_);
    if (!firsts.ok()) return firsts.error();
    std::erase_if(*firsts, [this](const auto& first) { return IsPassedOver(first.first); });
    for (const auto& [tenant, recipients] : passed_over_.recipients) {
      if (firsts->erase(tenant) == 0) continue;
      const auto next = DueAfter(turn, tenant, {});
      if (!next.ok()) return next.error();
      if (next->id != 0) firsts->emplace(tenant, *next);
    }
    if (turn == Turn::kAtOnce) return firsts;
    if (Status begun = BeginFirsts(*firsts); !begun.ok()) return begun.error();
    return firsts;
  }

  // id 0: nothing more of the tenant may be claimed. Of its jobs the next mailboxes are
  // begun as far as that takes; what was begun is due now, behind all that was due before.
  Result<Next> NextOf(Turn turn, const std::string& tenant, const Next& last) {
    for (int begun = 0; begun <= kMostBegunAtOnce; ++begun) {
      auto next = DueAfter(turn, tenant, last);
      if (!next.ok() || next->id != 0 || turn == Turn::kAtOnce) return next;
      const auto more = BeginMore(tenant);
      if (!more.ok()) return more.error();
      if (!*more) break;
    }
    return Next{};
  }

 private:
  // So many of a tenant's job mailboxes are begun before those that are get on: a job may be
  // over busy mailboxes alone.
  static constexpr int kMostBegunAtOnce = 100;
  static constexpr std::int64_t kMostBegunAhead = 1000;

  bool IsPassedOver(const std::string& tenant) const {
    return passed_over_.tenants.contains(tenant);
  }

  Result<Next> DueAfter(Turn turn, const std::string& tenant, const Next& last) {
    const auto busy = passed_over_.recipients.find(tenant);
    const bool any_busy = busy != passed_over_.recipients.end() && !busy->second.empty();
    Result<Statement> found = database_.Prepare(
        "SELECT id, due FROM retraction INDEXED BY retraction_turn"
        " WHERE turn=?1 AND tenant=?2 AND state IN ('armed','claimed') AND (due, id)>(?3, ?4)"
        " AND due<=?5" +
        std::string(any_busy ? " AND recipient NOT IN (SELECT value FROM json_each(?6))" : "") +
        " ORDER BY due, id LIMIT 1");
    if (!found.ok()) return found.error();
    const auto number = static_cast<int>(turn);
    if (any_busy) {
      const std::string names = boost::json::serialize(boost::json::value_from(busy->second));
      found->Bind(number, tenant, last.due, last.id, now_, names);
    } else {
      found->Bind(number, tenant, last.due, last.id, now_);
    }
    const Result<bool> row = found->Step();
    if (!row.ok()) return row.error();
    return *row ? Next{found->Integer(0), found->AsTime(1)} : Next{};
  }

  Result<bool> BeginMore(const std::string& tenant) {
    Result<Statement> ahead = database_.Prepare(
        "SELECT count(*) FROM (SELECT 1 FROM retraction INDEXED BY retraction_turn WHERE turn=?"
        " AND tenant=? AND state IN ('armed','claimed') LIMIT ?)");
    if (!ahead.ok()) return ahead.error();
    const Result<bool> row =
        ahead->Bind(static_cast<int>(Turn::kJob), tenant, kMostBegunAhead).Step();
    if (!row.ok()) return row.error();
    if (ahead->Integer(0) >= kMostBegunAhead) return false;
    return BeginNext(database_, tenant, now_);
  }

  // Of tenants whose jobs have nothing begun that may be claimed.
  Status BeginFirsts(NextByTenant& firsts) {
    Result<Statement> rows = database_.Prepare(
        "SELECT DISTINCT tenant FROM job WHERE state='running' AND begun<mailboxes");
    if (!rows.ok()) return rows.error();
    std::vector<std::string> tenants;
    while (true) {
      const Result<bool> row = rows->Step();
      if (!row.ok()) return row.error();
      if (!*row) break;
      const std::string tenant = rows->Copy(0);
      if (!firsts.contains(tenant) && !IsPassedOver(tenant)) tenants.push_back(tenant);
    }
    for (const std::string& tenant : tenants) {
      const auto next = NextOf(Turn::kJob, tenant, {});
      if (!next.ok()) return next.error();
      if (next->id != 0) firsts.emplace(tenant, *next);
    }
    return {};
  }

  Database& database_;
  const Time now_;
  const PassedOver& passed_over_;
};

// Fills ids up to limit, one by one from the tenant that has the least.
Status Take(Choice& choice, Turn turn, std::size_t limit, Loads* loads,
            std::vector<std::int64_t>* ids) {
  if (ids->size() >= limit) return {};
  auto waiting = choice.Firsts(turn);
  if (!waiting.ok()) return waiting.error();
  while (ids->size() < limit && !waiting->empty()) {
    const auto next =
        std::min_element(waiting->begin(), waiting->end(), [&](const auto& a, const auto& b) {
          return std::pair((*loads)[a.first], a.second.due) <
                 std::pair((*loads)[b.first], b.second.due);
        });
    ids->push_back(next->second.id);
    ++(*loads)[next->first];
    if (ids->size() >= limit) return {};
    const auto after = choice.NextOf(turn, next->first, next->second);
    if (!after.ok()) return after.error();
    if (after->id != 0) {
      next->second = *after;
    } else {
      waiting->erase(next);
    }
  }
  return {};
}

}  // namespace

Result<std::vector<ClaimedRetraction>> SqliteLedger::Claim(Time now, milliseconds lease,
                                                           std::size_t limit,
                                                           const PassedOver& passed_over) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  auto loads = LoadsAt(writer_, now);
  if (!loads.ok()) return loads.error();
  std::vector<std::int64_t> ids;
  Choice choice(writer_, now, passed_over);
  for (const Turn turn : {Turn::kAtOnce, Turn::kJob}) {
    const Status taken = Take(choice, turn, limit, &*loads, &ids);
    if (!taken.ok()) return taken.error();
  }
  std::vector<ClaimedRetraction> claims;
  for (const std::int64_t id : ids) {
    Result<ClaimedRetraction> claim = ClaimOf(writer_, id);
    if (!claim.ok() && claim.error().kind == ErrorKind::kTransient) return claim.error();
    const Status kept = claim.ok() ? writer_.Run(
                                         "UPDATE retraction SET state='claimed', fence=?,"
                                         " attempts=attempts+1, due=?,"
                                         " hold=iif(hold='breaker', '', hold) WHERE id=?",
                                         claim->fence, now + lease, id)
                                   : SetAside(writer_, id, claim.error());
    if (!kept.ok()) return kept.error();
    if (claim.ok()) claims.push_back(*std::move(claim));
  }
  if (Status committed = transaction->Commit(); !committed.ok()) return committed.error();
  return claims;
}

}  // namespace clawback
