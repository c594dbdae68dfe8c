// SPDX-License-Identifier: Apache-2.0
// Named points at which a test may make a program die, wait or misbehave. Set by
// the environment variable CLAWBACK_FAULT, read once at start; without it a point
// costs one load. Comma separated:
//   NAME=kill        SIGKILL ourselves the first time NAME is passed
//   NAME=kill:7      ... the seventh time
//   NAME=wait:250    sleep 250 ms each time
//   NAME=TEXT        what FaultSetting(NAME) answers, for faults of their own kind
#ifndef CLAWBACK_POLICY_BASE_FAULT_POINT_H_
#define CLAWBACK_POLICY_BASE_FAULT_POINT_H_

#include <optional>
#include <string>
#include <string_view>

namespace clawback {

void FaultPoint(std::string_view name);
std::optional<std::string> FaultSetting(std::string_view name);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_FAULT_POINT_H_
