// SPDX-License-Identifier: Apache-2.0
// Jobs in SQLite; the inside of this folder only. Everything here is done within the
// caller's transaction.
#ifndef CLAWBACK_RETRACT_LEDGER_JOB_LIST_H_
#define CLAWBACK_RETRACT_LEDGER_JOB_LIST_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "retract/ledger/jobs.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

// kNotFound: no such job. Counts of what was begun are not read; an unstarted list that is
// too old at now reads as expired.
Result<JobRow> ReadJob(Database& database, std::int64_t job, Time now);
// The same of the present row of a statement that selects kJobColumns.
Result<JobRow> ReadJobRow(const Statement& row, Time now);
inline constexpr std::string_view kJobColumns =
    "j.id, j.tenant, j.task, j.action, j.state, j.asked_kind, j.asked_uid, j.asked_name,"
    " j.reason, j.made, j.expires, j.messages, j.mailboxes, j.begun, j.dispositions, j.digest,"
    " j.needs_approval, j.approved_kind, j.approved_uid, j.approved_name, j.approval_reason,"
    " j.started, j.ended";
// How far it is and how its mailboxes ended.
Status CountResults(Database& database, JobRow* job);

// One more mailbox of a draft's list, unless it is on it already. False: the list is full.
// kRefused: it is no draft any more; what is frozen never grows.
Result<bool> AddToList(Database& database, std::int64_t job, std::int64_t trace,
                       std::int64_t message, const std::string& recipient);
// SHA-256 over what is done (tenant, task, action) and over each mailbox of the list in its
// order (Message-ID, which message of that id, recipient), each as "LENGTH:BYTES,".
Result<std::string> DigestOfList(Database& database, const JobRow& job);

// Whether a running job has mailboxes that are not begun.
Result<bool> JobsWait(Database& database);
// Begins the next mailbox of a running job of tenant, that with the fewest left. False: none
// of its jobs has one.
Result<bool> BeginNext(Database& database, const std::string& tenant, Time now);
// A running job without anything left to do is finished. job 0: nothing to do.
Status EndJobIfDone(Database& database, std::int64_t job, Time now);
// What was postponed waits with its paused job, or ends with its cancelled one.
Status HoldWithItsJob(Database& database, const ClaimedRetraction& claim, Time now);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_JOB_LIST_H_
