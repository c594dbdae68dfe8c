// SPDX-License-Identifier: Apache-2.0
// The fingerprint of a parsed message. Made in a judge only, of the journaled message
// and of the mailbox copy alike; compared anywhere (fingerprint.h).
#ifndef CLAWBACK_POLICY_MESSAGE_FINGERPRINT_OF_H_
#define CLAWBACK_POLICY_MESSAGE_FINGERPRINT_OF_H_

#include "policy/message/fingerprint.h"
#include "policy/message/message.h"

namespace clawback {

// The same for the journaled message and the stored copy as far as Exchange leaves
// them alike: of the text, word triples without links; of attachments, what is left
// when their transfer encoding is taken off.
Fingerprint FingerprintOf(const Message& message);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_FINGERPRINT_OF_H_
