// SPDX-License-Identifier: Apache-2.0
// What the sidecar answers about what is held: the operations breaker.* and held.*.
#ifndef CLAWBACK_RETRACT_SIDECAR_ANSWERS_HOLDING_H_
#define CLAWBACK_RETRACT_SIDECAR_ANSWERS_HOLDING_H_

#include <optional>
#include <string>

#include "retract/sidecar/answers.h"

namespace clawback {

// nullopt: not an operation of these.
std::optional<Result<std::string>> HoldingResult(const ProtocolRequest& request, const Actor& who,
                                                 const AnswerSources& sources);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_ANSWERS_HOLDING_H_
