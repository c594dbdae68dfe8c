// SPDX-License-Identifier: Apache-2.0
// Shops, banks and exchanges speak like those who pretend to be one; their links go to them.
#ifndef CLAWBACK_POLICY_DETECT_OWN_LINKS_H_
#define CLAWBACK_POLICY_DETECT_OWN_LINKS_H_

#include "policy/message/message.h"

namespace clawback {

// One of the first 100 links goes to From's organisation, which is neither a provider of free
// mailboxes nor under a suffix that costs next to nothing.
bool LinksToSender(const Message& message);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_OWN_LINKS_H_
