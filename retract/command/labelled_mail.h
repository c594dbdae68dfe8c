// SPDX-License-Identifier: Apache-2.0
// Mail that somebody sorted, for `clawback learn`: a labels file, and what judges see
// of each message.
#ifndef CLAWBACK_RETRACT_COMMAND_LABELLED_MAIL_H_
#define CLAWBACK_RETRACT_COMMAND_LABELLED_MAIL_H_

#include <string>
#include <vector>

#include "policy/base/result.h"
#include "policy/judge/judge_pool.h"
#include "policy/model/training.h"
#include "retract/command/progress.h"

namespace clawback {

struct LabelledFile {
  std::string path;
  MailLabel label = MailLabel::kWanted;
  std::string source;  // may be empty
};

// Lines "path<TAB>label[<TAB>source...]"; ham and bulk are wanted, spam and scam are
// spam, phish and malware phishing. Paths count from folder. A first line that begins
// with "path<TAB>" is a heading. Errors name file and line.
Result<std::vector<LabelledFile>> ReadLabels(const std::string& file, const std::string& folder);

// What a judge answers about each, in order; an error where a file cannot be read or no
// judge survives it. progress is told what is done.
Result<std::vector<Result<Judgement>>> AskAbout(const std::vector<LabelledFile>& files,
                                                Question question, const JudgePoolOptions& judges,
                                                Progress* progress);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_LABELLED_MAIL_H_
