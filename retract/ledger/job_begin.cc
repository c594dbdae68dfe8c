// SPDX-License-Identifier: Apache-2.0
// The mailboxes of running jobs become work, one by one, and jobs end with the last.
#include <fmt/format.h>

#include "policy/base/log.h"
#include "retract/ledger/arming.h"
#include "retract/ledger/job_list.h"

namespace clawback {
namespace {

// So many mailboxes of a job may need no work before the transaction ends.
constexpr int kMostWithoutWork = 500;

struct Item {
  std::int64_t number = 0, trace = 0, message = 0;
  std::string recipient_key, recipient;
};

// What became of a mailbox when its turn came.
struct Begun {
  std::int64_t retraction = 0;
  bool armed = false;
  std::string note{};
};

// 0: there is none.
Result<std::int64_t> NextJob(Database& database, const std::string& tenant) {
  Result<Statement> found = database.Prepare(
      "SELECT id FROM job WHERE state='running' AND tenant=? AND begun<mailboxes"
      " ORDER BY mailboxes-begun, id LIMIT 1");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(tenant).Step();
  if (!row.ok()) return row.error();
  return *row ? found->Integer(0) : 0;
}

Result<Item> NextItem(Database& database, const JobRow& job) {
  Result<Statement> found = database.Prepare(
      "SELECT number, trace, message, recipient_key, recipient FROM job_item"
      " WHERE job=? AND number=?");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(job.id, job.begun + 1).Step();
  if (!row.ok()) return row.error();
  if (!*row) {
    return Error{ErrorKind::kInvalid,
                 fmt::format("job {}: mailbox {} of its list is gone", job.id, job.begun + 1)};
  }
  return Item{found->Integer(0), found->Integer(1), found->Integer(2), found->Copy(3),
              found->Copy(4)};
}

// An administrator has to do it: the outcome says how.
Result<Begun> RefuseUndo(Database& database, const JobRow& job, const Item& item,
                         const std::vector<DoneAct>& acts, const Arming& arming) {
  const auto record = RecordOf(database, item.trace);
  if (!record.ok()) return record.error();
  Status kept = database.Run(
      "INSERT INTO retraction(message, recipient_key, recipient, action, mode, state, armed, due,"
      " task, origin, asked_by, reason, trace, tenant, turn, job)"
      " VALUES(?1,?2,?3,'none','enforce','final',?4,?4,'undo','by-hand',?5,?6,?7,?8,1,?9)",
      item.message, item.recipient_key, item.recipient, arming.now, ToString(arming.asked.who),
      arming.asked.reason, item.trace, job.tenant, job.id);
  if (!kept.ok()) return kept.error();
  const std::int64_t id = database.last_id();
  kept = database.Run(
      "INSERT INTO outcome(retraction, kind, detail, mailbox_id, item_ids, folder_before,"
      " folder_before_id, folder_after, request_id, at) VALUES(?,'failed',?,?,'','','','','',?)",
      id, HardDeletedNote(*record, acts), acts.front().mailbox_id, arming.now);
  if (!kept.ok()) return kept.error();
  return Begun{id};
}

Result<Begun> BeginUndo(Database& database, const JobRow& job, const Item& item,
                        const Arming& arming) {
  auto acts = ActsToUndo(database, item.message, item.recipient_key);
  if (!acts.ok()) return acts.error();
  if (acts->empty()) return Begun{0, false, "nothing-to-undo"};
  std::vector<DoneAct> reachable;
  for (const DoneAct& act : *acts) {
    if (act.action != Action::kHardDelete) reachable.push_back(act);
  }
  if (reachable.empty()) return RefuseUndo(database, job, item, *acts, arming);
  const auto id = ArmUndo(database, item.message, reachable, arming);
  if (!id.ok()) return id.error();
  return *id == 0 ? Begun{0, false, "under-way-before"} : Begun{*id, true};
}

// Whether a person asked for the contrary since the job was started: what was asked for last
// counts.
Result<bool> IsDecidedSince(Database& database, const JobRow& job, const Item& item) {
  Result<Statement> found = database.Prepare(
      "SELECT 1 FROM retraction WHERE message=? AND recipient_key=? AND origin='by-hand'"
      " AND task<>? AND armed>=? AND job<>? LIMIT 1");
  if (!found.ok()) return found.error();
  found->Bind(item.message, item.recipient_key, ToString(job.task), job.started.value_or(Time{}),
              job.id);
  return found->Step();
}

Result<Begun> Begin(Database& database, const JobRow& job, const Item& item, Time now) {
  const auto decided = IsDecidedSince(database, job, item);
  if (!decided.ok()) return decided.error();
  if (*decided) return Begun{0, false, "decided-since"};
  const ByHand asked{item.trace, item.recipient, job.asked_by, job.reason};
  const Arming arming{asked, job.action, job.id, 0, now};
  if (job.task == Task::kUndo) return BeginUndo(database, job, item, arming);
  const auto id = ArmRetraction(database, item.message, item.recipient, arming);
  if (!id.ok()) return id.error();
  return *id == 0 ? Begun{0, false, "under-way-before"} : Begun{*id, true};
}

Status Note(Database& database, const JobRow& job, const Item& item, const Begun& begun) {
  Status noted = database.Run("UPDATE job_item SET retraction=?, note=? WHERE job=? AND number=?",
                              begun.retraction, begun.note, job.id, item.number);
  if (!noted.ok()) return noted;
  return database.Run("UPDATE job SET begun=? WHERE id=?", item.number, job.id);
}

// A list that is not whole cannot be carried out: a person sees to it.
Status Stop(Database& database, std::int64_t job, const Error& why) {
  Log(Severity::kError, "job-stopped", {{"job", std::to_string(job)}, {"why", why.what}});
  return database.Run("UPDATE job SET state='paused' WHERE id=?", job);
}

// Whether that armed anything.
Result<bool> BeginOne(Database& database, std::int64_t id, Time now) {
  const auto job = ReadJob(database, id, now);
  if (!job.ok()) return job.error();
  const auto item = NextItem(database, *job);
  if (!item.ok()) {
    if (item.error().kind == ErrorKind::kTransient) return item.error();
    if (Status stopped = Stop(database, id, item.error()); !stopped.ok()) return stopped.error();
    return false;
  }
  const auto begun = Begin(database, *job, *item, now);
  if (!begun.ok()) return begun.error();
  if (Status noted = Note(database, *job, *item, *begun); !noted.ok()) return noted.error();
  if (!begun->armed) {
    if (Status ended = EndJobIfDone(database, id, now); !ended.ok()) return ended.error();
  }
  return begun->armed;
}

}  // namespace

Result<bool> BeginNext(Database& database, const std::string& tenant, Time now) {
  for (int looked = 0; looked < kMostWithoutWork; ++looked) {
    const auto job = NextJob(database, tenant);
    if (!job.ok()) return job.error();
    if (*job == 0) return false;
    auto armed = BeginOne(database, *job, now);
    if (!armed.ok() || *armed) return armed;
  }
  return false;
}

Status EndJobIfDone(Database& database, std::int64_t job, Time now) {
  if (job == 0) return {};
  return database.Run(
      "UPDATE job SET state='finished', ended=?2 WHERE id=?1 AND state='running'"
      " AND begun=mailboxes AND NOT EXISTS(SELECT 1 FROM retraction"
      " WHERE job=?1 AND job<>0 AND state IN ('armed','claimed'))",
      job, now);
}

Status HoldWithItsJob(Database& database, const ClaimedRetraction& claim, Time now) {
  if (claim.job == 0) return {};
  const auto job = ReadJob(database, claim.job, now);
  if (!job.ok()) return job.error();
  if (job->state == JobState::kPaused) {
    return database.Run("UPDATE retraction SET state='held', hold='job' WHERE id=?", claim.id);
  }
  if (job->state != JobState::kCancelled) return {};
  const auto discarded = Discard(database, "id=?1", std::to_string(claim.id),
                                 fmt::format("job {} was cancelled", claim.job), now);
  if (!discarded.ok()) return discarded.error();
  return {};
}

}  // namespace clawback
