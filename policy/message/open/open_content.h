// SPDX-License-Identifier: Apache-2.0
// The step between parsing and detectors: what stands in PDF documents, pictures and
// invitations is put where detectors look for links and files.
#ifndef CLAWBACK_POLICY_MESSAGE_OPEN_OPEN_CONTENT_H_
#define CLAWBACK_POLICY_MESSAGE_OPEN_OPEN_CONTENT_H_

#include "policy/message/message.h"
#include "policy/message/open/work.h"

namespace clawback {

// Within work, which nobody else has a part in. Adds links, parts (the files in PDF documents),
// signs, and the limits that were hit: "pdf", "picture", "parts", "links". What ParseMessage put
// there stays as it is. Total.
void OpenContent(Message* message, Work work = Work{});

// Loads what the libraries behind it load at first use; before confinement.
void PrepareToOpenContent();

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_OPEN_OPEN_CONTENT_H_
