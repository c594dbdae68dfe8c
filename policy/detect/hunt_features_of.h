// SPDX-License-Identifier: Apache-2.0
// The hunt features of a parsed and opened message. In a judge only.
#ifndef CLAWBACK_POLICY_DETECT_HUNT_FEATURES_OF_H_
#define CLAWBACK_POLICY_DETECT_HUNT_FEATURES_OF_H_

#include <cstddef>

#include "policy/detect/file_digests.h"
#include "policy/message/hunt_features.h"
#include "policy/message/message.h"

namespace clawback {

// parsed: how many parts there were before it was opened; the rest stood inside of those.
// digests: of the message, after the detectors have looked into its archives.
HuntFeatures HuntFeaturesOf(const Message& message, std::size_t parsed, FileDigests* digests);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_HUNT_FEATURES_OF_H_
