// SPDX-License-Identifier: Apache-2.0
// What a judgement depends on beside the message's bytes, kept with it: the same bytes
// judged with the same answer the same, and where an answer differs it tells what changed.
#ifndef CLAWBACK_POLICY_JUDGE_JUDGED_WITH_H_
#define CLAWBACK_POLICY_JUDGE_JUDGED_WITH_H_

#include <string>
#include <vector>

#include "policy/json.h"
#include "policy/judge/judgement.h"

namespace clawback {

struct JudgedWith {
  std::string program;  // the release whose detectors and rules judged
  ChannelTrust trust = ChannelTrust::kUnproven;
  std::string request;  // SHA-256 of everything that the judge was told, in hexadecimal
  bool operator==(const JudgedWith&) const = default;
};

// Of a judgement made by this release.
JudgedWith JudgedWithOf(const JudgeRequest& request);

boost::json::object JudgedWithToJson(const JudgedWith& with);
JudgedWith JudgedWithFromJson(const JsonReader& reader);

// One judgement and its repetition.
struct Judged {
  JudgedWith with;
  Judgement judgement;
};
// What differs between what was recorded and what came out now, each in words; empty: it
// is the same. Inputs are named before answers, for they explain them.
std::vector<std::string> InputsThatDiffer(const Judged& recorded, const Judged& again);
std::vector<std::string> AnswersThatDiffer(const Verdict& recorded, const Verdict& again);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_JUDGED_WITH_H_
