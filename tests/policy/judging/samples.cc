// SPDX-License-Identifier: Apache-2.0
#include "tests/policy/judging/samples.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace clawback {

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(file), {}};
}

std::filesystem::path JournalSamples() {
  return std::filesystem::path(CLAWBACK_SOURCE_DIR) / "tests/data/journal";
}

std::string JournalSample(std::string_view prefix) {
  for (const auto& entry : std::filesystem::directory_iterator(JournalSamples())) {
    if (entry.path().filename().string().rfind(prefix, 0) == 0) return ReadFile(entry.path());
  }
  throw std::runtime_error("no sample " + std::string(prefix));
}

std::optional<std::filesystem::path> LargeCorpus() {
  const char* given = std::getenv("CLAWBACK_CORPUS");
  const std::filesystem::path folder =
      given != nullptr ? std::filesystem::path(given)
                       : std::filesystem::path(CLAWBACK_SOURCE_DIR) / "../shared/corpus";
  if (!std::filesystem::exists(folder / "journal/manifest.json")) return std::nullopt;
  return folder;
}

JudgeRequest ProvenRequest() {
  JudgeRequest request;
  request.trust = ChannelTrust::kProven;
  request.tenant = {"contoso", {"contoso.example"}};
  return request;
}

Judgement Judge(std::string_view bytes) { return JudgeBytes(bytes, ProvenRequest()); }

std::string ReportAbout(std::string_view message, std::string_view message_id) {
  const std::string id(message_id);
  return "Content-Type: multipart/mixed;\r\n\tboundary=\"_report_\"\r\nSubject: x\r\n"
         "MIME-Version: 1.0\r\nMessage-ID: <1@journal.report.generator>\r\n"
         "X-MS-Journal-Report:\r\nX-MS-Exchange-Parent-Message-Id:\r\n\t" +
         id +
         "\r\n\r\n--_report_\r\nContent-Type: text/plain; charset=\"us-ascii\"\r\n"
         "Content-Transfer-Encoding: 7bit\r\n\r\nSender: a@sender.example\r\nSubject: x\r\n"
         "Message-Id: " +
         id +
         "\r\nRecipient: alice@contoso.example\r\n\r\n--_report_\r\n"
         "Content-Type: message/rfc822\r\n\r\n" +
         std::string(message) + "\r\n--_report_--\r\n";
}

const Finding* FindReason(const Judgement& judgement, std::string_view reason) {
  for (const Finding& finding : judgement.verdict.findings) {
    if (finding.reason == reason) return &finding;
  }
  return nullptr;
}

}  // namespace clawback
