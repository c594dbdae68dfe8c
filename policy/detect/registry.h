// SPDX-License-Identifier: Apache-2.0
// One maker for each detector; the class itself is its file's own business.
#ifndef CLAWBACK_POLICY_DETECT_REGISTRY_H_
#define CLAWBACK_POLICY_DETECT_REGISTRY_H_

#include <memory>

#include "policy/detect/detector.h"

namespace clawback {

std::unique_ptr<Detector> NewExchangeStampsDetector();       // exchange_stamps.cc
std::unique_ptr<Detector> NewDangerousAttachmentDetector();  // dangerous_attachment.cc
std::unique_ptr<Detector> NewDeceptiveNameDetector();        // deceptive_name.cc
std::unique_ptr<Detector> NewHtmlSmugglingDetector();        // html_smuggling.cc
std::unique_ptr<Detector> NewLinkMismatchDetector();         // link_mismatch.cc
std::unique_ptr<Detector> NewLookalikeDomainDetector();      // lookalike_domain.cc
std::unique_ptr<Detector> NewDisplayNameDetector();          // display_name.cc

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_REGISTRY_H_
