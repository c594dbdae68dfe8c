// SPDX-License-Identifier: Apache-2.0
// Jobs and their frozen lists, as they are written down.
#include "retract/ledger/job_list.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "policy/base/digest.h"
#include "policy/base/names.h"
#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr Name<JobState> kJobStates[] = {
    {JobState::kDraft, "draft"},         {JobState::kPrepared, "prepared"},
    {JobState::kRunning, "running"},     {JobState::kPaused, "paused"},
    {JobState::kCancelled, "cancelled"}, {JobState::kFinished, "finished"},
    {JobState::kExpired, "expired"}};

std::optional<Time> TimeOrNone(const Statement& row, int column) {
  if (row.Integer(column) == 0) return std::nullopt;
  return row.AsTime(column);
}

Result<Actor> ReadActor(const Statement& row, int column) {
  const auto kind = ActorKindFrom(row.Text(column));
  if (!kind) return Error{ErrorKind::kInvalid, "unknown kind of actor in the ledger"};
  return Actor{*kind, row.Integer(column + 1), row.Copy(column + 2)};
}

std::map<std::string, std::int64_t> CountsFrom(std::string_view text) {
  std::map<std::string, std::int64_t> counts;
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(text, error);
  if (error || !value.is_object()) return counts;
  for (const auto& each : value.get_object()) {
    if (each.value().is_int64()) counts[std::string(each.key())] = each.value().get_int64();
  }
  return counts;
}

Status UnknownWord(std::int64_t job) {
  return Error{ErrorKind::kInvalid, fmt::format("job {}: unknown word in the ledger", job)};
}

void Add(Sha256* sha, std::string_view text) {
  sha->Update(fmt::format("{}:", text.size()));
  sha->Update(text);
  sha->Update(",");
}

Status AddOutcome(const Statement& row, JobRow* job) {
  const std::string state = row.Copy(0);
  const std::int64_t count = row.Integer(2);
  if (state == "armed" || state == "claimed") {
    job->under_way += count;
  } else if (state == "held") {
    job->held += count;
  } else {
    job->outcomes[row.Copy(1)] += count;
  }
  return {};
}

// Calls read for each row of sql with job as its parameter.
template <typename Read>
Status ForEachRow(Database& database, std::string_view sql, std::int64_t job, Read read) {
  Result<Statement> rows = database.Prepare(sql);
  if (!rows.ok()) return rows.error();
  rows->Bind(job);
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return {};
    if (Status done = read(*rows); !done.ok()) return done;
  }
}

}  // namespace

std::string_view ToString(JobState state) { return NameOf(kJobStates, state); }
std::optional<JobState> JobStateFrom(std::string_view text) { return ValueOf(kJobStates, text); }

Result<JobRow> ReadJobRow(const Statement& row, Time now) {
  JobRow job;
  job.id = row.Integer(0);
  job.tenant = row.Copy(1);
  const auto task = TaskFrom(row.Text(2));
  const auto action = ActionFrom(row.Text(3));
  const auto state = JobStateFrom(row.Text(4));
  auto asked_by = ReadActor(row, 5);
  if (!task || !action || !state || !asked_by.ok()) return UnknownWord(job.id).error();
  job.task = *task;
  job.action = *action;
  job.state = *state;
  job.asked_by = *std::move(asked_by);
  job.reason = row.Copy(8);
  job.made = row.AsTime(9);
  job.expires = row.AsTime(10);
  job.messages = row.Integer(11);
  job.mailboxes = row.Integer(12);
  job.begun = row.Integer(13);
  job.dispositions = CountsFrom(row.Text(14));
  job.digest = row.Copy(15);
  job.needs_approval = row.Integer(16) != 0;
  if (!row.Text(17).empty()) {
    auto approved = ReadActor(row, 17);
    if (!approved.ok()) return approved.error();
    job.approved_by = *std::move(approved);
  }
  job.approval_reason = row.Copy(20);
  job.started = TimeOrNone(row, 21);
  job.ended = TimeOrNone(row, 22);
  const bool unstarted = job.state == JobState::kDraft || job.state == JobState::kPrepared;
  if (unstarted && job.expires <= now) job.state = JobState::kExpired;
  return job;
}

Result<JobRow> ReadJob(Database& database, std::int64_t job, Time now) {
  Result<Statement> found =
      database.Prepare("SELECT " + std::string(kJobColumns) + " FROM job j WHERE j.id=?");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(job).Step();
  if (!row.ok()) return row.error();
  if (!*row) return Error{ErrorKind::kNotFound, fmt::format("there is no job {}", job)};
  return ReadJobRow(*found, now);
}

Status CountResults(Database& database, JobRow* job) {
  Status counted = ForEachRow(
      database,
      "SELECT r.state, COALESCE(o.kind, ''), count(*) FROM retraction r"
      " LEFT JOIN outcome o ON o.retraction=r.id WHERE r.job=? AND r.job<>0 GROUP BY 1, 2",
      job->id, [&](const Statement& row) { return AddOutcome(row, job); });
  if (!counted.ok()) return counted;
  return ForEachRow(database,
                    "SELECT note, count(*) FROM job_item WHERE job=? AND note<>'' GROUP BY note",
                    job->id, [&](const Statement& row) {
                      job->outcomes[row.Copy(0)] += row.Integer(1);
                      return Status();
                    });
}

Result<bool> AddToList(Database& database, std::int64_t job, std::int64_t trace,
                       std::int64_t message, const std::string& recipient) {
  const Status added = database.Run(
      "INSERT INTO job_item(job, number, trace, message, recipient_key, recipient)"
      " SELECT ?1, mailboxes+1, ?2, ?3, ?4, ?5 FROM job"
      " WHERE id=?1 AND mailboxes<?6 AND state='draft' ON CONFLICT DO NOTHING",
      job, trace, message, LowerAscii(recipient), recipient, kMostMailboxes);
  if (!added.ok()) return added.error();
  if (database.changes() == 1) {
    const Status counted = database.Run("UPDATE job SET mailboxes=mailboxes+1 WHERE id=?", job);
    if (!counted.ok()) return counted.error();
    return true;
  }
  const auto now_is = ReadJob(database, job, Time{});
  if (!now_is.ok()) return now_is.error();
  if (now_is->state != JobState::kDraft) {
    return Error{ErrorKind::kRefused,
                 fmt::format("job {}: its list was frozen meanwhile, make another", job)};
  }
  return now_is->mailboxes < kMostMailboxes;
}

Result<std::string> DigestOfList(Database& database, const JobRow& job) {
  Sha256 sha;
  for (const std::string_view text :
       {std::string_view(job.tenant), ToString(job.task), ToString(job.action)}) {
    Add(&sha, text);
  }
  const Status read =
      ForEachRow(database,
                 "SELECT m.message_id, m.instance, i.recipient_key FROM job_item i"
                 " JOIN message m ON m.id=i.message WHERE i.job=? ORDER BY i.number",
                 job.id, [&](const Statement& row) {
                   for (int column = 0; column < 3; ++column) Add(&sha, row.Text(column));
                   return Status();
                 });
  if (!read.ok()) return read.error();
  return ToHex(sha.Finish());
}

Result<bool> JobsWait(Database& database) {
  const auto waiting =
      database.Number("SELECT EXISTS(SELECT 1 FROM job WHERE state='running' AND begun<mailboxes)");
  if (!waiting.ok()) return waiting.error();
  return *waiting != 0;
}

}  // namespace clawback
