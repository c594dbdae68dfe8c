// SPDX-License-Identifier: Apache-2.0
// clawback-judge: reads hostile mail where it can do no harm. Started by the judge
// pool of clawback-milter, clawback-retractd and clawback; clawback-judge(8).
#include <sys/stat.h>

#include <cstdio>

#include "policy/judge/judgement.h"
#include "policy/judge/pool/protocol.h"
#include "policy/judge/prepare.h"
#include "policy/judge/worker/worker.h"

int main(int argc, char**) {
  struct stat socket {};
  if (argc > 1 || ::fstat(clawback::kJudgeSocket, &socket) != 0 || !S_ISSOCK(socket.st_mode)) {
    std::fputs(
        "clawback-judge is started by clawback-milter, clawback-retractd and clawback,\n"
        "never by hand: it takes no arguments and expects its pool's socket as\n"
        "descriptor 3. See clawback-judge(8).\n",
        stderr);
    return clawback::kJudgeMisused;
  }
  return clawback::RunJudge({.prepare = clawback::PrepareJudging, .judge = clawback::JudgeBytes});
}
