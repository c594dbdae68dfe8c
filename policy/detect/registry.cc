// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/registry.h"

#include "policy/detect/detector.h"

namespace clawback {

std::vector<std::unique_ptr<Detector>> AllDetectors() {
  std::vector<std::unique_ptr<Detector>> detectors;
  detectors.push_back(NewExchangeStampsDetector());
  detectors.push_back(NewDangerousAttachmentDetector());
  detectors.push_back(NewOpenedContentDetector());
  detectors.push_back(NewDeceptiveNameDetector());
  detectors.push_back(NewHtmlSmugglingDetector());
  detectors.push_back(NewLinkMismatchDetector());
  detectors.push_back(NewLookalikeDomainDetector());
  detectors.push_back(NewDisplayNameDetector());
  detectors.push_back(NewRiskyLinkDetector());
  detectors.push_back(NewSenderRelationsDetector());
  detectors.push_back(NewSenderMailboxDetector());
  detectors.push_back(NewBrandNamesDetector());
  detectors.push_back(NewDisguisedTextDetector());
  detectors.push_back(NewPageTricksDetector());
  detectors.push_back(NewLuresDetector());
  detectors.push_back(NewBulkMailDetector());
  detectors.push_back(NewForeignLinksDetector());
  detectors.push_back(NewRecipientAddressDetector());
  detectors.push_back(NewListedDetector());
  detectors.push_back(NewOwnDomainDetector());
  detectors.push_back(NewEncryptedMessageDetector());
  detectors.push_back(NewConversationDetector());
  detectors.push_back(NewHiddenTextDetector());
  detectors.push_back(NewBecRequestDetector());
  detectors.push_back(NewActiveContentDetector());
  detectors.push_back(NewMoneyLettersDetector());
  return detectors;
}

}  // namespace clawback
