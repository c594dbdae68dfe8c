// SPDX-License-Identifier: Apache-2.0
// What the ledger knows for ever of what it pruned: digests, so that nothing is taken for new
// that has been there. The inside of this folder only; all within the caller's transaction.
#ifndef CLAWBACK_RETRACT_LEDGER_PRUNED_H_
#define CLAWBACK_RETRACT_LEDGER_PRUNED_H_

#include <string_view>

#include "policy/base/clock.h"
#include "policy/base/digest.h"
#include "policy/base/result.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

// A report is known by its own digest and its tenant, as in the trace. InsertTrace in
// ledger_ingest.cc looks for it.
Status KeepPrunedReport(Database& database, const Digest& report, std::string_view tenant,
                        Time received);

// What an automatic retraction is one of, as one digest.
Digest RetractionKey(std::string_view tenant, std::string_view message_id,
                     std::string_view instance, std::string_view recipient_key);
Status KeepPrunedRetraction(Database& database, const Digest& key);
Result<bool> IsPrunedRetraction(Database& database, const Digest& key);

// The latest time at which a pruned report was received; that of the epoch: none was pruned.
Result<Time> PrunedUntil(Database& database);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_PRUNED_H_
