// SPDX-License-Identifier: Apache-2.0
// By what a hunt finds messages in the trace: keys of the features that are kept of each
// (policy/message/hunt_features.h), some 20 of one message. They stand in parts of kPartRows
// trace rows: the key of a host is anything, so that an index over all of them would be
// written to all over, which costs more than everything else once it outgrows memory. A
// search looks into every part, newest first.
#ifndef CLAWBACK_RETRACT_LEDGER_TRACE_FEATURES_H_
#define CLAWBACK_RETRACT_LEDGER_TRACE_FEATURES_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "retract/ledger/ledger.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

// Inside a transaction.
Status InsertFeatures(Database& database, std::int64_t trace, const Judgement& judgement);
// Of those keys one; HuntKeysOf makes the same of a record whenever it is asked.
Status DeleteFeature(Database& database, std::int64_t trace, std::uint64_t key);

// The parts in which rows within the query's before and after may stand.
struct Parts {
  std::int64_t oldest = 0, newest = 0;
};
Result<Parts> PartsOf(Database& database, const TraceQuery& query);

// That the row of a feature f has another key too.
inline constexpr std::string_view kSharesFeature =
    "EXISTS(SELECT 1 FROM trace_feature g WHERE g.part=f.part AND g.key=? AND g.trace=f.trace)";

// The keys that every row found must have; kInvalid: what was expected. like is not among
// them.
Result<std::vector<std::uint64_t>> KeysWanted(const TraceQuery& query);

// The newest rows within the query's before and after, at most kMostAlike, whose text is at
// least half that of the row query.like, which is one of them; descending. kNotFound: no such
// row; kInvalid: it has no text to compare.
Result<std::vector<std::int64_t>> RowsAlike(Database& database, const TraceQuery& query);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_TRACE_FEATURES_H_
