// SPDX-License-Identifier: Apache-2.0
// The first steps of an attempt: which copies there are, and where each stands.
#ifndef CLAWBACK_RETRACT_SIDECAR_GATHER_COPIES_H_
#define CLAWBACK_RETRACT_SIDECAR_GATHER_COPIES_H_

#include "retract/sidecar/attempt.h"

namespace clawback {

// What earlier claims were about to act on in this mailbox.
Step ReadIntents(Attempt& attempt);

// Fills attempt.copies: what the search lists, and what an earlier claim was about to
// act on. That one is looked up by its id, wherever it stands.
Step ListCopies(Attempt& attempt);

// The folder of a copy, and what that alone says.
Step PlaceCopy(Attempt& attempt, Copy& copy);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_GATHER_COPIES_H_
