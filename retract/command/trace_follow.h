// SPDX-License-Identifier: Apache-2.0
// clawback trace --follow.
#ifndef CLAWBACK_RETRACT_COMMAND_TRACE_FOLLOW_H_
#define CLAWBACK_RETRACT_COMMAND_TRACE_FOLLOW_H_

#include "retract/command/command.h"
#include "retract/sidecar/protocol.h"

namespace clawback {

// Prints rows and outcomes that fit query as they come, until the process is asked to
// end (SIGINT, SIGTERM: exit status 0) or count of them were printed; 0: no end.
int FollowTrace(const TraceQuery& query, int count, const Options& options,
                const Terminal& terminal);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_TRACE_FOLLOW_H_
