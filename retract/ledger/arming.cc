// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/arming.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "policy/base/text.h"
#include "retract/ledger/calling_off.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

constexpr std::size_t kLongestReason = 1000;

// A row by hand. 0: there is one under way already.
Result<std::int64_t> Arm(Database& database, std::int64_t message, Task task,
                         const std::string& recipient, const Arming& arming) {
  const Status armed = database.Run(
      "INSERT INTO retraction(message, recipient_key, recipient, action, mode, state, armed, due,"
      " task, origin, asked_by, reason, trace, tenant, turn, job, settles)"
      " VALUES(?1,?2,?3,?4,?5,'armed',?6,?6,?7,'by-hand',?8,?9,?10,"
      " (SELECT tenant FROM message WHERE id=?1),?11<>0,?11,?12)"
      " ON CONFLICT DO NOTHING",
      message, LowerAscii(recipient), recipient, ToString(arming.action), ToString(Mode::kEnforce),
      arming.now, ToString(task), ToString(arming.asked.who), arming.asked.reason,
      arming.asked.trace_id, arming.job, arming.settles);
  if (!armed.ok()) return armed.error();
  return database.changes() == 1 ? database.last_id() : 0;
}

Result<std::vector<std::int64_t>> HeldWithoutOutcome(Database& database, std::int64_t message,
                                                     const std::string& recipient) {
  Result<Statement> rows = database.Prepare(
      "SELECT id FROM retraction r WHERE message=? AND recipient_key=? AND state='held'"
      " AND NOT EXISTS(SELECT 1 FROM outcome o WHERE o.retraction=r.id)");
  if (!rows.ok()) return rows.error();
  rows->Bind(message, LowerAscii(recipient));
  std::vector<std::int64_t> ids;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return ids;
    ids.push_back(rows->Integer(0));
  }
}

// What waited for a person has been decided by one. Its outcome says why it waited; what a
// breaker or a pause held before anybody looked has none yet.
Status SettleHeld(Database& database, std::int64_t message, const std::string& recipient,
                  Time now) {
  const auto bare = HeldWithoutOutcome(database, message, recipient);
  if (!bare.ok()) return bare.error();
  for (const std::int64_t id : *bare) {
    const auto ended =
        Discard(database, "id=?1", std::to_string(id), "called off: it was retracted by hand", now);
    if (!ended.ok()) return ended.error();
  }
  return database.Run(
      "UPDATE retraction SET state='final' WHERE message=? AND recipient_key=? AND state='held'",
      message, LowerAscii(recipient));
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

// From now on, and for ever, automatic work leaves the message alone in this mailbox.
Status Block(Database& database, std::int64_t message, const DoneAct& act, Time now) {
  return database.Run(
      "INSERT INTO block(tenant, mailbox_id, message_id, at)"
      " SELECT tenant, ?, message_id, ? FROM message WHERE id=? ON CONFLICT DO NOTHING",
      act.mailbox_id, now, message);
}

}  // namespace

bool HasMailboxHere(const RecipientDecision& recipient) {
  return recipient.reason != "distinguished-name" && recipient.reason != "not-an-address" &&
         recipient.reason != "outside-accepted-domains";
}

Status CheckReason(std::string_view reason) {
  if (reason.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return Error{ErrorKind::kInvalid, "reason: is missing"};
  }
  if (reason.size() <= kLongestReason) return {};
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

Result<std::int64_t> ArmRetraction(Database& database, std::int64_t message,
                                   const std::string& recipient, const Arming& arming) {
  const auto called =
      CallOff(database, {Unfinished::kByHand, message, Task::kUndo, LowerAscii(recipient),
                         "called off: it was retracted again by hand", arming.now});
  if (!called.ok()) return called.error();
  auto id = Arm(database, message, Task::kRetract, recipient, arming);
  if (!id.ok() || *id == 0) return id;
  if (Status settled = SettleHeld(database, message, recipient, arming.now); !settled.ok()) {
    return settled.error();
  }
  return id;
}

Result<std::vector<DoneAct>> ActsToUndo(Database& database, std::int64_t message,
                                        const std::string& recipient_key) {
  Result<Statement> rows = database.Prepare(
      "SELECT DISTINCT a.id, r.recipient_key, r.recipient, a.mailbox_id, a.action, a.at"
      " FROM retraction r JOIN act_of o ON o.retraction=r.id JOIN act a ON a.id=o.act"
      " WHERE r.message=? AND r.task='retract' AND a.undone=0 ORDER BY a.id, r.id");
  if (!rows.ok()) return rows.error();
  rows->Bind(message);
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
    if (!recipient_key.empty() && act.recipient_key != recipient_key) continue;
    if (seen.insert(act.id).second) acts.push_back(std::move(act));
  }
}

Result<std::int64_t> ArmUndo(Database& database, std::int64_t message,
                             const std::vector<DoneAct>& acts, const Arming& arming) {
  const std::string& recipient = acts.front().recipient;
  for (const auto& [which, task] : {std::pair(Unfinished::kByHand, Task::kRetract),
                                    std::pair(Unfinished::kOfResting, Task::kUndo)}) {
    const auto called =
        CallOff(database, {which, message, task, LowerAscii(recipient), kUndoAskedFor, arming.now});
    if (!called.ok()) return called.error();
  }
  auto id = Arm(database, message, Task::kUndo, recipient, arming);
  if (!id.ok() || *id == 0) return id;
  for (const DoneAct& act : acts) {
    if (Status kept = Block(database, message, act, arming.now); !kept.ok()) return kept.error();
    const Status linked =
        database.Run("INSERT INTO act_of(retraction, act) VALUES(?,?)", *id, act.id);
    if (!linked.ok()) return linked.error();
  }
  return id;
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

Result<std::int64_t> Discard(Database& database, std::string_view condition, std::string_view value,
                             std::string_view why, Time now) {
  const std::string those = " WHERE " + std::string(condition);
  Status ended = database.Run(
      "INSERT OR REPLACE INTO outcome(retraction, kind, detail, mailbox_id, item_ids,"
      " folder_before, folder_before_id, folder_after, request_id, at)"
      " SELECT id, 'discarded', ?2, '', '', '', '', '', '', ?3 FROM retraction" +
          those,
      value, why, now);
  if (!ended.ok()) return ended.error();
  ended = database.Run(
      "UPDATE retraction SET state='final', hold='discarded', fence=fence+1, last_error=''" + those,
      value);
  if (!ended.ok()) return ended.error();
  return std::int64_t{database.changes()};
}

}  // namespace clawback
