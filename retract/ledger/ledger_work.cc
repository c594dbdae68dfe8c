// SPDX-License-Identifier: Apache-2.0
// The workers' side of the SQLite ledger. A claim is good while its fence is the
// retraction's: every write checks it in its own transaction.
#include <boost/json.hpp>

#include "policy/base/log.h"
#include "policy/json.h"
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

Result<ClaimedRetraction> ReadClaim(const Statement& row) {
  ClaimedRetraction claim;
  claim.id = row.Integer(0);
  claim.fence = row.Integer(1) + 1;
  claim.attempts = static_cast<int>(row.Integer(2));
  claim.recipient = row.Copy(3);
  const auto action = ActionFrom(row.Text(4));
  const auto mode = ModeFrom(row.Text(5));
  if (!action || !mode) {
    return Error{ErrorKind::kInvalid, "retraction " + std::to_string(claim.id) +
                                          ": unknown action or mode in the ledger"};
  }
  claim.action = *action;
  claim.mode = *mode;
  const auto task = TaskFrom(row.Text(11));
  const auto origin = OriginFrom(row.Text(12));
  if (!task || !origin) {
    return Error{ErrorKind::kInvalid,
                 "retraction " + std::to_string(claim.id) + ": unknown task or origin"};
  }
  claim.task = *task;
  claim.origin = *origin;
  claim.conflicts = static_cast<int>(row.Integer(13));
  claim.failures = static_cast<int>(row.Integer(14));
  claim.armed = row.AsTime(6);
  claim.tenant = row.Copy(7);
  claim.message_id = row.Copy(8);
  claim.received = row.AsTime(10);
  Result<Fingerprint> fingerprint = FingerprintFromJson(row.Text(9));
  if (!fingerprint.ok()) return fingerprint.error();
  claim.fingerprint = *std::move(fingerprint);
  return claim;
}

using Unreadable = std::vector<std::pair<std::int64_t, std::string>>;  // id, why

Result<std::vector<ClaimedRetraction>> FindDue(Database& database, Time now, std::size_t limit,
                                               Unreadable* unreadable) {
  Result<Statement> rows = database.Prepare(
      "SELECT r.id, r.fence, r.attempts, r.recipient, r.action, r.mode, r.armed,"
      " m.tenant, m.message_id, m.fingerprint, m.received, r.task, r.origin,"
      " r.conflicts, r.failures"
      " FROM retraction r INDEXED BY retraction_due JOIN message m ON m.id=r.message"
      " WHERE r.state IN ('armed','claimed') AND r.due<=? ORDER BY r.due LIMIT ?");
  if (!rows.ok()) return rows.error();
  rows->Bind(now, static_cast<std::int64_t>(limit));
  std::vector<ClaimedRetraction> due;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return due;
    Result<ClaimedRetraction> claim = ReadClaim(*rows);
    if (claim.ok()) {
      due.push_back(*std::move(claim));
    } else {
      unreadable->emplace_back(rows->Integer(0), claim.error().what);
    }
  }
}

// One row that cannot be read must not keep all others waiting: a person sees to it.
Status SetAside(Database& database, const Unreadable& unreadable) {
  for (const auto& [id, what] : unreadable) {
    Log(Severity::kError, "retraction-unreadable", {{"id", std::to_string(id)}, {"why", what}});
    Status held =
        database.Run("UPDATE retraction SET state='held', last_error=? WHERE id=?", what, id);
    if (!held.ok()) return held;
  }
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

Result<std::vector<ClaimedRetraction>> SqliteLedger::Claim(Time now, milliseconds lease,
                                                           std::size_t limit) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  Unreadable unreadable;
  Result<std::vector<ClaimedRetraction>> due = FindDue(writer_, now, limit, &unreadable);
  if (!due.ok() || (due->empty() && unreadable.empty())) return due;
  if (Status aside = SetAside(writer_, unreadable); !aside.ok()) return aside.error();
  for (const ClaimedRetraction& claim : *due) {
    Status claimed = writer_.Run(
        "UPDATE retraction SET state='claimed', fence=?, attempts=attempts+1, due=? WHERE id=?",
        claim.fence, now + lease, claim.id);
    if (!claimed.ok()) return claimed.error();
  }
  if (Status committed = transaction->Commit(); !committed.ok()) return committed.error();
  return due;
}

Result<Intended> SqliteLedger::RecordIntent(const ClaimedRetraction& claim,
                                            const ActIntent& intent) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  if (Status held = CheckFence(writer_, claim); !held.ok()) return held.error();
  const Result<bool> blocked = IsBlocked(writer_, claim, intent.mailbox_id);
  if (!blocked.ok()) return blocked.error();
  if (*blocked) return Intended::kBlocked;
  if (Status kept = KeepAct(writer_, claim, intent); !kept.ok()) return kept.error();
  if (Status committed = transaction->Commit(); !committed.ok()) return committed.error();
  return Intended::kRecorded;
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
  Status ended = writer_.Run("UPDATE retraction SET state=?, last_error='' WHERE id=?",
                             ToString(state), claim.id);
  if (!ended.ok()) return ended;
  ended = writer_.Run(
      "INSERT OR REPLACE INTO outcome(retraction, kind, detail, mailbox_id, item_ids,"
      " folder_before, folder_before_id, folder_after, request_id, at)"
      " VALUES(?,?,?,?,?,?,?,?,?,?)",
      claim.id, ToString(outcome.kind), outcome.detail, outcome.mailbox_id, outcome.item_ids,
      outcome.folder_before, outcome.folder_before_id, outcome.folder_after, outcome.request_id,
      outcome.at);
  if (!ended.ok()) return ended;
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
  Status postponed = writer_.Run(
      "UPDATE retraction SET state='armed', due=?, last_error=?, conflicts=conflicts+?,"
      " failures=iif(?, 0, failures+?) WHERE id=? AND fence=? AND state='claimed'",
      due, why, std::int64_t{obstacle == Obstacle::kConflict},
      std::int64_t{obstacle == Obstacle::kNone}, std::int64_t{obstacle == Obstacle::kFailure},
      claim.id, claim.fence);
  if (!postponed.ok()) return postponed;
  if (writer_.changes() != 1) return Stale(claim);
  return {};
}

Result<std::optional<Time>> SqliteLedger::NextDue() {
  const std::lock_guard lock(writing_);
  const Result<std::int64_t> due = writer_.Number(
      "SELECT due FROM retraction INDEXED BY retraction_due"
      " WHERE state IN ('armed','claimed') ORDER BY due LIMIT 1");
  if (due.ok()) return std::optional<Time>(Time(milliseconds(*due)));
  if (due.error().kind == ErrorKind::kNotFound) return std::optional<Time>();
  return due.error();
}

}  // namespace clawback
