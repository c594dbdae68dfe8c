// SPDX-License-Identifier: Apache-2.0
#include "policy/base/log.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <mutex>

#include "policy/base/names.h"
#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxValueBytes = 512;

constexpr Name<Severity> kSeverities[] = {
    {Severity::kInfo, "info"}, {Severity::kWarning, "warning"}, {Severity::kError, "error"}};

struct CodeRange {
  char32_t first, last;
};
// What would break a line, move the cursor, turn the direction of reading or hide:
// controls (C0, DEL, C1), bidirectional controls (Unicode TR 9), separators of
// lines, invisible joiners and marks, tags, noncharacters.
constexpr CodeRange kUnsafe[] = {
    {0x00, 0x1F},     {0x7F, 0x9F},     {0xAD, 0xAD},       {0x61C, 0x61C},     {0x180E, 0x180E},
    {0x200B, 0x200F}, {0x2028, 0x202E}, {0x2060, 0x206F},   {0xFEFF, 0xFEFF},   {0xFFF9, 0xFFFB},
    {0xFFFE, 0xFFFF}, {0xFDD0, 0xFDEF}, {0xE0000, 0xE0FFF}, {0xF0000, 0x10FFFF}};

bool IsUnsafe(char32_t code) {
  return std::any_of(std::begin(kUnsafe), std::end(kUnsafe), [code](const CodeRange& range) {
    return code >= range.first && code <= range.last;
  });
}

void AppendEscaped(std::string* out, char32_t code) {
  if (code == '\n') {
    *out += "\\n";
  } else if (code == '\r') {
    *out += "\\r";
  } else if (code == '\t') {
    *out += "\\t";
  } else if (code < 0x80) {
    fmt::format_to(std::back_inserter(*out), "\\x{:02x}", static_cast<unsigned>(code));
  } else {
    fmt::format_to(std::back_inserter(*out), "\\u{{{:x}}}", static_cast<unsigned>(code));
  }
}

// quoted: the characters of our own quoting are escaped too.
std::string Escape(std::string_view text, std::string_view quoted) {
  std::string safe;
  safe.reserve(text.size());
  while (!text.empty()) {
    const Character character = FirstCharacter(text);
    if (character.bytes == 0) {
      fmt::format_to(std::back_inserter(safe), "\\x{:02x}", static_cast<unsigned char>(text[0]));
    } else if (IsUnsafe(character.code)) {
      AppendEscaped(&safe, character.code);
    } else {
      if (quoted.find(text[0]) != std::string_view::npos) safe += '\\';
      safe += text.substr(0, character.bytes);
    }
    text.remove_prefix(std::max<std::size_t>(character.bytes, 1));
  }
  return safe;
}

std::string FormatValue(std::string_view value) {
  const std::string_view shown = CutUtf8(value, kMaxValueBytes);
  std::string safe = Escape(shown, "\"\\");
  if (shown.size() < value.size()) {
    return fmt::format("\"{}... ({} bytes)\"", safe, value.size());
  }
  const bool plain =
      !safe.empty() && safe.size() == value.size() && safe.find_first_of(" =") == std::string::npos;
  return plain ? safe : "\"" + safe + "\"";
}

// Keys are our own words; whatever else comes in cannot break the line either.
std::string FormatKey(std::string_view key) {
  std::string safe(key);
  std::replace_if(
      safe.begin(), safe.end(),
      [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '_' || c == '-' || c == '.');
      },
      '_');
  return safe.empty() ? "_" : safe;
}

// Never destroyed: threads may still log while main returns.
std::mutex& WriteMutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

void WriteWhole(std::string_view line) {
  const std::lock_guard lock(WriteMutex());
  while (!line.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // nobody is left to be told
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

std::string FormatLogLine(Severity severity, std::string_view event,
                          std::initializer_list<LogField> fields) {
  std::string line =
      fmt::format("level={} event={}", NameOf(kSeverities, severity), FormatValue(event));
  for (const LogField& field : fields) {
    line += fmt::format(" {}={}", FormatKey(field.key), FormatValue(field.value));
  }
  return line;
}

void Log(Severity severity, std::string_view event, std::initializer_list<LogField> fields) {
  WriteWhole(FormatLogLine(severity, event, fields) + "\n");
}

std::string EscapeForTerminal(std::string_view text) { return Escape(text, ""); }

}  // namespace clawback
