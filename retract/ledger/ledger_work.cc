// SPDX-License-Identifier: Apache-2.0
// The workers' side of the SQLite ledger. A claim is good while its fence is the
// retraction's: every write checks it in its own transaction.
#include <boost/json.hpp>

#include "policy/base/log.h"
#include "policy/json.h"
#include "retract/ledger/brake.h"
#include "retract/ledger/job_list.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

Error Stale(const ClaimedRetraction& claim) {
  return {ErrorKind::kRefused,
          "retraction " + std::to_string(claim.id) + ": the claim is not ours any more"};
}

// Whether the claim still holds; only inside the transaction that relies on it.
Status CheckFence(Database& database, const ClaimedRetraction& claim) {
  Result<Statement> found =
      database.Prepare("SELECT 1 FROM retraction WHERE id=? AND fence=? AND state='claimed'");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(claim.id, claim.fence).Step();
  if (!row.ok()) return row.error();
  if (!*row) return Stale(claim);
  return {};
}

// What we did to a mailbox.
AuditNote NoteOf(const ClaimedRetraction& claim, const Outcome& outcome, const std::string& moved) {
  boost::json::object evidence;
  evidence["action"] = ToString(claim.action);
  evidence["origin"] = ToString(claim.origin);
  PutBytes(&evidence, "recipient", claim.recipient);
  PutBytes(&evidence, "message_id", claim.message_id);
  PutText(&evidence, "mailbox_id", outcome.mailbox_id);
  PutText(&evidence, "item_ids", moved);
  PutText(&evidence, "outcome", std::string(ToString(outcome.kind)));
  PutText(&evidence, "folder_before", outcome.folder_before);
  PutText(&evidence, "folder_after", outcome.folder_after);
  PutText(&evidence, "request_id", outcome.request_id);
  return {.what = claim.task == Task::kUndo ? "retraction.undone" : "retraction.moved",
          .tenant = claim.tenant,
          .target = "retraction " + std::to_string(claim.id),
          .why = outcome.detail,
          .evidence = boost::json::serialize(evidence)};
}

Result<bool> IsBlocked(Database& database, const ClaimedRetraction& claim,
                       const std::string& mailbox_id) {
  if (claim.origin != Origin::kAutomatic) return false;
  Result<Statement> found =
      database.Prepare("SELECT 1 FROM block WHERE tenant=? AND mailbox_id=? AND message_id=?");
  if (!found.ok()) return found.error();
  return found->Bind(claim.tenant, mailbox_id, claim.message_id).Step();
}

// What a person asked for does not pass it, nor what does not act.
bool PassesBreaker(const ClaimedRetraction& claim) {
  return claim.origin == Origin::kAutomatic && claim.task == Task::kRetract &&
         claim.mode == Mode::kEnforce;
}

// The first intent stands: after a crash the item is found where we moved it, and
// the folder that it came from is known here alone. Once it was put back, the next
// one is the first again.
Status KeepAct(Database& database, const ClaimedRetraction& claim, const ActIntent& intent) {
  Status kept = database.Run(
      "INSERT INTO act(tenant, mailbox_id, item_id, from_folder_id, from_folder, at, action)"
      " VALUES(?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
      " from_folder_id=iif(undone, excluded.from_folder_id, from_folder_id),"
      " from_folder=iif(undone, excluded.from_folder, from_folder),"
      " at=excluded.at, action=excluded.action, undone=0",
      claim.tenant, intent.mailbox_id, intent.item_id, intent.from_folder_id, intent.from_folder,
      intent.at, ToString(intent.action));
  if (!kept.ok()) return kept;
  return database.Run(
      "INSERT INTO act_of(retraction, act) SELECT ?, id FROM act"
      " WHERE tenant=? AND mailbox_id=? AND item_id=? ON CONFLICT DO NOTHING",
      claim.id, claim.tenant, intent.mailbox_id, intent.item_id);
}

// What was refused did not happen: each item is where an earlier retraction put it, or
// where it always was, and then there is nothing to undo.
Status TakeBackActs(Database& database, const ClaimedRetraction& claim, const Outcome& outcome) {
  static constexpr std::string_view kEarlier =
      "(SELECT r.action FROM act_of o JOIN retraction r ON r.id=o.retraction"
      " JOIN outcome x ON x.retraction=r.id WHERE o.act=act.id AND r.id<>?1 AND r.task='retract'"
      " AND x.kind='moved' ORDER BY r.id DESC LIMIT 1)";
  return database.Run("UPDATE act SET undone=" + std::string(kEarlier) +
                          " IS NULL, action=COALESCE(" + std::string(kEarlier) +
                          ", action) WHERE undone=0 AND action=?2"
                          " AND instr(','||?3||',', ','||item_id||',')=0"
                          " AND id IN (SELECT act FROM act_of WHERE retraction=?1)",
                      claim.id, ToString(claim.action), outcome.moved_ids);
}

}  // namespace

Result<Intended> SqliteLedger::RecordIntent(const ClaimedRetraction& claim,
                                            const ActIntent& intent) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  if (Status held = CheckFence(writer_, claim); !held.ok()) return held.error();
  const Result<bool> blocked = IsBlocked(writer_, claim, intent.mailbox_id);
  if (!blocked.ok()) return blocked.error();
  if (*blocked) return Intended::kBlocked;
  if (PassesBreaker(claim)) {
    const auto passing = PassBreaker(writer_, claim, LimitsOf(claim.tenant).breaker, intent.at);
    if (!passing.ok()) return passing.error();
    if (!passing->passed) return Braked(*transaction, claim, passing->tripped);
  }
  if (Status kept = KeepAct(writer_, claim, intent); !kept.ok()) return kept.error();
  if (Status committed = transaction->Commit(); !committed.ok()) return committed.error();
  return Intended::kRecorded;
}

// The trip is committed with its note; the claim itself is held by its worker.
Result<Intended> SqliteLedger::Braked(Transaction& transaction, const ClaimedRetraction& claim,
                                      const std::string& tripped) {
  if (Status given = GiveToBreaker(writer_, claim.id); !given.ok()) return given.error();
  if (tripped.empty()) {
    if (Status kept = transaction.Commit(); !kept.ok()) return kept.error();
    return Intended::kBraked;
  }
  AuditNote note;
  note.what = "breaker.tripped";
  note.tenant = claim.tenant;
  note.target = "breaker";
  note.why = tripped;
  if (Status kept = CommitAudited(transaction, note); !kept.ok()) return kept.error();
  Log(Severity::kError, "breaker-tripped",
      {{"tenant", claim.tenant},
       {"why", tripped},
       {"next", "clawback breaker show " + claim.tenant}});
  return Intended::kBraked;
}

Result<std::vector<ActIntent>> SqliteLedger::IntentsOf(std::int64_t retraction_id) {
  const std::lock_guard lock(reading_);
  Result<Statement> rows = reader_.Prepare(
      "SELECT a.mailbox_id, a.item_id, a.from_folder_id, a.from_folder, a.at, a.action,"
      " MIN(o.retraction<>?1)"
      " FROM retraction mine JOIN retraction r ON r.message=mine.message"
      " JOIN act_of o ON o.retraction=r.id JOIN act a ON a.id=o.act"
      " WHERE mine.id=?1 AND (r.id=?1 OR (mine.task='retract' AND r.task='retract' AND a.undone=0))"
      " GROUP BY a.id ORDER BY a.id");
  if (!rows.ok()) return rows.error();
  rows->Bind(retraction_id);
  std::vector<ActIntent> intents;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return intents;
    intents.push_back({rows->Copy(0), rows->Copy(1), rows->Copy(2), rows->Copy(3), rows->AsTime(4),
                       ActionFrom(rows->Text(5)).value_or(Action::kNone), rows->Integer(6) != 0});
  }
}

Status SqliteLedger::Finish(const ClaimedRetraction& claim, const Outcome& outcome) {
  return End(claim, RetractionState::kFinal, outcome);
}

Status SqliteLedger::Hold(const ClaimedRetraction& claim, const Outcome& why) {
  return End(claim, RetractionState::kHeld, why);
}

Status SqliteLedger::End(const ClaimedRetraction& claim, RetractionState state,
                         const Outcome& outcome) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  if (Status held = CheckFence(writer_, claim); !held.ok()) return held;
  const bool braked = outcome.kind == OutcomeKind::kBraked;
  Status ended = writer_.Run("UPDATE retraction SET state=?, hold=?, last_error='' WHERE id=?",
                             ToString(state), braked ? "breaker" : "", claim.id);
  if (!ended.ok()) return ended;
  ended = writer_.Run(
      "INSERT OR REPLACE INTO outcome(retraction, kind, detail, mailbox_id, item_ids,"
      " folder_before, folder_before_id, folder_after, request_id, at, copy_print)"
      " VALUES(?,?,?,?,?,?,?,?,?,?,?)",
      claim.id, ToString(outcome.kind), outcome.detail, outcome.mailbox_id, outcome.item_ids,
      outcome.folder_before, outcome.folder_before_id, outcome.folder_after, outcome.request_id,
      outcome.at, outcome.copy_print);
  if (!ended.ok()) return ended;
  if (Status job = EndJobIfDone(writer_, claim.job, outcome.at); !job.ok()) return job;
  if (outcome.kind == OutcomeKind::kUndone) {
    ended = writer_.Run(
        "UPDATE act SET undone=1 WHERE id IN (SELECT act FROM act_of WHERE retraction=?)",
        claim.id);
    if (!ended.ok()) return ended;
  }
  const bool refused =
      outcome.kind == OutcomeKind::kNotPermitted || outcome.kind == OutcomeKind::kOnHold;
  if (claim.task == Task::kRetract && refused) {
    if (Status taken = TakeBackActs(writer_, claim, outcome); !taken.ok()) return taken;
  }
  const bool all = outcome.kind == OutcomeKind::kMoved || outcome.kind == OutcomeKind::kUndone;
  const std::string& moved = all ? outcome.item_ids : outcome.moved_ids;
  if (moved.empty() && !all) return transaction->Commit();
  return CommitAudited(*transaction, NoteOf(claim, outcome, moved));
}

Status SqliteLedger::Postpone(const ClaimedRetraction& claim, Time due, std::string_view why,
                              Obstacle obstacle) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  Status postponed = writer_.Run(
      "UPDATE retraction SET state='armed', due=?, last_error=?, conflicts=conflicts+?,"
      " failures=iif(?, 0, failures+?) WHERE id=? AND fence=? AND state='claimed'",
      due, why, std::int64_t{obstacle == Obstacle::kConflict},
      std::int64_t{obstacle == Obstacle::kNone}, std::int64_t{obstacle == Obstacle::kFailure},
      claim.id, claim.fence);
  if (!postponed.ok()) return postponed;
  if (writer_.changes() != 1) return Stale(claim);
  if (Status kept = HoldWithItsJob(writer_, claim, SystemClock().Now()); !kept.ok()) return kept;
  return transaction->Commit();
}

Status SqliteLedger::LimitWaits(Time now, milliseconds longest_wait, milliseconds lease) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  for (const auto& [state, latest] :
       {std::pair("armed", now + longest_wait), std::pair("claimed", now + lease)}) {
    Status limited = writer_.Run(
        "UPDATE retraction INDEXED BY retraction_due SET due=?1"
        " WHERE state IN ('armed','claimed') AND due>?1 AND state=?2",
        latest, state);
    if (!limited.ok()) return limited;
  }
  return transaction->Commit();
}

Result<std::optional<Time>> SqliteLedger::NextDue() {
  const std::lock_guard lock(writing_);
  const Result<bool> waiting = JobsWait(writer_);
  if (!waiting.ok()) return waiting.error();
  if (*waiting) return std::optional<Time>(Time{});  // long due
  const Result<std::int64_t> due = writer_.Number(
      "SELECT due FROM retraction INDEXED BY retraction_due"
      " WHERE state IN ('armed','claimed') ORDER BY due LIMIT 1");
  if (due.ok()) return std::optional<Time>(Time(milliseconds(*due)));
  if (due.error().kind == ErrorKind::kNotFound) return std::optional<Time>();
  return due.error();
}

}  // namespace clawback
