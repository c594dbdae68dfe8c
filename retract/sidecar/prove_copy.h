// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_RETRACT_SIDECAR_PROVE_COPY_H_
#define CLAWBACK_RETRACT_SIDECAR_PROVE_COPY_H_

#include "retract/sidecar/attempt.h"

namespace clawback {

// Whether the copy is the message that was reported: a report is a hint, the mailbox
// copy is the proof. What we moved was proved then.
Step ProveCopy(Attempt& attempt, Copy& copy);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_PROVE_COPY_H_
