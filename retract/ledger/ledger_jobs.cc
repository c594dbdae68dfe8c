// SPDX-License-Identifier: Apache-2.0
// The SQLite ledger's jobs: approved, started, stopped, and read.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "retract/ledger/arming.h"
#include "retract/ledger/job_list.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

Error WrongState(const JobRow& job, std::string_view expected) {
  return {ErrorKind::kRefused,
          fmt::format("job {} is {}, expected {}", job.id, ToString(job.state), expected)};
}

bool IsSame(const Actor& a, const Actor& b) {
  if (a.kind != b.kind) return false;
  return a.kind == ActorKind::kUser ? a.uid == b.uid : a.name == b.name;
}

// What is approved or started is the list that was shown, as it was frozen.
Status CheckList(Database& database, const JobRow& job, const std::string& digest) {
  if (job.state == JobState::kExpired) {
    return Error{ErrorKind::kRefused,
                 fmt::format("job {}: its list is older than 24 hours, make it anew", job.id)};
  }
  if (job.state == JobState::kPaused) {
    return Error{
        ErrorKind::kRefused,
        fmt::format("job {} is paused: clawback job resume {} --reason TEXT", job.id, job.id)};
  }
  if (job.state != JobState::kPrepared) return WrongState(job, "prepared");
  if (digest != job.digest) {
    return Error{ErrorKind::kRefused,
                 fmt::format("job {}: digest: expected that of its list, {}", job.id, job.digest)};
  }
  const auto now_is = DigestOfList(database, job);
  if (!now_is.ok()) return now_is.error();
  if (*now_is == job.digest) return {};
  return Error{
      ErrorKind::kRefused,
      fmt::format("job {}: its list in the ledger is not the frozen one any more", job.id)};
}

Status CheckApproved(const JobRow& job) {
  if (!job.needs_approval || job.approved_by) return {};
  return Error{ErrorKind::kRefused,
               fmt::format("job {} needs the approval of a second person first: clawback job "
                           "approve {} --digest {} --reason TEXT",
                           job.id, job.id, job.digest)};
}

AuditNote NoteOf(const JobRow& job, const JobStep& step, std::string_view what) {
  boost::json::object evidence{{"digest", job.digest}, {"mailboxes", job.mailboxes}};
  return {step.who,    std::string(what),
          job.tenant,  fmt::format("job {}", job.id),
          step.reason, boost::json::serialize(evidence)};
}

Result<std::vector<JobRow>> ReadJobs(Statement& rows, Time now) {
  std::vector<JobRow> jobs;
  while (true) {
    const Result<bool> row = rows.Step();
    if (!row.ok()) return row.error();
    if (!*row) return jobs;
    auto job = ReadJobRow(rows, now);
    if (!job.ok()) return job.error();
    jobs.push_back(*std::move(job));
  }
}

Result<std::optional<RetractionRow>> RetractionOf(Database& database, std::int64_t id) {
  if (id == 0) return std::optional<RetractionRow>();
  Result<Statement> found =
      database.Prepare("SELECT " + std::string(kRetractionColumns) +
                       " FROM retraction r LEFT JOIN outcome o ON o.retraction=r.id WHERE r.id=?");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(id).Step();
  if (!row.ok()) return row.error();
  if (!*row) return std::optional<RetractionRow>();
  auto retraction = ReadRetraction(*found);
  if (!retraction.ok()) return retraction.error();
  return std::optional<RetractionRow>(*std::move(retraction));
}

}  // namespace

template <typename Do>
Result<JobRow> SqliteLedger::StepJob(const JobStep& step, std::string_view what, Time now,
                                     Do change) {
  if (Status fit = CheckReason(step.reason); !fit.ok()) return fit.error();
  {
    const std::lock_guard lock(writing_);
    Result<Transaction> transaction = Transaction::Begin(writer_);
    if (!transaction.ok()) return transaction.error();
    auto job = ReadJob(writer_, step.job, now);
    if (!job.ok()) return job;
    if (Status changed = change(*job); !changed.ok()) return changed.error();
    const Status committed = CommitAudited(*transaction, NoteOf(*job, step, what));
    if (!committed.ok()) return committed.error();
  }
  return ShowJob(step.job, now);
}

Result<JobRow> SqliteLedger::ApproveJob(const JobStep& step, Time now) {
  return StepJob(step, "job.approved", now, [&](const JobRow& job) -> Status {
    if (Status list = CheckList(writer_, job, step.digest); !list.ok()) return list;
    if (!job.needs_approval) {
      return Error{ErrorKind::kRefused, fmt::format("job {} needs no approval", job.id)};
    }
    if (IsSame(step.who, job.asked_by)) {
      return Error{ErrorKind::kRefused,
                   fmt::format("job {} was asked for by {}: somebody else must approve it", job.id,
                               ToString(job.asked_by))};
    }
    if (job.approved_by) {
      return Error{
          ErrorKind::kRefused,
          fmt::format(
              "job {} is approved already, by {}: clawback job start {} --digest {} --reason TEXT",
              job.id, ToString(*job.approved_by), job.id, job.digest)};
    }
    return writer_.Run(
        "UPDATE job SET approved_kind=?, approved_uid=?, approved_name=?, approval_reason=?"
        " WHERE id=?",
        ToString(step.who.kind), step.who.uid, step.who.name, step.reason, job.id);
  });
}

Result<JobRow> SqliteLedger::StartJob(const JobStep& step, Time now) {
  return StepJob(step, "job.started", now, [&](const JobRow& job) -> Status {
    if (Status list = CheckList(writer_, job, step.digest); !list.ok()) return list;
    if (Status approved = CheckApproved(job); !approved.ok()) return approved;
    return writer_.Run("UPDATE job SET state='running', started=? WHERE id=?", now, job.id);
  });
}

Result<JobRow> SqliteLedger::PauseJob(const JobStep& step, Time now) {
  return StepJob(step, "job.paused", now, [&](const JobRow& job) -> Status {
    if (job.state != JobState::kRunning) return WrongState(job, "running");
    Status paused = writer_.Run("UPDATE job SET state='paused' WHERE id=?", job.id);
    if (!paused.ok()) return paused;
    return writer_.Run(
        "UPDATE retraction SET state='held', hold='job' WHERE job=? AND job<>0 AND state='armed'",
        job.id);
  });
}

Result<JobRow> SqliteLedger::ResumeJob(const JobStep& step, Time now) {
  return StepJob(step, "job.resumed", now, [&](const JobRow& job) -> Status {
    if (job.state != JobState::kPaused) return WrongState(job, "paused");
    Status resumed = writer_.Run("UPDATE job SET state='running' WHERE id=?", job.id);
    if (!resumed.ok()) return resumed;
    resumed = writer_.Run(
        "UPDATE retraction SET state='armed', hold='' WHERE job=? AND job<>0 AND state='held'"
        " AND hold='job'",
        job.id);
    if (!resumed.ok()) return resumed;
    return EndJobIfDone(writer_, job.id, now);
  });
}

Result<JobRow> SqliteLedger::CancelJob(const JobStep& step, Time now) {
  return StepJob(step, "job.cancelled", now, [&](const JobRow& job) -> Status {
    const bool over = job.state == JobState::kFinished || job.state == JobState::kCancelled ||
                      job.state == JobState::kExpired;
    if (over) return WrongState(job, "one that is not over");
    Status cancelled =
        writer_.Run("UPDATE job SET state='cancelled', ended=? WHERE id=?", now, job.id);
    if (!cancelled.ok()) return cancelled;
    const auto discarded = Discard(
        writer_, "job=?1 AND job<>0 AND (state='armed' OR (state='held' AND hold='job'))",
        std::to_string(job.id), fmt::format("job {} was cancelled: {}", job.id, step.reason), now);
    return discarded.ok() ? Status() : discarded.error();
  });
}

Result<JobRow> SqliteLedger::ShowJob(std::int64_t id, Time now) {
  const std::lock_guard lock(reading_);
  auto job = ReadJob(reader_, id, now);
  if (!job.ok()) return job;
  if (Status counted = CountResults(reader_, &*job); !counted.ok()) return counted.error();
  return job;
}

Result<std::vector<JobRow>> SqliteLedger::ListJobs(const std::string& tenant, std::int64_t before,
                                                   int limit, Time now) {
  const std::lock_guard lock(reading_);
  Result<Statement> rows = reader_.Prepare(
      "SELECT " + std::string(kJobColumns) +
      " FROM job j WHERE (?1='' OR j.tenant=?1) AND (?2=0 OR j.id<?2) ORDER BY j.id DESC LIMIT ?3");
  if (!rows.ok()) return rows.error();
  rows->Bind(tenant, before, std::int64_t{std::clamp(limit, 1, 1000)});
  return ReadJobs(*rows, now);
}

Result<std::vector<JobMailbox>> SqliteLedger::JobMailboxes(std::int64_t job, std::int64_t after,
                                                           int limit) {
  const std::lock_guard lock(reading_);
  if (const auto there = ReadJob(reader_, job, Time{}); !there.ok()) return there.error();
  Result<Statement> rows = reader_.Prepare(
      "SELECT i.number, i.trace, m.message_id, i.recipient, i.note, i.retraction FROM job_item i"
      " JOIN message m ON m.id=i.message WHERE i.job=? AND i.number>? ORDER BY i.number LIMIT ?");
  if (!rows.ok()) return rows.error();
  rows->Bind(job, after, std::int64_t{std::clamp(limit, 1, 1000)});
  std::vector<JobMailbox> mailboxes;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return mailboxes;
    auto retraction = RetractionOf(reader_, rows->Integer(5));
    if (!retraction.ok()) return retraction.error();
    mailboxes.push_back({rows->Integer(0), rows->Integer(1), rows->Copy(2), rows->Copy(3),
                         rows->Copy(4), *std::move(retraction)});
  }
}

}  // namespace clawback
