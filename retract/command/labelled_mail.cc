// SPDX-License-Identifier: Apache-2.0
#include "retract/command/labelled_mail.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <utility>

#include "retract/command/classify_input.h"
#include "retract/command/in_order.h"

namespace clawback {
namespace {

const std::map<std::string, MailLabel, std::less<>>& LabelWords() {
  static const std::map<std::string, MailLabel, std::less<>> words = {
      {"ham", MailLabel::kWanted},     {"bulk", MailLabel::kWanted},
      {"spam", MailLabel::kSpam},      {"scam", MailLabel::kSpam},
      {"phish", MailLabel::kPhishing}, {"malware", MailLabel::kPhishing}};
  return words;
}

std::vector<std::string> Columns(const std::string& line) {
  std::vector<std::string> columns;
  for (std::size_t at = 0; at <= line.size();) {
    const std::size_t tab = std::min(line.find('\t', at), line.size());
    columns.push_back(line.substr(at, tab - at));
    at = tab + 1;
  }
  return columns;
}

Result<LabelledFile> ReadLine(const std::string& line, const std::string& folder) {
  const std::vector<std::string> columns = Columns(line);
  if (columns.size() < 2 || columns[0].empty()) {
    return Error{ErrorKind::kInvalid, "expected path<TAB>label[<TAB>source]"};
  }
  const auto label = LabelWords().find(columns[1]);
  if (label == LabelWords().end()) {
    return Error{
        ErrorKind::kInvalid,
        fmt::format("\"{}\": expected ham, bulk, spam, scam, phish or malware", columns[1])};
  }
  return LabelledFile{(std::filesystem::path(folder) / columns[0]).string(), label->second,
                      columns.size() > 2 ? columns[2] : std::string()};
}

struct SeenFile {
  MailLabel label;
  int line = 0;
};
using SeenFiles = std::map<std::string, SeenFile>;

// A message counts once; one that is labelled both ways teaches nothing.
Result<bool> IsFirst(const LabelledFile& file, int line, SeenFiles* seen) {
  const std::string path = std::filesystem::path(file.path).lexically_normal().string();
  const auto [at, first] = seen->try_emplace(path, SeenFile{file.label, line});
  if (!first && at->second.label != file.label) {
    return Error{ErrorKind::kInvalid,
                 fmt::format("\"{}\" has another label in line {}; take one out", file.path,
                             at->second.line)};
  }
  return first;
}

Result<Judgement> Ask(const std::string& path, Question question, JudgePool* pool) {
  const Result<ReportBytes> bytes = ReadReportFile(path);
  if (!bytes) return bytes.error();
  JudgeRequest request;
  request.question = question;
  return JudgePatiently(*bytes, request, pool);
}

}  // namespace

Result<std::vector<LabelledFile>> ReadLabels(const std::string& file, const std::string& folder) {
  errno = 0;
  std::ifstream stream(file);
  if (!stream) {
    return Error{ErrorKind::kNotFound, fmt::format("{}: {}", file, std::strerror(errno))};
  }
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // spreadsheets write one
  std::vector<LabelledFile> files;
  SeenFiles seen;
  std::string line;
  for (int number = 1; std::getline(stream, line); ++number) {
    if (number == 1 && line.starts_with(kByteOrderMark)) line.erase(0, kByteOrderMark.size());
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || (number == 1 && line.rfind("path\t", 0) == 0)) continue;
    Result<LabelledFile> read = ReadLine(line, folder);
    if (!read) return Within(fmt::format("{}:{}", file, number), read.error());
    Result<bool> first = IsFirst(*read, number, &seen);
    if (!first) return Within(fmt::format("{}:{}", file, number), first.error());
    if (*first) files.push_back(std::move(*read));
  }
  if (files.empty()) {
    return Error{ErrorKind::kInvalid, fmt::format("{}: no line names a message", file)};
  }
  return files;
}

Result<std::vector<Result<Judgement>>> AskAbout(const std::vector<LabelledFile>& files,
                                                Question question, const JudgePoolOptions& judges,
                                                Progress* progress) {
  Result<std::unique_ptr<JudgePool>> pool = JudgePool::Start(judges);
  if (!pool) return pool.error();
  std::vector<Result<Judgement>> answers;
  answers.reserve(files.size());
  const auto next = [&, i = std::size_t{0}]() mutable -> std::optional<std::string> {
    if (i == files.size()) return std::nullopt;
    return files[i++].path;
  };
  const auto work = [&](const std::string& path) { return Ask(path, question, pool->get()); };
  InOrder<Result<Judgement>>::Run(judges.workers, next, work, [&](const Result<Judgement>& answer) {
    answers.push_back(answer);
    const std::string_view doing = question == Question::kFeatures ? "reading" : "judging";
    progress->Tell(doing, answers.size(), files.size(), "messages");
  });
  return answers;
}

}  // namespace clawback
