// SPDX-License-Identifier: Apache-2.0
// The audit's chain in SQLite, and its anchor; the inside of this folder only.
#ifndef CLAWBACK_RETRACT_LEDGER_AUDIT_CHAIN_H_
#define CLAWBACK_RETRACT_LEDGER_AUDIT_CHAIN_H_

#include <string>
#include <vector>

#include "retract/ledger/audit.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

// Inside the caller's transaction, with the change that it tells of. kInvalid for a
// note that says no what, or whose evidence is no JSON object.
Status AppendAudit(Database& database, const AuditNote& note, Time now);
Result<AuditHead> HeadOf(Database& database);
Result<std::vector<AuditEntry>> FindAudit(Database& database, const AuditQuery& query);
// Walks the chain; every fault is reported, up to 1,000.
Result<AuditCheck> WalkAudit(Database& database, std::optional<AuditHead> anchor);

// "SEQUENCE HASH\n", 0600, replaced whole after each commit.
std::string AnchorIn(const std::string& ledger_folder);
Result<AuditHead> ReadAnchor(const std::string& path);
// Moves the anchor on to the head, unless the chain has lost what the anchor says: that
// must stay to be found. Makes the first one for a chain without entries only.
Status MoveAnchor(Database& database, const std::string& path);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_AUDIT_CHAIN_H_
