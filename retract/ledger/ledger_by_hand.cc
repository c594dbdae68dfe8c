// SPDX-License-Identifier: Apache-2.0
// What persons ask of the SQLite ledger: retractions and undos by hand.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <map>
#include <set>

#include "policy/base/text.h"
#include "policy/json.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

constexpr std::size_t kLongestReason = 1000;

// An act that an undo is about.
struct DoneAct {
  std::int64_t id = 0;
  std::string recipient_key, recipient, mailbox_id;
  Action action = Action::kNone;
  Time at{};
};

Status CheckAsking(const ByHand& asked) {
  if (asked.reason.find_first_not_of(" \t\r\n") == std::string::npos) {
    return Error{ErrorKind::kInvalid, "reason: is missing"};
  }
  if (asked.reason.size() <= kLongestReason) return {};
  return Error{ErrorKind::kInvalid, fmt::format("reason: at most {} bytes", kLongestReason)};
}

Result<DecisionRecord> RecordOf(Database& database, std::int64_t trace_id) {
  Result<Statement> found = database.Prepare("SELECT record FROM trace_record WHERE trace=?");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(trace_id).Step();
  if (!row.ok()) return row.error();
  if (!*row) return Error{ErrorKind::kNotFound, "no trace " + std::to_string(trace_id)};
  return DecisionRecordFromJson(found->Text(0));
}

// Whether a decision about this recipient can be carried out at all.
bool HasMailboxHere(const RecipientDecision& recipient) {
  return recipient.reason != "distinguished-name" && recipient.reason != "not-an-address" &&
         recipient.reason != "outside-accepted-domains";
}

Result<std::vector<std::string>> RecipientsOf(const DecisionRecord& record, const ByHand& asked) {
  if (record.decision.handling != Handling::kDecided) {
    return Error{ErrorKind::kRefused,
                 fmt::format("trace {} is {}: what it names is not proven, and is never acted on",
                             asked.trace_id, ToString(record.decision.handling))};
  }
  std::vector<std::string> recipients;
  for (const RecipientDecision& recipient : record.decision.recipients) {
    if (!HasMailboxHere(recipient)) continue;
    const bool wanted =
        asked.recipient.empty() || LowerAscii(recipient.address) == LowerAscii(asked.recipient);
    if (wanted) recipients.push_back(recipient.address);
  }
  if (!recipients.empty()) return recipients;
  return Error{ErrorKind::kNotFound,
               asked.recipient.empty()
                   ? fmt::format("trace {} names no recipient of the tenant", asked.trace_id)
                   : fmt::format("trace {} does not name {} as a recipient of the tenant",
                                 asked.trace_id, asked.recipient)};
}

// A row by hand. 0: there is one under way already.
Result<std::int64_t> Arm(Database& database, std::int64_t message, Task task, Action action,
                         const std::string& recipient, const ByHand& asked, Time now) {
  const Status armed = database.Run(
      "INSERT INTO retraction(message, recipient_key, recipient, action, mode, state, armed, due,"
      " task, origin, asked_by, reason, trace)"
      " VALUES(?,?,?,?,?,'armed',?,?,?,'by-hand',?,?,?)"
      " ON CONFLICT DO NOTHING",
      message, LowerAscii(recipient), recipient, ToString(action), ToString(Mode::kEnforce), now,
      now, ToString(task), ToString(asked.who), asked.reason, asked.trace_id);
  if (!armed.ok()) return armed.error();
  return database.changes() == 1 ? database.last_id() : 0;
}

// What waited for a person has been decided by one.
Status SettleHeld(Database& database, std::int64_t message, const std::string& recipient) {
  return database.Run(
      "UPDATE retraction SET state='final' WHERE message=? AND recipient_key=? AND state='held'",
      message, LowerAscii(recipient));
}

Result<std::vector<DoneAct>> ActsToUndo(Database& database, const DecisionRecord& record,
                                        const std::string& recipient) {
  Result<Statement> rows = database.Prepare(
      "SELECT DISTINCT a.id, r.recipient_key, r.recipient, a.mailbox_id, a.action, a.at"
      " FROM message m JOIN retraction r ON r.message=m.id JOIN act_of o ON o.retraction=r.id"
      " JOIN act a ON a.id=o.act WHERE m.tenant=? AND m.message_id=? AND m.instance=?"
      " AND r.task='retract' AND a.undone=0 ORDER BY a.id, r.id");
  if (!rows.ok()) return rows.error();
  rows->Bind(record.tenant, record.judgement.report.message_id, MessageInstance(record.judgement));
  std::vector<DoneAct> acts;
  std::set<std::int64_t> seen;  // two recipients may share an act
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return acts;
    DoneAct act{rows->Integer(0),
                rows->Copy(1),
                rows->Copy(2),
                rows->Copy(3),
                ActionFrom(rows->Text(4)).value_or(Action::kNone),
                rows->AsTime(5)};
    if (!recipient.empty() && act.recipient_key != LowerAscii(recipient)) continue;
    if (seen.insert(act.id).second) acts.push_back(std::move(act));
  }
}

// In single quotes, as PowerShell reads them; it takes typographic quotes for plain
// ones, and a line end would end the command.
std::string PowerShellQuoted(std::string_view text) {
  static constexpr std::string_view kQuotes[] = {"'", "\u2018", "\u2019", "\u201a", "\u201b"};
  std::string quoted = "'";
  while (!text.empty()) {
    const auto quote = std::find_if(std::begin(kQuotes), std::end(kQuotes),
                                    [&](std::string_view one) { return text.starts_with(one); });
    if (quote != std::end(kQuotes)) {
      quoted.append(*quote).append(*quote);
      text.remove_prefix(quote->size());
      continue;
    }
    const auto byte = static_cast<unsigned char>(text.front());
    quoted += byte < 0x20 || byte == 0x7f ? ' ' : text.front();
    text.remove_prefix(1);
  }
  return quoted + "'";
}

// Only an administrator reaches what was hard-deleted.
std::string RestoreCommand(const DecisionRecord& record, const DoneAct& act) {
  return fmt::format(
      "Restore-RecoverableItems -Identity {} -SourceFolder PurgedItems -FilterItemType IPM.Note"
      " -SubjectContains {} -FilterStartTime {} -FilterEndTime {}",
      PowerShellQuoted(act.recipient), PowerShellQuoted(record.judgement.report.subject),
      PowerShellQuoted(FormatTime(std::min(record.received, act.at) - std::chrono::hours(24))),
      PowerShellQuoted(FormatTime(act.at + std::chrono::hours(1))));
}

std::string HardDeletedNote(const DecisionRecord& record, const std::vector<DoneAct>& acts) {
  std::string note;
  for (const DoneAct& act : acts) {
    if (act.action != Action::kHardDelete) continue;
    if (note.empty()) {
      note = "hard-deleted: an administrator must run, in Exchange Online PowerShell,";
    }
    note += "\n" + RestoreCommand(record, act);
  }
  return note;
}

Status Block(Database& database, const DecisionRecord& record, const DoneAct& act, Time now) {
  return database.Run(
      "INSERT INTO block(tenant, mailbox_id, message_id, at) VALUES(?,?,?,?)"
      " ON CONFLICT DO NOTHING",
      record.tenant, act.mailbox_id, record.judgement.report.message_id, now);
}

// What was asked for before and is not finished must not be done after what is asked
// for now. Its fence moves on, so that a worker at it can begin nothing more.
Status CallOff(Database& database, std::int64_t message, Task task, const std::string& recipient,
               std::string_view why, Time now) {
  static constexpr std::string_view kUnfinished =
      " WHERE message=?1 AND recipient_key=?2 AND task=?3 AND origin='by-hand'"
      " AND state IN ('armed','claimed')";
  const std::string key = LowerAscii(recipient);
  Status called = database.Run(
      "INSERT OR REPLACE INTO outcome(retraction, kind, detail, mailbox_id, item_ids,"
      " folder_before, folder_before_id, folder_after, request_id, at)"
      " SELECT id, 'blocked', ?4, '', '', '', '', '', '', ?5 FROM retraction" +
          std::string(kUnfinished),
      message, key, ToString(task), why, now);
  if (!called.ok()) return called;
  return database.Run("UPDATE retraction SET state='final', fence=fence+1, last_error=''" +
                          std::string(kUnfinished),
                      message, key, ToString(task));
}

Result<Asked> ArmRetractions(Database& database, const DecisionRecord& record, const ByHand& asked,
                             Action action, Time now) {
  const auto recipients = RecipientsOf(record, asked);
  if (!recipients.ok()) return recipients.error();
  const auto message = MessageOf(database, record);
  if (!message.ok()) return message.error();
  Asked done;
  for (const std::string& recipient : *recipients) {
    const Status called = CallOff(database, *message, Task::kUndo, recipient,
                                  "called off: it was retracted again by hand", now);
    if (!called.ok()) return called.error();
    const auto id = Arm(database, *message, Task::kRetract, action, recipient, asked, now);
    if (!id.ok()) return id.error();
    if (*id == 0) {
      ++done.under_way;
      continue;
    }
    done.armed.push_back(*id);
    if (Status settled = SettleHeld(database, *message, recipient); !settled.ok()) {
      return settled.error();
    }
  }
  return done;
}

Result<Asked> ArmUndos(Database& database, const DecisionRecord& record,
                       const std::vector<DoneAct>& acts, const ByHand& asked, Time now) {
  const auto message = MessageOf(database, record);
  if (!message.ok()) return message.error();
  Asked done;
  done.note = HardDeletedNote(record, acts);
  std::map<std::string, std::int64_t> undos;  // by recipient
  for (const DoneAct& act : acts) {
    if (act.action == Action::kHardDelete) continue;
    auto undo = undos.find(act.recipient_key);
    if (undo == undos.end()) {
      const Status called = CallOff(database, *message, Task::kRetract, act.recipient,
                                    "called off: an undo was asked for", now);
      if (!called.ok()) return called.error();
      const auto id =
          Arm(database, *message, Task::kUndo, Action::kNone, act.recipient, asked, now);
      if (!id.ok()) return id.error();
      if (*id == 0) {
        ++done.under_way;
      } else {
        done.armed.push_back(*id);
      }
      undo = undos.emplace(act.recipient_key, *id).first;
    }
    if (undo->second == 0) continue;
    if (Status kept = Block(database, record, act, now); !kept.ok()) return kept.error();
    const Status linked =
        database.Run("INSERT INTO act_of(retraction, act) VALUES(?,?)", undo->second, act.id);
    if (!linked.ok()) return linked.error();
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
  if (Status fit = CheckAsking(asked); !fit.ok()) return fit.error();
  if (action == Action::kNone) return Error{ErrorKind::kInvalid, "action: expected one to take"};
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  const auto record = RecordOf(writer_, asked.trace_id);
  if (!record.ok()) return record.error();
  auto done = ArmRetractions(writer_, *record, asked, action, now);
  if (!done.ok()) return done;
  const AuditNote note = NoteOf(*record, asked, "retraction.asked", action, *done);
  if (Status committed = CommitAudited(*transaction, note); !committed.ok()) {
    return committed.error();
  }
  return done;
}

Result<Asked> SqliteLedger::UndoByHand(const ByHand& asked, Time now) {
  if (Status fit = CheckAsking(asked); !fit.ok()) return fit.error();
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  const auto record = RecordOf(writer_, asked.trace_id);
  if (!record.ok()) return record.error();
  const auto acts = ActsToUndo(writer_, *record, asked.recipient);
  if (!acts.ok()) return acts.error();
  if (acts->empty()) {
    return Error{
        ErrorKind::kNotFound,
        fmt::format("trace {}: nothing that was retracted is left to undo{}", asked.trace_id,
                    asked.recipient.empty() ? "" : " for " + asked.recipient)};
  }
  auto done = ArmUndos(writer_, *record, *acts, asked, now);
  if (!done.ok()) return done;
  if (done->armed.empty() && done->under_way == 0) {
    return Error{ErrorKind::kRefused, done->note};
  }
  const AuditNote note = NoteOf(*record, asked, "undo.asked", Action::kNone, *done);
  if (Status committed = CommitAudited(*transaction, note); !committed.ok()) {
    return committed.error();
  }
  return done;
}

}  // namespace clawback
