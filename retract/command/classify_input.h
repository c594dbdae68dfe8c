// SPDX-License-Identifier: Apache-2.0
// One file given to `clawback classify` → its judgement. Always answers one: a file
// that no judge saw or that none survives is UNSCANNABLE and says why.
#ifndef CLAWBACK_RETRACT_COMMAND_CLASSIFY_INPUT_H_
#define CLAWBACK_RETRACT_COMMAND_CLASSIFY_INPUT_H_

#include <string>

#include "milter/engine/engines.h"
#include "policy/judge/judge_pool.h"

namespace clawback {

struct ClassifiedFile {
  Judgement judgement;
  std::string unseen{};  // why no judge saw it ("open: Permission denied"); empty: one did
};
// Safe from any thread. engines are asked about what a judge has judged.
ClassifiedFile ClassifyFile(const std::string& path, const JudgeRequest& request, JudgePool* pool,
                            Engines* engines);

// The bytes of a file, sealed; kRefused where it is larger than a relay takes, kNotFound where
// it cannot be read, is empty or an Outlook file, which no message is.
Result<ReportBytes> ReadReportFile(const std::string& path);

// As JudgePool::Judge, for callers who have the time: where no judge can be started, which may
// pass, it is asked again for longer than the pool rests between two attempts.
Result<Judgement> JudgePatiently(const ReportBytes& bytes, const JudgeRequest& request,
                                 JudgePool* pool);

// clawback-judge where the installation or the build put it: beside this program, or
// in ../libexec/clawback.
Result<std::string> FindJudgeProgram();

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_CLASSIFY_INPUT_H_
