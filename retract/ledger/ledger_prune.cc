// SPDX-License-Identifier: Apache-2.0
// How the SQLite ledger is pruned, one step a call.
#include <algorithm>
#include <string>
#include <utility>

#include "retract/ledger/old_messages.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

PruneCursor BeginOf(PruneStage stage) {
  PruneCursor cursor;
  cursor.stage = stage;
  return cursor;
}

Result<std::vector<std::int64_t>> NumbersOf(Statement& rows) {
  std::vector<std::int64_t> numbers;
  while (true) {
    const Result<bool> row = rows.Step();
    if (!row.ok()) return row.error();
    if (!*row) return numbers;
    numbers.push_back(rows.Integer(0));
  }
}

// The next job that is over; 0: none.
Result<std::int64_t> NextJob(Database& database, std::int64_t after, Time before) {
  Result<Statement> found = database.Prepare("SELECT j.id FROM job j WHERE j.id>?2 AND " +
                                             std::string(kJobIsOver) + " ORDER BY j.id LIMIT 1");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(before, after).Step();
  if (!row.ok()) return row.error();
  return *row ? found->Integer(0) : 0;
}

// The list first: while some of it is left, so is the job.
Result<PruneStep> PruneJobs(Database& database, const PruneCursor& from, Time before,
                            std::size_t most) {
  const auto job = NextJob(database, from.id, before);
  if (!job.ok()) return job.error();
  if (*job == 0) return PruneStep{BeginOf(PruneStage::kMessages)};
  Result<Statement> rows =
      database.Prepare("SELECT number FROM job_item WHERE job=? ORDER BY number LIMIT ?");
  if (!rows.ok()) return rows.error();
  const auto numbers = NumbersOf(rows->Bind(*job, static_cast<std::int64_t>(most)));
  if (!numbers.ok()) return numbers.error();
  for (const std::int64_t number : *numbers) {
    Status taken = database.Run("DELETE FROM job_item WHERE job=? AND number=?", *job, number);
    if (!taken.ok()) return taken.error();
  }
  if (numbers->size() == most) return PruneStep{from};
  if (Status taken = database.Run("DELETE FROM job WHERE id=?", *job); !taken.ok()) {
    return taken.error();
  }
  PruneCursor next = from;
  next.id = *job;
  return PruneStep{next};
}

// When that happened which a change tells of, as far as it is kept and has a time of its own.
// The newest is never among them, for positions go on from it.
constexpr std::string_view kChanges =
    "SELECT c.id, CASE c.kind WHEN 'row' THEN (SELECT received FROM trace WHERE id=c.subject)"
    " WHEN 'audit' THEN (SELECT at FROM audit WHERE sequence=c.subject)"
    " WHEN 'settings' THEN (SELECT at FROM settings WHERE version=c.subject) END,"
    " c.kind='row', c.kind='outcome' AND EXISTS(SELECT 1 FROM retraction WHERE id=c.subject)"
    " FROM change c WHERE c.id>? AND c.id<(SELECT max(id) FROM change) ORDER BY c.id LIMIT ?";

enum class ChangeIs { kOver, kStillTold, kNotOld };

ChangeIs Judge(const Statement& row, Time before) {
  if (row.Integer(3) != 0) return ChangeIs::kStillTold;
  if (row.IsNull(1)) return ChangeIs::kOver;  // what it told of is gone
  if (row.AsTime(1) >= before) return ChangeIs::kNotOld;
  return row.Integer(2) != 0 ? ChangeIs::kStillTold : ChangeIs::kOver;
}

// They stand in the order in which they happened, so the first that is not old is the last
// looked at.
Result<PruneStep> FindOver(Database& database, const PruneCursor& from, Time before,
                           std::size_t most, std::vector<std::int64_t>* over) {
  Result<Statement> rows = database.Prepare(kChanges);
  if (!rows.ok()) return rows.error();
  rows->Bind(from.id, static_cast<std::int64_t>(most));
  PruneStep step{from};
  for (std::size_t looked = 0; looked < most; ++looked) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    const ChangeIs is = *row ? Judge(*rows, before) : ChangeIs::kNotOld;
    if (is == ChangeIs::kNotOld) return PruneStep{BeginOf(PruneStage::kDone)};
    step.next.id = rows->Integer(0);
    if (is == ChangeIs::kOver) over->push_back(step.next.id);
  }
  return step;
}

Result<PruneStep> PruneChanges(Database& database, const PruneCursor& from, Time before,
                               std::size_t most) {
  std::vector<std::int64_t> over;
  auto step = FindOver(database, from, before, most, &over);
  if (!step.ok()) return step;
  for (const std::int64_t id : over) {
    Status taken = database.Run("DELETE FROM change WHERE id=?", id);
    if (!taken.ok()) return taken.error();
  }
  return step;
}

void Pass(const OldMessage& message, PruneCursor* cursor) {
  cursor->received = message.received.time_since_epoch().count();
  cursor->id = message.id;
  cursor->part = 0;
}

void Note(Taken taken, PruneStep* step) {
  step->messages += static_cast<std::int64_t>(taken == Taken::kAll);
  step->needed += static_cast<std::int64_t>(taken == Taken::kNeeded);
  step->unreadable += static_cast<std::int64_t>(taken == Taken::kUnreadable);
}

}  // namespace

// Records are read before the writer's turn: a large one takes longer to read than to delete.
Result<OldMessages> SqliteLedger::OldMessagesFrom(const PruneCursor& from, Time before,
                                                  std::size_t most) {
  HalfPruned half = std::exchange(half_pruned_, {});
  if (half.at == from && !half.rest.messages.empty()) return std::move(half.rest);
  std::unique_lock reading(reading_);
  auto old = ReadOldMessages(reader_, from, before, most);
  reading.unlock();
  if (!old.ok()) return old;
  for (OldMessage& message : old->messages) Understand(&message);
  return old;
}

Result<PruneStep> SqliteLedger::PruneMessages(const PruneCursor& from, Time before,
                                              std::size_t most) {
  auto old = OldMessagesFrom(from, before, most);
  if (!old.ok()) return old.error();
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  PruneStep step{from};
  std::size_t left = most;
  bool all = old->all;
  for (OldMessage& message : old->messages) {
    const auto taken = TakeAway(writer_, message, before, &step.next.part, &left);
    if (!taken.ok()) return taken.error();
    if (*taken == Taken::kPart) {
      all = false;
      const bool large = message.addresses.size() + message.keys.size() > most;
      if (large) half_pruned_ = {step.next, {{std::move(message)}, false}};
      break;
    }
    Note(*taken, &step);
    Pass(message, &step.next);
  }
  if (Status committed = transaction->Commit(); !committed.ok()) return committed.error();
  if (all) step.next = BeginOf(PruneStage::kChanges);
  return step;
}

Result<PruneStep> SqliteLedger::Prune(const PruneCursor& from, Time before, std::size_t most) {
  most = std::max<std::size_t>(most, 1);
  const std::lock_guard pruning(pruning_);
  if (from.stage == PruneStage::kMessages) return PruneMessages(from, before, most);
  if (from.stage == PruneStage::kDone) return PruneStep{from};
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  auto step = from.stage == PruneStage::kJobs ? PruneJobs(writer_, from, before, most)
                                              : PruneChanges(writer_, from, before, most);
  if (!step.ok()) return step;
  if (Status committed = transaction->Commit(); !committed.ok()) return committed.error();
  return step;
}

}  // namespace clawback
