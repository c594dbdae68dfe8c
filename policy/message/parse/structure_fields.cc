// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/structure_fields.h"

#include "policy/base/text.h"
#include "policy/message/parse/header_block.h"

namespace clawback {
namespace {

constexpr std::size_t kLarge = 256UL << 10;

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

// "Name:", with nothing between the two.
bool IsField(std::string_view line) {
  std::size_t end = 0;
  while (end < line.size() && IsNameCharacter(line[end])) ++end;
  return end > 0 && end < line.size() && line[end] == ':';
}

bool IsContentField(std::string_view line) {
  constexpr std::string_view kContent = "content-";
  return EqualIgnoringCase(line.substr(0, kContent.size()), kContent);
}

// Ends in LF or CR LF, and holds neither CR nor NUL before.
bool IsPlain(std::string_view line) {
  if (!line.ends_with('\n')) return false;
  line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
  return line.find('\r') == std::string_view::npos && line.find('\0') == std::string_view::npos;
}

// Goes on with the field before, and not with blanks alone.
bool Continues(std::string_view text) {
  return (text[0] == ' ' || text[0] == '\t') && !Trim(text).empty();
}

}  // namespace

std::optional<std::string> WithoutOtherFields(std::string_view bytes) {
  if (bytes.size() > kLarge) return std::nullopt;
  std::string kept;
  kept.reserve(bytes.size());
  bool keeps = false;  // the field that a line goes on with
  for (std::size_t at = 0; at < bytes.size();) {
    const Line line = LineAt(bytes, at);
    const std::string_view whole = bytes.substr(at, line.next - at);
    if (!IsPlain(whole)) return std::nullopt;
    if (line.text.empty()) {
      if (kept.empty()) return std::nullopt;
      return kept.append(bytes.substr(at));
    }
    if (IsField(line.text)) {
      keeps = kept.empty() || IsContentField(line.text);
    } else if (at == 0 || !Continues(line.text)) {
      return std::nullopt;
    }
    if (keeps) kept.append(whole);
    at = line.next;
  }
  return std::nullopt;
}

}  // namespace clawback
