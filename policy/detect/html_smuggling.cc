// SPDX-License-Identifier: Apache-2.0
// HTML that builds a file in the browser: nothing dangerous is attached, a script makes
// it from text when the page is opened.
#include <algorithm>
#include <array>
#include <string>

#include "policy/base/text.h"
#include "policy/detect/archive.h"
#include "policy/detect/detector.h"
#include "policy/detect/file_name.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/message/parse/file_type.h"
#include "policy/message/parse/transfer_encoding.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"html-smuggling", "html-smuggled-file",
                                         "script-with-payload"};
constexpr double kSmuggling = 0.7;
constexpr double kSmuggled = 0.95;  // the file was seen, and it runs or unpacks
constexpr double kPayload = 0.4;

constexpr std::size_t kLongText = 1024;  // of base64 without a break
constexpr std::size_t kHeadOfText = 56UL << 10;

// Lower case, as the scripts are compared.
constexpr std::array<std::string_view, 5> kBuilders = {
    "createobjecturl", "mssaveoropenblob", "mssaveblob", "new blob(", "showsavefilepicker"};
constexpr std::array<std::string_view, 5> kDecoders = {"atob(", "uint8array", "fromcharcode",
                                                       "unescape(", "frombase64"};

template <std::size_t N>
std::string_view FirstOf(std::string_view text, const std::array<std::string_view, N>& words) {
  for (const std::string_view word : words) {
    if (text.find(word) != std::string_view::npos) return word;
  }
  return {};
}

bool IsBase64(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/' || c == '=';
}

// The longest run of base64.
std::string_view LongestText(std::string_view script) {
  std::string_view longest;
  for (std::size_t at = 0; at < script.size();) {
    std::size_t end = at;
    while (end < script.size() && IsBase64(script[end])) ++end;
    if (end - at > longest.size()) longest = script.substr(at, end - at);
    at = end + 1;
  }
  return longest;
}

// What stands in script elements, in their order.
std::string ScriptsOf(std::string_view html, std::string_view lower) {
  std::string scripts;
  for (std::size_t at = lower.find("<script"); at != std::string_view::npos;
       at = lower.find("<script", at)) {
    const std::size_t end = std::min(lower.find("</script", at), html.size());
    scripts.append(html.substr(at, end - at)) += '\n';
    at = end;
  }
  return scripts;
}

bool IsPage(const MessagePart& part) {
  if (part.type == "text/html" || part.type == "image/svg+xml") return true;
  const std::string extension = Extension(part.file_name);
  for (const std::string_view page : {"htm", "html", "shtml", "xhtml", "svg", "xht"}) {
    if (extension == page) return true;
  }
  return false;
}

class HtmlSmugglingDetector : public Detector {
 public:
  std::string_view name() const override { return "html-smuggling"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext&,
               std::vector<Finding>* findings) const override {
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      if (IsPage(message.parts[i])) Judge(message, i, findings);
    }
  }

 private:
  static void Judge(const Message& message, std::size_t index, std::vector<Finding>* findings) {
    const std::string_view html = message.parts[index].content;
    const std::string scripts = ScriptsOf(html, LowerAscii(html));
    if (scripts.empty()) return;
    const std::string lower = LowerAscii(scripts);
    const std::string_view builder = FirstOf(lower, kBuilders);
    const std::string_view decoder = FirstOf(lower, kDecoders);
    const std::string_view text = LongestText(scripts);
    const bool long_text = text.size() >= kLongText;
    const auto add = [&](std::string_view reason, Indication indication, double weight) {
      std::string evidence = "its script holds " + std::to_string(text.size());
      evidence.append(" characters of base64, ").append(decoder).append(" ").append(builder);
      findings->push_back({std::string(reason), indication, weight, std::move(evidence),
                           PlaceOfPart(message, index)});
    };
    if (!builder.empty() && (!decoder.empty() || long_text)) {
      add("html-smuggling", Indication::kMalware, kSmuggling);
    } else if (!decoder.empty() && long_text) {
      add("script-with-payload", Indication::kPhishing, kPayload);
    }
    if (!builder.empty() || !decoder.empty()) SmuggledFile(message, index, text, findings);
  }

  static void SmuggledFile(const Message& message, std::size_t index, std::string_view text,
                           std::vector<Finding>* findings) {
    const std::string file = DecodeTransfer(text.substr(0, kHeadOfText), TransferEncoding::kBase64);
    const FileType type = FileTypeOf(file);
    const bool runs = type == FileType::kWindowsProgram || type == FileType::kUnixProgram ||
                      type == FileType::kMacProgram || type == FileType::kShortcut ||
                      type == FileType::kEicar || type == FileType::kHtmlApplication ||
                      type == FileType::kDiskImage;
    const bool unpacks = text.size() >= 128 && IsArchive(file);
    if (!runs && !unpacks) return;
    findings->push_back({"html-smuggled-file", Indication::kMalware, kSmuggled,
                         "the base64 in its script is " +
                             (runs ? std::string(Describe(type)) : std::string("an archive")),
                         PlaceOfPart(message, index)});
  }
};

}  // namespace

std::unique_ptr<Detector> NewHtmlSmugglingDetector() {
  return std::make_unique<HtmlSmugglingDetector>();
}

}  // namespace clawback
