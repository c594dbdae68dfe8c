// SPDX-License-Identifier: Apache-2.0
// Jobs as people and programs read them.
#ifndef CLAWBACK_RETRACT_COMMAND_JOB_OUTPUT_H_
#define CLAWBACK_RETRACT_COMMAND_JOB_OUTPUT_H_

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "retract/command/command.h"
#include "retract/sidecar/protocol.h"

namespace clawback {

// The text or number under key, as text; "" where there is none.
std::string FieldText(const boost::json::object& object, std::string_view key);
// "40 soft-deleted, 2 failed" of an object of counts; "none" for an empty one.
std::string CountsText(const boost::json::object& object, std::string_view key);

// All of one job, with --json as one line.
void PrintJob(const boost::json::object& job, const Options& options, const Terminal& terminal);
// What a preview found, and what to do next.
void PrintPreview(const boost::json::object& preview, const Options& options,
                  const Terminal& terminal);

// Shows how far a job is until it ends, is paused or stays with what is held: a bar that is
// drawn anew on a terminal, with --json one line whenever something has changed.
int WatchJob(SidecarClient& sidecar, std::int64_t job, const Options& options,
             const Terminal& terminal);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_JOB_OUTPUT_H_
