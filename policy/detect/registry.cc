// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/registry.h"

#include "policy/detect/detector.h"

namespace clawback {

std::vector<std::unique_ptr<Detector>> AllDetectors() {
  std::vector<std::unique_ptr<Detector>> detectors;
  detectors.push_back(NewExchangeStampsDetector());
  detectors.push_back(NewDangerousAttachmentDetector());
  detectors.push_back(NewDeceptiveNameDetector());
  detectors.push_back(NewHtmlSmugglingDetector());
  detectors.push_back(NewLinkMismatchDetector());
  detectors.push_back(NewLookalikeDomainDetector());
  detectors.push_back(NewDisplayNameDetector());
  return detectors;
}

}  // namespace clawback
