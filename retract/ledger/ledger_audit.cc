// SPDX-License-Identifier: Apache-2.0
// The audit's side of the SQLite ledger.
#include "policy/base/log.h"
#include "retract/ledger/audit_chain.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {

Status SqliteLedger::CommitAudited(Transaction& transaction, const AuditNote& note) {
  if (Status kept = clawback::AppendAudit(writer_, note, SystemClock().Now()); !kept) return kept;
  const Result<AuditHead> head = HeadOf(writer_);
  if (!head) return head.error();
  if (Status committed = transaction.Commit(); !committed) return committed;
  Log(Severity::kInfo, "audit",
      {{"sequence", std::to_string(head->sequence)},
       {"what", note.what},
       {"who", ToString(note.who)},
       {"tenant", note.tenant},
       {"hash", ToHex(head->hash)}});
  // The change stands; a chain that is ahead of its anchor is no fault.
  if (Status moved = MoveAnchor(writer_, anchor_); !moved) {
    Log(Severity::kError, "audit-not-anchored", {{"error", moved.error().what}});
  }
  return {};
}

Status SqliteLedger::AppendAudit(const AuditNote& note) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction) return transaction.error();
  return CommitAudited(*transaction, note);
}

Result<std::vector<AuditEntry>> SqliteLedger::FindAudit(const AuditQuery& query) {
  const std::lock_guard lock(reading_);
  return clawback::FindAudit(reader_, query);
}

Result<AuditCheck> SqliteLedger::CheckAudit() {
  // Before the walk: the chain may be ahead of its anchor, never behind.
  const Result<AuditHead> anchor = ReadAnchor(anchor_);
  const std::lock_guard lock(reading_);
  return WalkAudit(reader_, anchor ? std::optional(*anchor) : std::nullopt);
}

}  // namespace clawback
