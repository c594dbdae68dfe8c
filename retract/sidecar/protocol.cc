// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/protocol.h"
