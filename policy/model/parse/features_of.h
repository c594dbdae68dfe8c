// SPDX-License-Identifier: Apache-2.0
// Message → features, and what the model makes of them. Inside a judge process only.
#ifndef CLAWBACK_POLICY_MODEL_PARSE_FEATURES_OF_H_
#define CLAWBACK_POLICY_MODEL_PARSE_FEATURES_OF_H_

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "policy/message/message.h"
#include "policy/model/features.h"
#include "policy/model/linear_model.h"
#include "policy/verdict.h"

namespace clawback {

// Every feature, some more than once. name is what people read in the evidence and is
// valid during the call only. No feature holds a recipient or a sender's address; none
// looks at header fields that the way of a message leaves in it (Received, X-...).
using FeatureSink = std::function<void(FeatureGroup group, std::string_view name)>;
void ForEachFeature(const Message& message, const std::vector<Finding>& findings,
                    const FeatureSink& sink);

// findings: of the detectors, in any order; only their reasons count. Linear in the
// message's size; looks at a bounded part of it.
FeatureVector FeaturesOf(const Message& message, const std::vector<Finding>& findings);

// What stands in the evidence of an opinion beside the model's version.
enum class OpinionWords { kHeaviest, kNone };

// "model-phishing" or "model-spam" with the features that weighed most, where the
// model's weight is worth a word.
std::optional<Finding> OpinionOn(const Message& message, const std::vector<Finding>& findings,
                                 const LinearModel& model,
                                 OpinionWords words = OpinionWords::kHeaviest);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MODEL_PARSE_FEATURES_OF_H_
