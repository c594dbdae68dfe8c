// SPDX-License-Identifier: Apache-2.0
// One maker for each detector; the class itself is its file's own business.
#ifndef CLAWBACK_POLICY_DETECT_REGISTRY_H_
#define CLAWBACK_POLICY_DETECT_REGISTRY_H_

#include <memory>

#include "policy/detect/detector.h"

namespace clawback {

std::unique_ptr<Detector> NewExchangeStampsDetector();       // exchange_stamps.cc
std::unique_ptr<Detector> NewDangerousAttachmentDetector();  // dangerous_attachment.cc
std::unique_ptr<Detector> NewOpenedContentDetector();        // opened_content.cc
std::unique_ptr<Detector> NewDeceptiveNameDetector();        // deceptive_name.cc
std::unique_ptr<Detector> NewHtmlSmugglingDetector();        // html_smuggling.cc
std::unique_ptr<Detector> NewLinkMismatchDetector();         // link_mismatch.cc
std::unique_ptr<Detector> NewLookalikeDomainDetector();      // lookalike_domain.cc
std::unique_ptr<Detector> NewDisplayNameDetector();          // display_name.cc
std::unique_ptr<Detector> NewRiskyLinkDetector();            // risky_link.cc
std::unique_ptr<Detector> NewSenderRelationsDetector();      // sender_relations.cc
std::unique_ptr<Detector> NewSenderMailboxDetector();        // sender_mailbox.cc
std::unique_ptr<Detector> NewBrandNamesDetector();           // brand_names.cc
std::unique_ptr<Detector> NewDisguisedTextDetector();        // disguised_text.cc
std::unique_ptr<Detector> NewPageTricksDetector();           // page_tricks.cc
std::unique_ptr<Detector> NewLuresDetector();                // lures.cc
std::unique_ptr<Detector> NewBulkMailDetector();             // bulk_mail.cc
std::unique_ptr<Detector> NewForeignLinksDetector();         // foreign_links.cc
std::unique_ptr<Detector> NewRecipientAddressDetector();     // recipient_address.cc
std::unique_ptr<Detector> NewListedDetector();               // listed.cc
std::unique_ptr<Detector> NewOwnDomainDetector();            // own_domain.cc
std::unique_ptr<Detector> NewEncryptedMessageDetector();     // encrypted_message.cc
std::unique_ptr<Detector> NewConversationDetector();         // conversation.cc
std::unique_ptr<Detector> NewHiddenTextDetector();           // hidden_text.cc
std::unique_ptr<Detector> NewBecRequestDetector();           // bec_request.cc
std::unique_ptr<Detector> NewActiveContentDetector();        // active_content.cc
std::unique_ptr<Detector> NewMoneyLettersDetector();         // money_letter.cc

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_REGISTRY_H_
