// SPDX-License-Identifier: Apache-2.0
// How the list of a job is made and frozen. The transactions are short: a draft's list grows
// page by page beside the ledger's other work.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "policy/base/text.h"
#include "policy/limits.h"
#include "retract/ledger/arming.h"
#include "retract/ledger/job_list.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

constexpr std::size_t kPage = 500;  // trace rows a transaction
constexpr std::size_t kMostExamples = 20;

// One mailbox that an undo is about.
struct Undoable {
  std::int64_t trace = 0, message = 0;
  std::string recipient, tenant;
};

Error TooLarge() {
  return {ErrorKind::kRefused,
          fmt::format("more than {} mailboxes: narrow the search, or make several jobs",
                      kMostMailboxes)};
}

Status CheckWanted(const JobWanted& wanted) {
  if (Status fit = CheckReason(wanted.reason); !fit.ok()) return fit;
  const bool retracts = wanted.task == Task::kRetract;
  if (retracts != (wanted.action != Action::kNone)) {
    return Error{ErrorKind::kInvalid, "action: expected one for a retraction, none for an undo"};
  }
  if (retracts && (wanted.undo_of != 0 || wanted.acted)) {
    return Error{ErrorKind::kInvalid, "undo_of and acted: only an undo may be of what was done"};
  }
  const int kinds = static_cast<int>(!wanted.ids.empty()) + !wanted.message_ids.empty() +
                    wanted.matching.has_value() + (wanted.undo_of != 0) + wanted.acted.has_value();
  if (kinds == 1 || (kinds == 0 && wanted.draft != 0)) return {};
  return Error{ErrorKind::kInvalid,
               "expected one of ids, message_ids, matching, undo_of and acted"};
}

// Adds to one job's list and keeps what was left out.
class Listing {
 public:
  Listing(Database& database, const JobWanted& wanted, std::int64_t job, JobPreview* preview)
      : database_(database), wanted_(wanted), job_(job), preview_(preview) {}

  // Every recipient of a trace row.
  Status AddRow(std::int64_t trace) {
    const auto record = RecordOf(database_, trace);
    if (!record.ok()) return LeaveOut(fmt::format("trace {}", trace), record.error());
    const ByHand asked{trace, wanted_.recipient, wanted_.who, wanted_.reason};
    const auto recipients = RecipientsOf(*record, asked);
    if (!recipients.ok()) return LeaveOut(fmt::format("trace {}", trace), recipients.error());
    if (Status same = CheckTenant(record->tenant); !same.ok()) return same;
    const auto message = MessageOf(database_, *record);
    if (!message.ok()) return message.error();
    for (const std::string& recipient : *recipients) {
      if (Status added = Add(trace, *message, recipient); !added.ok()) return added;
    }
    return {};
  }
  Status Add(const Undoable& one) {
    if (Status same = CheckTenant(one.tenant); !same.ok()) return same;
    return Add(one.trace, one.message, one.recipient);
  }
  Status LeaveOut(std::string what, const Error& why) {
    if (why.kind == ErrorKind::kTransient) return why;
    ++preview_->left_out;
    if (preview_->examples.size() < kMostExamples) {
      preview_->examples.push_back({std::move(what), why.what});
    }
    return database_.Run("UPDATE job SET left_out=left_out+1 WHERE id=?", job_);
  }

 private:
  Status Add(std::int64_t trace, std::int64_t message, const std::string& recipient) {
    const auto added = AddToList(database_, job_, trace, message, recipient);
    if (!added.ok()) return added.error();
    return *added ? Status() : TooLarge();
  }

  // The first one's tenant is the job's.
  Status CheckTenant(const std::string& tenant) {
    if (tenant_.empty()) {
      const auto job = ReadJob(database_, job_, Time{});
      if (!job.ok()) return job.error();
      tenant_ = job->tenant;
    }
    if (tenant_ == tenant) return {};
    if (!tenant_.empty()) {
      return Error{ErrorKind::kRefused,
                   fmt::format("messages of {} and of {}: a job is one tenant's", tenant_, tenant)};
    }
    tenant_ = tenant;
    return database_.Run("UPDATE job SET tenant=? WHERE id=?", tenant, job_);
  }

  Database& database_;
  const JobWanted& wanted_;
  const std::int64_t job_;
  JobPreview* preview_;
  std::string tenant_;
};

Result<std::int64_t> NewDraft(Database& database, const JobWanted& wanted, Time now) {
  // Lists that nobody started are not kept.
  Status made = database.Run(
      "DELETE FROM job_item WHERE job IN"
      " (SELECT id FROM job WHERE state IN ('draft','prepared') AND expires<=?)",
      now);
  if (!made.ok()) return made.error();
  made = database.Run(
      "UPDATE job SET state='expired' WHERE state IN ('draft','prepared') AND expires<=?", now);
  if (!made.ok()) return made.error();
  made = database.Run(
      "INSERT INTO job(tenant, task, action, state, asked_kind, asked_uid, asked_name, reason,"
      " made, expires) VALUES('',?,?,'draft',?,?,?,?,?,?)",
      ToString(wanted.task), ToString(wanted.action), ToString(wanted.who.kind), wanted.who.uid,
      wanted.who.name, wanted.reason, now, now + kListLife);
  if (!made.ok()) return made.error();
  return database.last_id();
}

// Only its own asker goes on with a draft, and as it was begun.
Result<std::int64_t> OldDraft(Database& database, const JobWanted& wanted, Time now) {
  const auto job = ReadJob(database, wanted.draft, now);
  if (!job.ok()) return job.error();
  const bool same = job->task == wanted.task && job->action == wanted.action &&
                    ToString(job->asked_by) == ToString(wanted.who);
  if (job->state == JobState::kDraft && same) return job->id;
  return Error{ErrorKind::kRefused,
               fmt::format("job {} is no draft of yours with this action", wanted.draft)};
}

Result<std::vector<std::int64_t>> RowsOfMessageId(Database& database, const std::string& tenant,
                                                  const std::string& message_id) {
  Result<Statement> rows = database.Prepare(
      "SELECT id FROM trace WHERE message_id=?1 AND (?2='' OR tenant=?2) ORDER BY id");
  if (!rows.ok()) return rows.error();
  rows->Bind(message_id, tenant);
  std::vector<std::int64_t> ids;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return ids;
    ids.push_back(rows->Integer(0));
  }
}

Result<std::vector<Undoable>> ReadUndoables(Statement& rows) {
  std::vector<Undoable> undoables;
  while (true) {
    const Result<bool> row = rows.Step();
    if (!row.ok()) return row.error();
    if (!*row) return undoables;
    if (static_cast<std::int64_t>(undoables.size()) >= kMostMailboxes) return TooLarge();
    undoables.push_back({rows.Integer(0), rows.Integer(1), rows.Copy(2), rows.Copy(3)});
  }
}

constexpr std::string_view kUndoable =
    "SELECT max(r.trace), r.message, max(r.recipient), r.tenant FROM act a"
    " JOIN act_of o ON o.act=a.id JOIN retraction r ON r.id=o.retraction";

Result<std::vector<Undoable>> DoneByJob(Database& database, std::int64_t id) {
  const auto job = ReadJob(database, id, Time{});
  if (!job.ok()) return job.error();
  if (job->state == JobState::kRunning) {
    return Error{ErrorKind::kRefused,
                 fmt::format("job {} is running: pause or cancel it first", id)};
  }
  Result<Statement> rows = database.Prepare(
      "SELECT max(r.trace), r.message, max(r.recipient), r.tenant FROM retraction r"
      " JOIN act_of o ON o.retraction=r.id JOIN act a ON a.id=o.act"
      " WHERE r.job=? AND r.job<>0 AND r.task='retract' AND a.undone=0"
      " GROUP BY r.message, r.recipient_key ORDER BY min(r.id)");
  if (!rows.ok()) return rows.error();
  rows->Bind(id);
  return ReadUndoables(*rows);
}

Result<std::vector<Undoable>> DoneAutomatically(Database& database, const ActedQuery& query) {
  Result<Statement> rows =
      database.Prepare(std::string(kUndoable) +
                       " JOIN trace t ON t.id=r.trace WHERE a.at>=?1 AND a.at<?2 AND a.undone=0"
                       " AND r.origin='automatic' AND r.task='retract' AND (?3='' OR r.tenant=?3)"
                       " AND (?4='' OR t.disposition=?4)"
                       " AND (?5='' OR EXISTS(SELECT 1 FROM trace_record c,"
                       "  json_each(c.record, '$.judgement.verdict.findings') f"
                       "  WHERE c.trace=t.id AND f.value->>'reason'=?5))"
                       " GROUP BY r.message, r.recipient_key ORDER BY min(r.id)");
  if (!rows.ok()) return rows.error();
  rows->Bind(query.since.value_or(Time{}), query.until.value_or(Time::max()), query.tenant,
             query.disposition ? ToString(*query.disposition) : "", query.finding);
  return ReadUndoables(*rows);
}

// Why a list is empty, by what was asked for.
Error NothingToDo(const JobWanted& wanted, const JobPreview& preview) {
  std::string what = "there is nothing to do: ";
  if (wanted.undo_of != 0) {
    what += fmt::format("nothing that job {} retracted is left to undo", wanted.undo_of);
  } else if (wanted.acted) {
    const ActedQuery& acted = *wanted.acted;
    const std::string why =
        acted.finding.empty()
            ? std::string(ToString(acted.disposition.value_or(Disposition::kNone)))
            : acted.finding;
    what +=
        fmt::format("nothing that was retracted automatically for {} then is left to undo", why);
  } else if (!preview.examples.empty()) {
    const LeftOut& first = preview.examples.front();
    what += fmt::format("{} left out, the first of them {}: {}", preview.left_out, first.what,
                        first.why);
  } else {
    what += "the search finds no message for a mailbox of a tenant";
  }
  return {ErrorKind::kNotFound, std::move(what)};
}

Status CountDispositions(Database& database, std::int64_t job) {
  Result<Statement> rows = database.Prepare(
      "SELECT COALESCE(t.disposition, 'NONE'), count(*) FROM job_item i"
      " LEFT JOIN trace t ON t.id=i.trace WHERE i.job=? GROUP BY 1");
  if (!rows.ok()) return rows.error();
  rows->Bind(job);
  boost::json::object counts;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) break;
    counts[rows->Text(0)] = rows->Integer(1);
  }
  return database.Run(
      "UPDATE job SET dispositions=?2, messages="
      "(SELECT count(DISTINCT message) FROM job_item WHERE job=?1) WHERE id=?1",
      job, boost::json::serialize(counts));
}

AuditNote NoteOf(const JobRow& job) {
  boost::json::object evidence{
      {"task", ToString(job.task)}, {"action", ToString(job.action)},
      {"messages", job.messages},   {"mailboxes", job.mailboxes},
      {"digest", job.digest},       {"needs_approval", job.needs_approval}};
  return {job.asked_by, "job.prepared",
          job.tenant,   fmt::format("job {}", job.id),
          job.reason,   boost::json::serialize(evidence)};
}

}  // namespace

Result<std::int64_t> SqliteLedger::OpenDraft(const JobWanted& wanted, Time now) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  auto draft = wanted.draft == 0 ? NewDraft(writer_, wanted, now) : OldDraft(writer_, wanted, now);
  if (!draft.ok()) return draft;
  if (Status committed = transaction->Commit(); !committed.ok()) return committed.error();
  return draft;
}

// A draft of which nothing comes would stand among the jobs until its list's life is over.
Status SqliteLedger::DropDraft(std::int64_t draft) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  Status dropped = writer_.Run(
      "DELETE FROM job_item WHERE job IN (SELECT id FROM job WHERE id=? AND state='draft')", draft);
  if (!dropped.ok()) return dropped;
  dropped = writer_.Run("DELETE FROM job WHERE id=? AND state='draft'", draft);
  if (!dropped.ok()) return dropped;
  return transaction->Commit();
}

template <typename Each, typename Add>
Status SqliteLedger::AddByPages(const std::vector<Each>& all, Add add) {
  for (std::size_t begin = 0; begin < all.size(); begin += kPage) {
    const std::lock_guard lock(writing_);
    Result<Transaction> transaction = Transaction::Begin(writer_);
    if (!transaction.ok()) return transaction.error();
    const std::size_t end = std::min(all.size(), begin + kPage);
    for (std::size_t i = begin; i < end; ++i) {
      if (Status added = add(all[i]); !added.ok()) return added;
    }
    if (Status committed = transaction->Commit(); !committed.ok()) return committed;
  }
  return {};
}

Status SqliteLedger::ListMatching(const JobWanted& wanted, std::int64_t job, JobPreview* preview) {
  Listing listing(writer_, wanted, job, preview);
  TraceQuery query = *wanted.matching;
  query.limit = 1000;
  query.after = 0;
  query.before = 0;
  while (true) {
    const auto rows = Search(query);
    if (!rows.ok()) return rows.error();
    Status added = AddByPages(*rows, [&](const TraceRow& row) {
      return row.handling == Handling::kDecided ? listing.AddRow(row.id) : Status();
    });
    if (!added.ok()) return added;
    if (rows->size() < 1000) return {};
    query.before = rows->back().id;
  }
}

Status SqliteLedger::ListWanted(const JobWanted& wanted, std::int64_t job, JobPreview* preview) {
  if (wanted.matching) return ListMatching(wanted, job, preview);
  Listing listing(writer_, wanted, job, preview);
  if (!wanted.ids.empty()) {
    return AddByPages(wanted.ids, [&](std::int64_t id) { return listing.AddRow(id); });
  }
  if (!wanted.message_ids.empty()) {
    return AddByPages(wanted.message_ids, [&](const std::string& message_id) -> Status {
      const auto ids = RowsOfMessageId(writer_, wanted.tenant, message_id);
      if (!ids.ok()) return ids.error();
      if (ids->empty()) {
        return listing.LeaveOut(message_id, {ErrorKind::kNotFound, "not in the trace"});
      }
      for (const std::int64_t id : *ids) {
        if (Status added = listing.AddRow(id); !added.ok()) return added;
      }
      return {};
    });
  }
  if (wanted.undo_of == 0 && !wanted.acted) return {};
  std::unique_lock reading(reading_);
  const auto done =
      wanted.acted ? DoneAutomatically(reader_, *wanted.acted) : DoneByJob(reader_, wanted.undo_of);
  reading.unlock();
  if (!done.ok()) return done.error();
  return AddByPages(*done, [&](const Undoable& one) { return listing.Add(one); });
}

Result<JobRow> SqliteLedger::Freeze(std::int64_t id, Time now) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  if (Status counted = CountDispositions(writer_, id); !counted.ok()) return counted.error();
  auto job = ReadJob(writer_, id, now);
  if (!job.ok()) return job;
  if (job->mailboxes == 0) return Error{ErrorKind::kNotFound, ""};
  const auto digest = DigestOfList(writer_, *job);
  if (!digest.ok()) return digest.error();
  job->needs_approval =
      job->action == Action::kHardDelete || job->mailboxes > LimitsOf(job->tenant).approval_above;
  job->digest = *digest;
  job->state = JobState::kPrepared;
  const Status frozen =
      writer_.Run("UPDATE job SET state='prepared', digest=?, needs_approval=? WHERE id=?",
                  job->digest, std::int64_t{job->needs_approval}, id);
  if (!frozen.ok()) return frozen.error();
  if (Status committed = CommitAudited(*transaction, NoteOf(*job)); !committed.ok()) {
    return committed.error();
  }
  return job;
}

Result<JobPreview> SqliteLedger::PreviewJob(const JobWanted& wanted, Time now) {
  if (Status fit = CheckWanted(wanted); !fit.ok()) return fit.error();
  const auto draft = OpenDraft(wanted, now);
  if (!draft.ok()) return draft.error();
  JobPreview preview;
  const auto failed = [&](Error why) -> Error {
    if (why.kind == ErrorKind::kTransient) return why;
    const Status dropped = DropDraft(*draft);
    return dropped.ok() ? why : dropped.error();
  };
  Status listed = ListWanted(wanted, *draft, &preview);
  if (!listed.ok()) return failed(listed.error());
  auto job = wanted.more ? ShowJob(*draft, now) : Freeze(*draft, now);
  if (!job.ok() && job.error().kind == ErrorKind::kNotFound) {
    return failed(NothingToDo(wanted, preview));
  }
  if (!job.ok()) return failed(job.error());
  preview.job = *std::move(job);
  return preview;
}

}  // namespace clawback
