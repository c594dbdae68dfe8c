// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_RETRACT_COMMAND_UNDO_IN_BULK_H_
#define CLAWBACK_RETRACT_COMMAND_UNDO_IN_BULK_H_

#include "retract/command/command.h"

namespace clawback {

// Whether the options of clawback undo name many messages rather than one.
bool IsInBulk(const Options& options);
// Counts what there is to put back, and with --yes starts it.
int UndoInBulk(const Options& options, const Terminal& terminal);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_UNDO_IN_BULK_H_
