// SPDX-License-Identifier: Apache-2.0
// The inside of clawback-judge: prepares the libraries, gives up every right that
// reading mail does not need, and then answers one question after the other.
#ifndef CLAWBACK_POLICY_JUDGE_WORKER_WORKER_H_
#define CLAWBACK_POLICY_JUDGE_WORKER_WORKER_H_

#include <string_view>

#include "policy/judge/judgement.h"

namespace clawback {

// What a judge is to do; main.cc names it.
struct JudgeWork {
  void (*prepare)();  // everything that has to open files, before confinement
  Judgement (*judge)(std::string_view bytes, const JudgeRequest& request, const LinearModel& model);
};

// Serves the pool at kJudgeSocket until that ends, with the pool's model where it gave
// one (kJudgeModel), else with the shipped one. Answers a JudgeExit.
int RunJudge(const JudgeWork& work);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_WORKER_WORKER_H_
