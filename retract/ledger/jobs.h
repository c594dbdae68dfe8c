// SPDX-License-Identifier: Apache-2.0
// Work in bulk. A job's list of mailboxes is frozen when it is previewed, and its digest
// names it: what is approved and started is that list and nothing else. The mailboxes are
// begun one after the other as workers are free (Ledger::Claim).
#ifndef CLAWBACK_RETRACT_LEDGER_JOBS_H_
#define CLAWBACK_RETRACT_LEDGER_JOBS_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "retract/ledger/ledger.h"

namespace clawback {

// A frozen list is good for this long: it has to be approved, where it must be, and started.
inline constexpr milliseconds kListLife = std::chrono::hours(24);
// A larger list is refused: narrow it, or make several jobs.
inline constexpr std::int64_t kMostMailboxes = 100'000;

enum class JobState {
  kDraft,     // its list is still being said
  kPrepared,  // frozen; not started
  kRunning,
  kPaused,     // nothing more of it is begun until it is resumed
  kCancelled,  // what was not begun is not done
  kFinished,   // every mailbox has its outcome, or is held for a person
  kExpired,    // not started in time
};
std::string_view ToString(JobState state);  // "draft", "prepared", ...
std::optional<JobState> JobStateFrom(std::string_view text);

// What automatic work did between two times, by what the message was judged to be.
struct ActedQuery {
  std::string tenant;
  std::string finding;                     // reason; empty: any
  std::optional<Disposition> disposition;  // absent: any
  std::optional<Time> since, until;        // of the act; until does not count
};

// What a job is to be about: exactly one kind of selection.
struct JobWanted {
  Task task = Task::kRetract;
  Action action = Action::kNone;  // of an undo: kNone
  std::string recipient{};        // only this one; empty: all
  std::string reason{};
  Actor who{};
  std::int64_t draft = 0;  // goes on with the list of this draft; 0: a new one
  bool more = false;       // the list is not complete yet: stays a draft

  std::vector<std::int64_t> ids{};         // of trace rows
  std::string tenant{};                    // of message_ids; empty: of any
  std::vector<std::string> message_ids{};  // exactly so
  std::optional<TraceQuery> matching{};    // limit, before and after do not count
  std::int64_t undo_of = 0;                // a job
  std::optional<ActedQuery> acted{};       // for an undo
};

struct JobRow {
  std::int64_t id = 0;
  std::string tenant;
  Task task = Task::kRetract;
  Action action = Action::kNone;
  JobState state = JobState::kDraft;
  Actor asked_by;
  std::string reason;
  Time made{}, expires{};  // of the list
  std::int64_t messages = 0, mailboxes = 0;
  std::map<std::string, std::int64_t> dispositions;  // mailboxes by the message's disposition
  std::string digest;                                // SHA-256, hexadecimal; empty: a draft
  bool needs_approval = false;
  std::optional<Actor> approved_by;
  std::string approval_reason;
  std::optional<Time> started, ended;
  std::int64_t begun = 0;                        // mailboxes
  std::int64_t under_way = 0;                    // begun, and armed or claimed
  std::int64_t held = 0;                         // for a person, or by a pause
  std::map<std::string, std::int64_t> outcomes;  // of those that ended, by kind; also
                                                 // "under-way-before" and "nothing-to-undo"
};

// One mailbox of a job.
struct JobMailbox {
  std::int64_t number = 0;  // 1, 2, ... in the list's order
  std::int64_t trace = 0;
  std::string message_id, recipient;
  std::string note;                           // why no retraction was armed for it
  std::optional<RetractionRow> retraction{};  // absent: not begun
};

// What was left out of a list, and why.
struct LeftOut {
  std::string what;  // "trace 17", "<id@host>"
  std::string why;
};

struct JobPreview {
  JobRow job;
  std::int64_t left_out = 0;
  std::vector<LeftOut> examples;  // the first of them
};

// Who asks for a change of a job, and why.
struct JobStep {
  std::int64_t job = 0;
  Actor who;
  std::string reason;
  std::string digest{};  // of the list that is approved or started
};

// Safe from any thread. Every change of a job is audited in its own transaction.
class Jobs {
 public:
  virtual ~Jobs() = default;

  // Adds to the list, and freezes it unless there is more. One job is one tenant's. A second
  // person must approve it for a hard-delete, and above the tenant's approval_above.
  // kInvalid: wrong asking; kNotFound: nothing to do; kRefused: too large, or of two tenants.
  virtual Result<JobPreview> PreviewJob(const JobWanted& wanted, Time now) = 0;

  // kRefused: not in this state, expired, another digest, the asker's own approval, or the
  // list in the ledger is not the frozen one any more. kNotFound: no such job.
  virtual Result<JobRow> ApproveJob(const JobStep& step, Time now) = 0;
  virtual Result<JobRow> StartJob(const JobStep& step, Time now) = 0;
  virtual Result<JobRow> PauseJob(const JobStep& step, Time now) = 0;
  virtual Result<JobRow> ResumeJob(const JobStep& step, Time now) = 0;
  virtual Result<JobRow> CancelJob(const JobStep& step, Time now) = 0;

  virtual Result<JobRow> ShowJob(std::int64_t job, Time now) = 0;
  // Newest first; before: the id of the last row of the page before, 0: the first page.
  virtual Result<std::vector<JobRow>> ListJobs(const std::string& tenant, std::int64_t before,
                                               int limit, Time now) = 0;
  // In the list's order, those behind number after.
  virtual Result<std::vector<JobMailbox>> JobMailboxes(std::int64_t job, std::int64_t after,
                                                       int limit) = 0;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_JOBS_H_
