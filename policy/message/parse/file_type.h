// SPDX-License-Identifier: Apache-2.0
// What a file is by its bytes, whatever its name and declared type say.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_FILE_TYPE_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_FILE_TYPE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace clawback {

enum class FileType {
  kOther,
  kWindowsProgram,  // PE
  kUnixProgram,     // ELF
  kMacProgram,      // Mach-O
  kScript,          // #!, batch, PowerShell, VBScript, JScript by content
  kShortcut,        // .lnk
  kHtmlApplication,
  kDiskImage,  // ISO 9660, VHD, VHDX
  kOle,        // Office before 2007, MSI
  kZip,        // and what is made of it: OOXML, JAR
  kRtf,
  kPdf,
  kImage,
  kEicar,  // the harmless test file of the anti-virus makers
};

// For people: "a Windows program".
std::string_view Describe(FileType type);

// Looks at the first bytes and a few fixed places; never at more than 64 KiB.
FileType FileTypeOf(std::string_view content);

// One entry of a ZIP archive's central directory (APPNOTE.TXT 4.3.12).
struct ZipEntry {
  std::string name;
  bool encrypted = false;
  std::uint64_t size = 0;  // as the directory says
};

enum class ZipReading { kNoDirectory, kWhole, kTooManyEntries };
// Calls visit for at most max entries. Bounded by the archive's own size.
ZipReading ForEachZipEntry(std::string_view archive, std::size_t max,
                           const std::function<void(const ZipEntry&)>& visit);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_FILE_TYPE_H_
