// SPDX-License-Identifier: Apache-2.0
// What persons ask of the SQLite ledger: retractions and undos of one message by hand.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>

#include "policy/base/text.h"
#include "policy/json.h"
#include "retract/ledger/arming.h"
#include "retract/ledger/calling_off.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

constexpr milliseconds kHour = std::chrono::hours(1);

// One person alone may do so much in an hour, in one request or in many.
Status CheckAmount(Database& database, const ByHand& asked, std::size_t wanted,
                   std::int64_t allowed, Time now) {
  Result<Statement> asked_for = database.Prepare(
      "SELECT count(*) FROM retraction INDEXED BY retraction_asked"
      " WHERE origin='by-hand' AND job=0 AND asked_by=? AND armed>? AND task='retract'");
  if (!asked_for.ok()) return asked_for.error();
  const Result<bool> row = asked_for->Bind(ToString(asked.who), now - kHour).Step();
  if (!row.ok()) return row.error();
  const std::int64_t before = asked_for->Integer(0);
  if (before + static_cast<std::int64_t>(wanted) <= allowed) return {};
  return Error{ErrorKind::kRefused,
               fmt::format("{} mailboxes, after {} in the past hour: above {} (approval_above) a "
                           "second person must approve: clawback job preview",
                           wanted, before, allowed)};
}

Result<Asked> ArmRetractions(Database& database, const DecisionRecord& record, const Arming& arming,
                             std::int64_t allowed) {
  const auto recipients = RecipientsOf(record, arming.asked);
  if (!recipients.ok()) return recipients.error();
  const Status fits = CheckAmount(database, arming.asked, recipients->size(), allowed, arming.now);
  if (!fits.ok()) return fits.error();
  const auto message = MessageOf(database, record);
  if (!message.ok()) return message.error();
  Asked done;
  for (const std::string& recipient : *recipients) {
    const auto id = ArmRetraction(database, *message, recipient, arming);
    if (!id.ok()) return id.error();
    if (*id == 0) {
      ++done.under_way;
    } else {
      done.armed.push_back(*id);
    }
  }
  return done;
}

Result<Asked> ArmUndos(Database& database, std::int64_t message, const DecisionRecord& record,
                       const std::vector<DoneAct>& acts, const Arming& arming) {
  Asked done;
  done.note = HardDeletedNote(record, acts);
  std::map<std::string, std::vector<DoneAct>> by_recipient;
  for (const DoneAct& act : acts) {
    if (act.action != Action::kHardDelete) by_recipient[act.recipient_key].push_back(act);
  }
  for (const auto& [recipient, theirs] : by_recipient) {
    const auto id = ArmUndo(database, message, theirs, arming);
    if (!id.ok()) return id.error();
    if (*id == 0) {
      ++done.under_way;
    } else {
      done.armed.push_back(*id);
    }
  }
  return done;
}

AuditNote NoteOf(const DecisionRecord& record, const ByHand& asked, std::string_view what,
                 Action action, const Asked& done) {
  boost::json::object evidence;
  evidence["action"] = ToString(action);
  PutBytes(&evidence, "message_id", record.judgement.report.message_id);
  PutBytes(&evidence, "recipient", asked.recipient);
  boost::json::array armed;
  for (const std::int64_t id : done.armed) armed.push_back(id);
  evidence["retractions"] = std::move(armed);
  return {.who = asked.who,
          .what = std::string(what),
          .tenant = record.tenant,
          .target = "trace " + std::to_string(asked.trace_id),
          .why = asked.reason,
          .evidence = boost::json::serialize(evidence)};
}

}  // namespace

Result<Asked> SqliteLedger::RetractByHand(const ByHand& asked, Action action, Time now) {
  if (Status fit = CheckReason(asked.reason); !fit.ok()) return fit.error();
  if (action == Action::kNone) return Error{ErrorKind::kInvalid, "action: expected one to take"};
  if (action == Action::kHardDelete) return Error{ErrorKind::kRefused, std::string(kWantsSecond)};
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  const auto record = RecordOf(writer_, asked.trace_id);
  if (!record.ok()) return record.error();
  auto done = ArmRetractions(writer_, *record, {asked, action, 0, 0, now},
                             LimitsOf(record->tenant).approval_above);
  if (!done.ok()) return done;
  const AuditNote note = NoteOf(*record, asked, "retraction.asked", action, *done);
  if (Status committed = CommitAudited(*transaction, note); !committed.ok()) {
    return committed.error();
  }
  return done;
}

Result<Asked> SqliteLedger::UndoByHand(const ByHand& asked, Time now) {
  if (Status fit = CheckReason(asked.reason); !fit.ok()) return fit.error();
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  const auto record = RecordOf(writer_, asked.trace_id);
  if (!record.ok()) return record.error();
  const auto message = MessageOf(writer_, *record);
  if (!message.ok()) return message.error();
  const std::string recipient_key = LowerAscii(asked.recipient);
  const auto called_off = CallOff(writer_, {Unfinished::kAutomatic, *message, Task::kRetract,
                                            recipient_key, kUndoAskedFor, now});
  if (!called_off.ok()) return called_off.error();
  const auto acts = ActsToUndo(writer_, *message, recipient_key);
  if (!acts.ok()) return acts.error();
  if (acts->empty() && *called_off == 0) {
    return Error{
        ErrorKind::kNotFound,
        fmt::format("trace {}: nothing that was retracted is left to undo{}", asked.trace_id,
                    asked.recipient.empty() ? "" : " for " + asked.recipient)};
  }
  auto done = ArmUndos(writer_, *message, *record, *acts, {asked, Action::kNone, 0, 0, now});
  if (!done.ok()) return done;
  done->called_off = *called_off;
  if (done->armed.empty() && done->under_way == 0 && done->called_off == 0) {
    return Error{ErrorKind::kRefused, done->note};
  }
  const AuditNote note = NoteOf(*record, asked, "undo.asked", Action::kNone, *done);
  if (Status committed = CommitAudited(*transaction, note); !committed.ok()) {
    return committed.error();
  }
  return done;
}

}  // namespace clawback
