// SPDX-License-Identifier: Apache-2.0
// How a judge gives up its rights, once and for good.
#ifndef CLAWBACK_POLICY_JUDGE_WORKER_CONFINE_H_
#define CLAWBACK_POLICY_JUDGE_WORKER_CONFINE_H_

#include "policy/base/result.h"

namespace clawback {

// Ends with the pool, leaves no core, cannot be looked into by others of our user,
// keeps no descriptor but standard ones and the socket. First thing in the process.
Status LeaveEverythingBehind();

// From here on a system call that is not on the list of seccomp.cc kills the
// process: no file, network, process or new privilege can be had.
Status ConfineSystemCalls();

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_WORKER_CONFINE_H_
