// SPDX-License-Identifier: Apache-2.0
// Once, before the first message and before the process is confined: whatever the
// libraries behind judging would otherwise load from files at first use.
#ifndef CLAWBACK_POLICY_JUDGE_PREPARE_H_
#define CLAWBACK_POLICY_JUDGE_PREPARE_H_

namespace clawback {

// From the main thread. JudgeBytes calls it too, so that a caller which is not
// confined need not.
void PrepareJudging();

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_PREPARE_H_
