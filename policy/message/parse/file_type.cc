// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/file_type.h"

#include <algorithm>

#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr std::size_t kLook = 64UL << 10;

bool Begins(std::string_view content, std::string_view magic, std::size_t at = 0) {
  return content.size() >= at + magic.size() && content.substr(at, magic.size()) == magic;
}

std::uint32_t Little32(std::string_view content, std::size_t at) {
  if (content.size() < at + 4) return 0;
  std::uint32_t value = 0;
  for (std::size_t i = 4; i-- > 0;)
    value = (value << 8U) | static_cast<unsigned char>(content[at + i]);
  return value;
}

// "MZ" alone begins many a text; a program has its PE header where it says.
bool IsWindowsProgram(std::string_view content) {
  using std::string_view_literals::operator""sv;
  if (!Begins(content, "MZ") || content.size() < 64) return false;
  const std::uint32_t header = Little32(content, 0x3C);
  if (Begins(content, "PE\0\0"sv, header)) return true;
  if (Begins(content, "NE", header) || Begins(content, "LE", header)) return true;
  // A header beyond what was unpacked: believe a DOS stub.
  return content.substr(0, 256).find("This program ") != std::string_view::npos;
}

// Java classes share the fat Mach-O's magic; there the next number is a version >= 45.
bool IsMacProgram(std::string_view content) {
  using std::string_view_literals::operator""sv;
  for (const auto magic :
       {"\xFE\xED\xFA\xCE"sv, "\xFE\xED\xFA\xCF"sv, "\xCE\xFA\xED\xFE"sv, "\xCF\xFA\xED\xFE"sv}) {
    if (Begins(content, magic)) return true;
  }
  return Begins(content, "\xCA\xFE\xBA\xBE\0\0\0"sv) && content.size() > 8 && content[7] < 20;
}

// The text of the EICAR test file, in two pieces so that this source is not one.
bool IsEicar(std::string_view content) {
  static const std::string mark =
      std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$") + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
  // Its makers' definition: at the front, and nothing but white space behind.
  return Begins(content, mark) && content.size() <= 128 + mark.size();
}

bool IsText(std::string_view content) { return content.find('\0') == std::string_view::npos; }

// Lines that only a script has at their front, in languages that Windows runs on a
// double click or that are passed to an interpreter.
bool IsForScriptHost(std::string_view head) {
  // By its rarest letter, because letters are what a text is made of.
  for (std::size_t at = head.find('x'); at != std::string_view::npos; at = head.find('x', at + 1)) {
    constexpr std::string_view kMark = "new activexobject(";
    constexpr std::size_t kBefore = kMark.find('x');
    if (at >= kBefore && head.substr(at - kBefore, kMark.size()) == kMark) return true;
  }
  for (std::size_t at = head.find("wscript."); at != std::string_view::npos;
       at = head.find("wscript.", at + 1)) {
    const std::string_view object = head.substr(at + 8);
    if (Begins(object, "shell") || Begins(object, "createobject")) return true;
  }
  return false;
}

bool IsScript(std::string_view content) {
  if (Begins(content, "#!") && content.substr(0, 256).find('/') != std::string_view::npos)
    return true;
  if (!IsText(content.substr(0, 4096))) return false;
  const std::string head = LowerAscii(content.substr(0, 4096));
  const std::string_view front = Trim(head);
  if (Begins(front, "@echo off") || Begins(front, "<job") || Begins(front, "<package>"))
    return true;
  const bool markup = front.substr(0, 1) == "<";
  if (!markup && IsForScriptHost(head)) return true;
  return Begins(front, "powershell") &&
         (head.find(" -enc") != std::string::npos || head.find(" -e ") != std::string::npos ||
          head.find("iex") != std::string::npos || head.find("hidden") != std::string::npos);
}

bool IsHtmlApplication(std::string_view content) {
  constexpr std::string_view kMark = "<hta:application";
  const std::string_view head = content.substr(0, kLook);
  for (std::size_t at = head.find(':'); at != std::string_view::npos; at = head.find(':', at + 1)) {
    const std::size_t before = kMark.find(':');
    if (at >= before && EqualIgnoringCase(head.substr(at - before, kMark.size()), kMark))
      return true;
  }
  return false;
}

bool IsDiskImage(std::string_view content) {
  if (Begins(content, "CD001", 0x8001) || Begins(content, "vhdxfile")) return true;
  return Begins(content, "conectix") ||
         (content.size() > 512 && Begins(content, "conectix", content.size() - 512));
}

}  // namespace

std::string_view Describe(FileType type) {
  switch (type) {
    case FileType::kOther:
      return "a file";
    case FileType::kWindowsProgram:
      return "a Windows program";
    case FileType::kUnixProgram:
      return "a Unix program";
    case FileType::kMacProgram:
      return "a macOS program";
    case FileType::kScript:
      return "a script";
    case FileType::kShortcut:
      return "a Windows shortcut";
    case FileType::kHtmlApplication:
      return "an HTML application";
    case FileType::kDiskImage:
      return "a disk image";
    case FileType::kOle:
      return "an OLE document";
    case FileType::kZip:
      return "a ZIP archive";
    case FileType::kRtf:
      return "an RTF document";
    case FileType::kPdf:
      return "a PDF document";
    case FileType::kImage:
      return "a picture";
    case FileType::kEicar:
      return "the EICAR test file";
  }
  return "a file";
}

FileType FileTypeOf(std::string_view content) {
  using std::string_view_literals::operator""sv;
  if (IsEicar(content)) return FileType::kEicar;
  if (IsWindowsProgram(content)) return FileType::kWindowsProgram;
  if (Begins(content,
             "\x7F"
             "ELF"))
    return FileType::kUnixProgram;
  if (IsMacProgram(content)) return FileType::kMacProgram;
  // [MS-SHLLINK] 2.1: header size and class id.
  if (Begins(content, "\x4C\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0"sv)) return FileType::kShortcut;
  if (Begins(content, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")) return FileType::kOle;
  if (Begins(content, "PK\x03\x04") || Begins(content, "PK\x05\x06")) return FileType::kZip;
  if (Begins(content, "{\\rtf")) return FileType::kRtf;
  if (content.substr(0, 1024).find("%PDF-") != std::string_view::npos) return FileType::kPdf;
  if (Begins(content, "\x89PNG\r\n") || Begins(content, "\xFF\xD8\xFF") ||
      Begins(content, "GIF8")) {
    return FileType::kImage;
  }
  if (IsDiskImage(content)) return FileType::kDiskImage;
  if (IsHtmlApplication(content)) return FileType::kHtmlApplication;
  if (IsScript(content)) return FileType::kScript;
  return FileType::kOther;
}

}  // namespace clawback
