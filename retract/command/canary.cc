// SPDX-License-Identifier: Apache-2.0
#include "retract/command/canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <utility>

namespace clawback {
namespace {

bool CalledBad(const Judgement& judgement) {
  const Disposition disposition = judgement.verdict.disposition;
  return disposition == Disposition::kMalicious || disposition == Disposition::kSuspicious ||
         disposition == Disposition::kSpoof || disposition == Disposition::kSpam;
}

// The first paths of those that the model in use got right.
std::string NewAmong(const std::vector<std::string>& now, const std::vector<std::string>& then) {
  constexpr int kMostNamed = 10;
  std::string lines;
  int more = 0;
  for (const std::string& path : now) {
    if (std::find(then.begin(), then.end(), path) != then.end()) continue;
    if (++more <= kMostNamed) lines += "\n  " + path;
  }
  return more > kMostNamed ? lines + fmt::format("\n  and {} more", more - kMostNamed) : lines;
}

}  // namespace

Result<Canary> Canary::Open(const std::string& file, const JudgePoolOptions& in_use,
                            Progress* progress) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  auto files = ReadLabels(file, folder.empty() ? "." : folder);
  if (!files) return files.error();
  Canary canary;
  canary.file_ = file;
  canary.files_ = std::move(*files);
  auto counts = canary.JudgedWith(in_use, progress);
  if (!counts) return counts.error();
  canary.in_use_ = std::move(*counts);
  return canary;
}

Result<CanaryCounts> Canary::JudgedWith(const JudgePoolOptions& judges, Progress* progress) const {
  auto answers = AskAbout(files_, Question::kVerdict, judges, progress);
  if (!answers) return answers.error();
  CanaryCounts counts;
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const std::optional<Judgement>& answer = (*answers)[i];
    if (!answer) {
      return Error{ErrorKind::kInvalid,
                   fmt::format("{}: {} cannot be read or judged; paths count from the folder of {}",
                               file_, files_[i].path, file_)};
    }
    const bool bad = CalledBad(*answer);
    const bool wanted = files_[i].label == MailLabel::kWanted;
    if (!wanted && !bad) counts.missed.push_back(files_[i].path);
    if (wanted && bad) counts.wrong.push_back(files_[i].path);
  }
  return counts;
}

std::string WhyWorse(const CanaryCounts& now, const CanaryCounts& then) {
  if (now.wrong.size() > then.wrong.size()) {
    return fmt::format("it calls {} wanted messages bad, the model in use {}; new are:{}",
                       now.wrong.size(), then.wrong.size(), NewAmong(now.wrong, then.wrong));
  }
  if (now.missed.size() > then.missed.size()) {
    return fmt::format("it misses {} unwanted messages, the model in use {}; new are:{}",
                       now.missed.size(), then.missed.size(), NewAmong(now.missed, then.missed));
  }
  return "";
}

}  // namespace clawback
