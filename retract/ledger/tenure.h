// SPDX-License-Identifier: Apache-2.0
// Which process is the ledger's writer. Processes may wait for it side by side; one has it,
// for a tenure that it prolongs. The next one takes over as soon as that one is dead, which
// the kernel tells by a lock, or once the tenure is over, which the clock tells of a process
// that is stopped or hangs. Each tenure has a number, and every transaction of the writer
// looks first whether its own is still the one: who comes back too late writes nothing.
#ifndef CLAWBACK_RETRACT_LEDGER_TENURE_H_
#define CLAWBACK_RETRACT_LEDGER_TENURE_H_

#include <string>

#include "policy/base/c_handle.h"
#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

// The lock file, with its door closed behind us: one process at a time begins. kConflict:
// another is just beginning.
Result<FileDescriptor> EnterTenure(const std::string& path);

// Whether a tenure may begin: before the schema is migrated, and again in the transaction
// that begins it. kConflict: another process has the ledger.
Status CheckVacant(Database& database, int lock, Time now);

// Makes this process the writer until then, and opens the door. From now on every
// transaction of database is refused (kRefused) once another tenure has begun.
Status BeginTenure(Database& database, int lock, Time now, Time ends);

// kRefused: another process has taken over.
Status ProlongTenure(Database& database, Time ends);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_TENURE_H_
