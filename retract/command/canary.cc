// SPDX-License-Identifier: Apache-2.0
#include "retract/command/canary.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "policy/base/digest.h"
#include "retract/command/classify_input.h"

namespace clawback {
namespace {

bool CalledBad(const Judgement& judgement) {
  const Disposition disposition = judgement.verdict.disposition;
  return disposition == Disposition::kMalicious || disposition == Disposition::kSuspicious ||
         disposition == Disposition::kSpoof || disposition == Disposition::kSpam;
}

constexpr std::size_t kMostNamed = 10;

// The first of them, a line each.
std::string Named(const std::vector<std::string>& paths) {
  std::string lines;
  for (std::size_t i = 0; i < std::min(paths.size(), kMostNamed); ++i) lines += "\n  " + paths[i];
  if (paths.size() <= kMostNamed) return lines;
  return lines + fmt::format("\n  and {} more", paths.size() - kMostNamed);
}

// Of those that the model in use got right.
std::string NewAmong(const std::vector<std::string>& now, const std::vector<std::string>& then) {
  std::vector<std::string> fresh;
  std::ranges::copy_if(now, std::back_inserter(fresh), [&](const std::string& path) {
    return std::ranges::find(then, path) == then.end();
  });
  return Named(fresh);
}

// Of the message, however its lines end; nothing where it cannot be read, which is told where
// it is to be judged.
std::optional<std::string> DigestOf(const std::string& path) {
  const Result<ReportBytes> bytes = ReadReportFile(path);
  if (!bytes) return std::nullopt;
  const Result<std::string_view> view = bytes->View();
  if (!view) return std::nullopt;
  Sha256 digest;
  for (std::string_view rest = *view; !rest.empty();) {
    const std::string_view piece = rest.substr(0, rest.find('\r'));
    digest.Update(piece);
    rest.remove_prefix(std::min(piece.size() + 1, rest.size()));
  }
  return ToHex(digest.Finish());
}

Status CheckApart(const std::string& file, const std::vector<LabelledFile>& canary,
                  const std::vector<LabelledFile>& learnt, Progress* progress) {
  std::set<std::string> digests;
  for (std::size_t i = 0; i < learnt.size(); ++i) {
    if (const auto digest = DigestOf(learnt[i].path)) digests.insert(*digest);
    progress->Tell("comparing", i + 1, learnt.size(), "messages");
  }
  std::vector<std::string> both;
  for (const LabelledFile& each : canary) {
    const auto digest = DigestOf(each.path);
    if (digest && digests.contains(*digest)) both.push_back(each.path);
  }
  if (both.empty()) return {};
  return Error{ErrorKind::kInvalid,
               fmt::format("{}: {} of its {} messages are learnt from too, and so say nothing of "
                           "how the model does on other mail; take them out of one of the files:{}",
                           file, both.size(), canary.size(), Named(both))};
}

}  // namespace

Result<Canary> Canary::Open(const std::string& file, const std::vector<LabelledFile>& learnt,
                            const JudgePoolOptions& in_use, Progress* progress) {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  auto files = ReadLabels(file, folder.empty() ? "." : folder);
  if (!files) return files.error();
  if (Status apart = CheckApart(file, *files, learnt, progress); !apart) return apart.error();
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
    const Result<Judgement>& answer = (*answers)[i];
    if (!answer) {
      return Error{ErrorKind::kInvalid,
                   fmt::format("{}: {} cannot be read or judged ({}); paths count from the folder"
                               " of {}",
                               file_, files_[i].path, answer.error().what, file_)};
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
