// SPDX-License-Identifier: Apache-2.0
// One message's whole story, for people.
#ifndef CLAWBACK_RETRACT_COMMAND_TRACE_STORY_H_
#define CLAWBACK_RETRACT_COMMAND_TRACE_STORY_H_

#include <iosfwd>

#include "retract/sidecar/protocol.h"

namespace clawback {

void PrintStory(const TraceStory& story, std::ostream& out);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_TRACE_STORY_H_
