// SPDX-License-Identifier: Apache-2.0
// Segment files: their names, and how one comes to be.
#ifndef CLAWBACK_RETRACT_LEDGER_SEGMENT_FILE_H_
#define CLAWBACK_RETRACT_LEDGER_SEGMENT_FILE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

// Touched after each commit, which is what wakes the follower: a commit ends in
// shared memory, where nothing can be waited for.
inline constexpr std::string_view kCommittedMark = "committed";

std::string SegmentName(Time time);                                        // decisions-20261103.db
std::optional<Time> SegmentDay(std::string_view name);                     // its midnight, UTC
Result<std::vector<std::string>> ListSegments(const std::string& folder);  // oldest first

// Makes the segment under another name and renames it when it is whole: a follower
// never sees half a schema, nor a segment without the files that a reader needs.
Status MakeSegment(const std::string& folder, const std::string& name);
// For writing, migrated, and everything in it durable, also what a writer that died
// had written but not synced.
Result<Database> OpenSegment(const std::string& path);
// The records go first, what belongs to them after.
void DropSegment(const std::string& folder, const std::string& name);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_SEGMENT_FILE_H_
