// SPDX-License-Identifier: Apache-2.0
// What the SQLite ledger holds: tripped breakers, and what waits for a person.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "retract/ledger/arming.h"
#include "retract/ledger/brake.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

// What it holds, and what it is about to hold; each found by an index of its own.
constexpr std::string_view kBrakedOf[] = {"tenant=?1 AND hold='breaker' AND state='held'",
                                          "tenant=?1 AND hold='breaker' AND state='claimed'"};

Error NotHeld(std::int64_t id) {
  return {ErrorKind::kNotFound, fmt::format("no retraction {} waits for a person", id)};
}

Result<std::set<std::string>> TenantsThatTripped(Database& database) {
  Result<Statement> rows = database.Prepare("SELECT tenant FROM breaker");
  if (!rows.ok()) return rows.error();
  std::set<std::string> tenants;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return tenants;
    tenants.insert(rows->Copy(0));
  }
}

Result<BreakerRow> ReadBreaker(Database& database, const std::string& tenant, const Breaker& bounds,
                               Time now) {
  BreakerRow breaker;
  breaker.tenant = tenant;
  breaker.bounds = bounds;
  Result<Statement> found = database.Prepare("SELECT tripped, why FROM breaker WHERE tenant=?");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(tenant).Step();
  if (!row.ok()) return row.error();
  if (*row && found->Integer(0) != 0) {
    breaker.tripped = true;
    breaker.tripped_at = found->AsTime(0);
    breaker.why = found->Copy(1);
  }
  if (Status read = ReadCounts(database, tenant, now, &breaker); !read.ok()) return read.error();
  return breaker;
}

// What it held begins anew, its 48 hours too: how long it stood still is no fault of its copy.
Result<std::int64_t> Release(Database& database, const std::string& those,
                             const std::string& tenant, Time now) {
  const Status forgotten = database.Run(
      "DELETE FROM outcome WHERE retraction IN (SELECT id FROM retraction WHERE " + those + ")",
      tenant);
  if (!forgotten.ok()) return forgotten.error();
  const Status released = database.Run(
      "UPDATE retraction SET state='armed', hold='released', fence=fence+1, armed=?2, due=?2,"
      " last_error='' WHERE " +
          those,
      tenant, now);
  if (!released.ok()) return released.error();
  return std::int64_t{database.changes()};
}

AuditNote NoteOf(std::string_view what, const std::string& tenant, const std::string& target,
                 const Actor& who, const std::string& reason, const boost::json::object& evidence) {
  return {who, std::string(what), tenant, target, reason, boost::json::serialize(evidence)};
}

constexpr std::string_view kHeldColumns =
    " FROM retraction r LEFT JOIN outcome o ON o.retraction=r.id"
    " LEFT JOIN trace t ON t.id=r.trace JOIN message m ON m.id=r.message"
    " WHERE r.state='held' AND r.hold NOT IN ('breaker','job')";

Result<HeldRow> ReadHeld(Database& database, const Statement& row) {
  HeldRow held;
  Result<RetractionRow> retraction = ReadRetraction(row);
  if (!retraction.ok()) return retraction.error();
  held.retraction = *std::move(retraction);
  held.tenant = row.Copy(kAfterRetraction);
  Result<Statement> found =
      database.Prepare("SELECT " + std::string(kTraceColumns) + " FROM trace t WHERE t.id=?");
  if (!found.ok()) return found.error();
  const Result<bool> there = found->Bind(row.Integer(kAfterRetraction + 1)).Step();
  if (!there.ok()) return there.error();
  if (!*there) return held;
  Result<TraceRow> trace = ReadTrace(*found);
  if (!trace.ok()) return trace.error();
  held.row = *std::move(trace);
  return held;
}

std::vector<std::string> Differences(const Fingerprint& report, const Fingerprint& copy) {
  std::vector<std::string> differs;
  const auto compare = [&](std::string_view name, bool same) {
    if (!same) differs.emplace_back(name);
  };
  compare("message_id", report.message_id == copy.message_id);
  compare("from", report.from == copy.from);
  compare("date", report.date == copy.date);
  compare("subject", report.subject == copy.subject);
  compare("network_message_id", report.network_message_id == copy.network_message_id);
  compare("text", report.text == copy.text && report.text_triples == copy.text_triples);
  compare("attachments", report.attachments == copy.attachments);
  return differs;
}

// The one that is held, or kNotFound; its message is the last column.
Result<Statement> FindHeld(Database& database, std::int64_t id) {
  Result<Statement> found =
      database.Prepare("SELECT " + std::string(kRetractionColumns) +
                       ", m.tenant, r.trace, m.fingerprint, COALESCE(o.copy_print, ''), r.message" +
                       std::string(kHeldColumns) + " AND r.id=?");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(id).Step();
  if (!row.ok()) return row.error();
  if (!*row) return NotHeld(id);
  return found;
}

Action ActionToTake(Action wanted, const RetractionRow& held) {
  return wanted == Action::kNone ? held.action : wanted;
}

}  // namespace

void SqliteLedger::UseLimits(LimitsByTenant limits) {
  const std::lock_guard lock(limiting_);
  limits_ = std::move(limits);
}

TenantLimits SqliteLedger::LimitsOf(std::string_view tenant) {
  const std::lock_guard lock(limiting_);
  const auto found = limits_.find(tenant);
  return found == limits_.end() ? TenantLimits{} : found->second;
}

Result<std::vector<BreakerRow>> SqliteLedger::Breakers(const std::string& tenant, Time now) {
  std::set<std::string> tenants{tenant};
  const std::lock_guard lock(reading_);
  if (tenant.empty()) {
    auto tripped = TenantsThatTripped(reader_);
    if (!tripped.ok()) return tripped.error();
    tenants = *std::move(tripped);
    const std::lock_guard limiting(limiting_);
    for (const auto& [name, limits] : limits_) tenants.insert(name);
  }
  std::vector<BreakerRow> rows;
  for (const std::string& name : tenants) {
    auto row = ReadBreaker(reader_, name, LimitsOf(name).breaker, now);
    if (!row.ok()) return row.error();
    rows.push_back(*std::move(row));
  }
  return rows;
}

Result<std::int64_t> SqliteLedger::SettleBreaker(std::string_view what, const std::string& tenant,
                                                 const Actor& who, const std::string& reason,
                                                 Time now) {
  if (Status fit = CheckReason(reason); !fit.ok()) return fit.error();
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  const auto before = ReadBreaker(writer_, tenant, LimitsOf(tenant).breaker, now);
  if (!before.ok()) return before.error();
  if (!before->tripped) {
    return Error{ErrorKind::kNotFound, "the breaker of " + tenant + " has not tripped"};
  }
  std::int64_t settled = 0;
  for (const std::string_view those : kBrakedOf) {
    auto some = what == "breaker.released"
                    ? Release(writer_, std::string(those), tenant, now)
                    : Discard(writer_, those, tenant, "discarded with the breaker: " + reason, now);
    if (!some.ok()) return some;
    settled += *some;
  }
  const Status reset = writer_.Run(
      "UPDATE breaker SET tripped=0, why='', base=COALESCE("
      "(SELECT max(number) FROM passage WHERE tenant=?1), 0) WHERE tenant=?1",
      tenant);
  if (!reset.ok()) return reset.error();
  const AuditNote note = NoteOf(what, tenant, "breaker", who, reason,
                                {{"retractions", settled}, {"tripped_for", before->why}});
  if (Status committed = CommitAudited(*transaction, note); !committed.ok()) {
    return committed.error();
  }
  return settled;
}

Result<std::int64_t> SqliteLedger::ReleaseBreaker(const std::string& tenant, const Actor& who,
                                                  const std::string& reason, Time now) {
  return SettleBreaker("breaker.released", tenant, who, reason, now);
}

Result<std::int64_t> SqliteLedger::DiscardBreaker(const std::string& tenant, const Actor& who,
                                                  const std::string& reason, Time now) {
  return SettleBreaker("breaker.discarded", tenant, who, reason, now);
}

Result<std::vector<HeldRow>> SqliteLedger::ListHeld(const HeldQuery& query) {
  const std::lock_guard lock(reading_);
  Result<Statement> rows = reader_.Prepare(
      "SELECT " + std::string(kRetractionColumns) + ", m.tenant, r.trace" +
      std::string(kHeldColumns) + " AND r.id>?1 AND (?2='' OR m.tenant=?2) ORDER BY r.id LIMIT ?3");
  if (!rows.ok()) return rows.error();
  rows->Bind(query.after, query.tenant, std::int64_t{std::clamp(query.limit, 1, 1000)});
  std::vector<HeldRow> held;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return held;
    Result<HeldRow> one = ReadHeld(reader_, *rows);
    if (!one.ok()) return one.error();
    held.push_back(*std::move(one));
  }
}

Result<HeldStory> SqliteLedger::ShowHeld(std::int64_t retraction) {
  const std::lock_guard lock(reading_);
  const Result<Statement> row = FindHeld(reader_, retraction);
  if (!row.ok()) return row.error();
  auto held = ReadHeld(reader_, *row);
  if (!held.ok()) return held.error();
  auto report = FingerprintFromJson(row->Text(kAfterRetraction + 2));
  if (!report.ok()) return report.error();
  HeldStory story{*std::move(held), *std::move(report), std::nullopt, {}};
  if (row->Text(kAfterRetraction + 3).empty()) return story;
  auto copy = FingerprintFromJson(row->Text(kAfterRetraction + 3));
  if (!copy.ok()) return copy.error();
  story.differs = Differences(story.report, *copy);
  story.copy = *std::move(copy);
  return story;
}

Result<std::int64_t> SqliteLedger::RetractHeld(std::int64_t retraction, Action action,
                                               const Actor& who, const std::string& reason,
                                               Time now) {
  if (Status fit = CheckReason(reason); !fit.ok()) return fit.error();
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  Result<Statement> row = FindHeld(writer_, retraction);
  if (!row.ok()) return row.error();
  const auto held = ReadHeld(writer_, *row);
  if (!held.ok()) return held.error();
  const std::int64_t message = row->Integer(kAfterRetraction + 4);
  const Action taken = ActionToTake(action, held->retraction);
  if (taken == Action::kHardDelete) return Error{ErrorKind::kRefused, std::string(kWantsSecond)};
  const ByHand asked{row->Integer(kAfterRetraction + 1), held->retraction.recipient, who, reason};
  auto armed = ArmRetraction(writer_, message, held->retraction.recipient,
                             {asked, taken, 0, retraction, now});
  if (!armed.ok()) return armed;
  if (*armed == 0) {
    return Error{ErrorKind::kRefused, "a retraction of it by hand is under way already"};
  }
  const AuditNote note =
      NoteOf("held.retracted", held->tenant, fmt::format("retraction {}", retraction), who, reason,
             {{"action", ToString(taken)}, {"retraction", *armed}});
  if (Status committed = CommitAudited(*transaction, note); !committed.ok()) {
    return committed.error();
  }
  return armed;
}

Status SqliteLedger::LeaveHeld(std::int64_t retraction, const Actor& who,
                               const std::string& reason) {
  if (Status fit = CheckReason(reason); !fit.ok()) return fit;
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  const Result<Statement> row = FindHeld(writer_, retraction);
  if (!row.ok()) return row.error();
  const auto held = ReadHeld(writer_, *row);
  if (!held.ok()) return held.error();
  // due: since when it is over, for the retention (retract/ledger/pruning.h).
  Status left = writer_.Run("UPDATE retraction SET state='final', due=? WHERE id=?",
                            SystemClock().Now(), retraction);
  if (!left.ok()) return left;
  return CommitAudited(
      *transaction, NoteOf("held.left", held->tenant, fmt::format("retraction {}", retraction), who,
                           reason, {{"held_for", held->retraction.held_for}}));
}

}  // namespace clawback
