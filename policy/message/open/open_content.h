// SPDX-License-Identifier: Apache-2.0
// The step between parsing and detectors: what stands in PDF documents, pictures and
// invitations is put where detectors look for links and files.
#ifndef CLAWBACK_POLICY_MESSAGE_OPEN_OPEN_CONTENT_H_
#define CLAWBACK_POLICY_MESSAGE_OPEN_OPEN_CONTENT_H_

#include <chrono>

#include "policy/message/message.h"

namespace clawback {

struct OpenLimits {
  std::chrono::milliseconds time{300};  // processor time for all of a message
};

// Adds links, parts (the files in PDF documents), signs, and the limits that were hit:
// "pdf", "picture", "parts", "links". What ParseMessage put there stays as it is. Total.
void OpenContent(Message* message, const OpenLimits& limits = {});

// Loads what the libraries behind it load at first use; before confinement.
void PrepareToOpenContent();

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_OPEN_OPEN_CONTENT_H_
