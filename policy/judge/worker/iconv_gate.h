// SPDX-License-Identifier: Apache-2.0
// glibc's iconv_open loads a file for a charset that it has not seen yet, and the
// charset's name comes from the mail. This program has an iconv_open of its own in
// front: until the gate is closed it notes what was opened, afterwards it opens only
// that, and any other charset is unknown (EINVAL), as on a system without it.
#ifndef CLAWBACK_POLICY_JUDGE_WORKER_ICONV_GATE_H_
#define CLAWBACK_POLICY_JUDGE_WORKER_ICONV_GATE_H_

namespace clawback {

// After the libraries were prepared, before the process is confined. What was opened
// has to stay open: glibc unloads what nobody uses.
void CloseIconvGate();

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_WORKER_ICONV_GATE_H_
