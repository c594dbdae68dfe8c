// SPDX-License-Identifier: Apache-2.0
// A verdict as JSON: part of a Judgement's; a tenant's thresholds are part of a request's too
// (policy/judge/judgement.h).
#ifndef CLAWBACK_POLICY_JUDGE_VERDICT_JSON_H_
#define CLAWBACK_POLICY_JUDGE_VERDICT_JSON_H_

#include "policy/json.h"
#include "policy/verdict.h"

namespace clawback {

boost::json::object VerdictToJson(const Verdict& verdict);
void VerdictFromJson(const JsonReader& reader, Verdict* verdict);
boost::json::object ThresholdsToJson(const Thresholds& thresholds);
void ThresholdsFromJson(const JsonReader& reader, Thresholds* thresholds);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_VERDICT_JSON_H_
