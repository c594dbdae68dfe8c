// SPDX-License-Identifier: Apache-2.0
// What the sidecar answers about jobs: the operations job.*.
#ifndef CLAWBACK_RETRACT_SIDECAR_ANSWERS_JOBS_H_
#define CLAWBACK_RETRACT_SIDECAR_ANSWERS_JOBS_H_

#include <optional>
#include <string>

#include "retract/sidecar/answers.h"

namespace clawback {

// nullopt: not an operation of these.
std::optional<Result<std::string>> JobResult(const ProtocolRequest& request, const Actor& who,
                                             const AnswerSources& sources);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_ANSWERS_JOBS_H_
