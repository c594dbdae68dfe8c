// SPDX-License-Identifier: Apache-2.0
// The options of `clawback trace` → a query.
#ifndef CLAWBACK_RETRACT_COMMAND_TRACE_QUERY_H_
#define CLAWBACK_RETRACT_COMMAND_TRACE_QUERY_H_

#include <optional>
#include <string_view>

#include "policy/base/clock.h"
#include "retract/command/options.h"
#include "retract/sidecar/protocol.h"

namespace clawback {

// now is what "2h" counts back from. An error names the option and what it wants.
Result<TraceQuery> ReadTraceQuery(const Options& options, Time now);

// Whether any option is given that restricts a search by what the message is.
bool Searches(const Options& options);

// "2026-11-03T09:14:22Z", "2026-11-03" (its begin, UTC), or "30m", "2h", "7d" ago.
std::optional<Time> ReadTime(std::string_view text, Time now);
// "30s", "30m", "2h", "7d".
std::optional<milliseconds> ReadAge(std::string_view text);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_TRACE_QUERY_H_
