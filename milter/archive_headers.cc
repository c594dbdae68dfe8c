// SPDX-License-Identifier: Apache-2.0
#include "milter/archive_headers.h"

#include <fmt/format.h>

#include <algorithm>

#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr std::string_view kReserved = "x-clawback-";
constexpr std::size_t kLongestValue = 900;  // RFC 5322 2.1.1, with the name before it
constexpr std::size_t kLongestReason = 64;

// Reasons are words of ours, but they come out of a process that reads hostile mail.
std::string Word(std::string_view text) {
  std::string word(text.substr(0, kLongestReason));
  std::replace_if(
      word.begin(), word.end(),
      [](char c) {
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        return !letter && !(c >= '0' && c <= '9') && c != '-' && c != '_' && c != '.';
      },
      '?');
  return word.empty() ? "?" : word;
}

std::string FindingsText(const std::vector<Finding>& findings) {
  if (findings.empty()) return "none";
  std::string text;
  for (std::size_t i = 0; i < findings.size(); ++i) {
    const double weight = std::clamp(findings[i].weight, 0.0, 1.0);
    const std::string one =
        fmt::format("{}{}={:.2f}", i == 0 ? "" : ", ", Word(findings[i].reason), weight);
    const std::string rest = fmt::format(", and {} more", findings.size() - i);
    if (text.size() + one.size() + rest.size() > kLongestValue) return text + rest;
    text += one;
  }
  return text;
}

}  // namespace

void ReservedHeaders::See(std::string_view name) {
  const std::string known = LowerAscii(Trim(name));
  if (known.compare(0, kReserved.size(), kReserved) != 0) return;
  if (++count_ <= kMost) ++seen_[known];
}

std::vector<HeaderEdit> ReservedHeaders::Removals() const {
  std::vector<HeaderEdit> edits;
  for (const auto& [name, times] : seen_) {
    for (int index = times; index > 0; --index) edits.push_back({name, index, ""});
  }
  return edits;
}

std::vector<HeaderEdit> MarksOf(const Decision& decision, const Verdict& verdict) {
  const bool decided = decision.handling == Handling::kDecided;
  const std::string_view disposition =
      decided ? ToString(verdict.disposition) : ToString(decision.handling);
  std::vector<HeaderEdit> marks = {{"X-Clawback-Findings", 0, FindingsText(verdict.findings)},
                                   {"X-Clawback-Disposition", 0, std::string(disposition)}};
  if (!verdict.attributes.empty()) {
    marks.push_back({"X-Clawback-Attributes", 0, JoinWords(verdict.attributes)});
  }
  return marks;
}

}  // namespace clawback
