// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_RETRACT_SIDECAR_ACT_ON_COPY_H_
#define CLAWBACK_RETRACT_SIDECAR_ACT_ON_COPY_H_

#include "retract/sidecar/attempt.h"

namespace clawback {

// Records what is about to be done, does it to a proved copy, and reads back. nullopt:
// the copy stands as kMoved, or attempt.vanished_now.
Step ActOnCopy(Attempt& attempt, Copy& copy);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_ACT_ON_COPY_H_
