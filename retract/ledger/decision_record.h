// SPDX-License-Identifier: Apache-2.0
// One row of a segment: everything that the relay knows of one report.
#ifndef CLAWBACK_RETRACT_LEDGER_DECISION_RECORD_H_
#define CLAWBACK_RETRACT_LEDGER_DECISION_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/digest.h"
#include "policy/base/result.h"
#include "policy/decide.h"
#include "policy/judge/judged_with.h"
#include "policy/judge/judgement.h"
#include "policy/source_checks.h"
#include "policy/tenant.h"

namespace clawback {

struct DecisionRecord {
  Digest report_digest{};  // SHA-256 of the report's bytes: a repeat is a no-op
  std::uint64_t report_bytes = 0;
  Time received{};  // end of message at the relay
  std::string relay, region;
  std::string tenant;        // name; the settings version is in decision
  RegionRule region_rule{};  // the tenant's, as it was then
  Channel channel;
  // Where it comes from, check by check. The marks are there for journal reports only;
  // nothing at all in what an earlier release recorded.
  std::vector<SourceCheck> source{};
  Judgement judgement;
  Decision decision;
  bool parked_bytes_kept = false;  // raw bytes stand in parked/DIGEST.eml
  bool body_kept = false;          // they stand in bodies/DIGEST.eml, for as long as configured
  // What judgement depends on beside the bytes; absent where no judge answered, and in
  // what an earlier release recorded.
  std::optional<JudgedWith> judged_with{};
};

// The parts of a record that are not columns, as one JSON object.
std::string ToJson(const DecisionRecord& record);
Result<DecisionRecord> DecisionRecordFromJson(std::string_view json);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_DECISION_RECORD_H_
