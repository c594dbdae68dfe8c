// SPDX-License-Identifier: Apache-2.0
// Engine answers as they stand in the JSON of a judgement, and elsewhere where one is told.
#ifndef CLAWBACK_POLICY_ENGINE_ANSWER_JSON_H_
#define CLAWBACK_POLICY_ENGINE_ANSWER_JSON_H_

#include <boost/json.hpp>
#include <vector>

#include "policy/engine_answer.h"
#include "policy/json.h"

namespace clawback {

// Keys in a fixed order; what an engine did not say is absent.
boost::json::array EngineAnswersToJson(const std::vector<EngineAnswer>& answers);
EngineAnswer EngineAnswerFromJson(const JsonReader& reader);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_ENGINE_ANSWER_JSON_H_
