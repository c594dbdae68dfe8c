// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/calling_off.h"

#include <vector>

#include "retract/ledger/job_list.h"

namespace clawback {
namespace {

std::string_view ConditionOf(Unfinished which) {
  switch (which) {
    case Unfinished::kByHand:
      return " AND origin='by-hand'"
             " AND (state IN ('armed','claimed') OR (state='held' AND hold='job'))";
    case Unfinished::kOfResting:
      return " AND origin='by-hand' AND state='held' AND hold='job'";
    case Unfinished::kAutomatic:
      break;
  }
  return " AND origin='automatic' AND mode='enforce'"
         " AND (state IN ('armed','claimed') OR (state='held' AND hold='breaker'))"
         " AND NOT EXISTS(SELECT 1 FROM act_of o WHERE o.retraction=retraction.id)";
}

struct Ended {
  std::int64_t retraction = 0, job = 0;
};

// Their fence moves on.
Result<std::vector<Ended>> End(Database& database, const CallingOff& off) {
  Result<Statement> rows = database.Prepare(
      "UPDATE retraction SET state='final', fence=fence+1, last_error=''"
      " WHERE message=?1 AND (?2='' OR recipient_key=?2) AND task=?3" +
      std::string(ConditionOf(off.which)) + " RETURNING id, job");
  if (!rows.ok()) return rows.error();
  rows->Bind(off.message, off.recipient_key, ToString(off.task));
  std::vector<Ended> ended;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return ended;
    ended.push_back({rows->Integer(0), rows->Integer(1)});
  }
}

Status Note(Database& database, std::int64_t retraction, const CallingOff& off) {
  return database.Run(
      "INSERT OR REPLACE INTO outcome(retraction, kind, detail, mailbox_id, item_ids,"
      " folder_before, folder_before_id, folder_after, request_id, at)"
      " VALUES(?,'blocked',?,'','','','','','',?)",
      retraction, off.why, off.now);
}

}  // namespace

Result<int> CallOff(Database& database, const CallingOff& off) {
  const auto ended = End(database, off);
  if (!ended.ok()) return ended.error();
  for (const Ended& one : *ended) {
    if (Status noted = Note(database, one.retraction, off); !noted.ok()) return noted.error();
    if (Status over = EndJobIfDone(database, one.job, off.now); !over.ok()) return over.error();
  }
  return static_cast<int>(ended->size());
}

}  // namespace clawback
