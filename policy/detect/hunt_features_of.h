// SPDX-License-Identifier: Apache-2.0
// The hunt features of a parsed and opened message. In a judge only.
#ifndef CLAWBACK_POLICY_DETECT_HUNT_FEATURES_OF_H_
#define CLAWBACK_POLICY_DETECT_HUNT_FEATURES_OF_H_

#include <cstddef>

#include "policy/message/hunt_features.h"
#include "policy/message/message.h"

namespace clawback {

// parsed: how many parts there were before it was opened; the rest stood inside of those.
HuntFeatures HuntFeaturesOf(const Message& message, std::size_t parsed);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_HUNT_FEATURES_OF_H_
