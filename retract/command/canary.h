// SPDX-License-Identifier: Apache-2.0
// The mail that a new model must not do worse on than the one in use, for `clawback learn`.
#ifndef CLAWBACK_RETRACT_COMMAND_CANARY_H_
#define CLAWBACK_RETRACT_COMMAND_CANARY_H_

#include <cstddef>
#include <string>
#include <vector>

#include "policy/base/result.h"
#include "policy/judge/judge_pool.h"
#include "retract/command/labelled_mail.h"

namespace clawback {

struct CanaryCounts {
  std::vector<std::string> wrong;   // paths of wanted mail that is called bad
  std::vector<std::string> missed;  // of unwanted mail that is not
};

class Canary {
 public:
  // Reads the labels (paths count from the file's folder) and judges the set with the
  // model in use. Fails, naming it, at a message that cannot be judged: what was not
  // compared must not pass for as good. Fails where one is learnt from too, under whatever
  // path: a model knows what it has learnt, which says nothing of other mail.
  static Result<Canary> Open(const std::string& file, const std::vector<LabelledFile>& learnt,
                             const JudgePoolOptions& in_use, Progress* progress);

  Result<CanaryCounts> JudgedWith(const JudgePoolOptions& judges, Progress* progress) const;
  const CanaryCounts& in_use() const { return in_use_; }
  std::size_t size() const { return files_.size(); }

 private:
  std::string file_;
  std::vector<LabelledFile> files_;
  CanaryCounts in_use_;
};

// What is worse now than then, with the first messages that were right then; "": nothing.
std::string WhyWorse(const CanaryCounts& now, const CanaryCounts& then);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_CANARY_H_
