// SPDX-License-Identifier: Apache-2.0
// Schemas and how an older file becomes a current one: step N leads from version
// N-1 to N, kept in PRAGMA user_version. Steps that were released never change.
#ifndef CLAWBACK_RETRACT_LEDGER_SCHEMA_H_
#define CLAWBACK_RETRACT_LEDGER_SCHEMA_H_

#include <span>
#include <string_view>

#include "retract/ledger/sqlite.h"

namespace clawback {

using SchemaSteps = std::span<const std::string_view>;

SchemaSteps SegmentSchema();
SchemaSteps LedgerSchema();

// Forward only, each step in its own transaction; kInvalid for a file that is
// newer than the steps.
Status Migrate(Database& database, SchemaSteps steps);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_SCHEMA_H_
