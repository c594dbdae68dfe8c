// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/office_content.h"

#include <algorithm>
#include <string>

#include "policy/base/text.h"
#include "policy/message/parse/file_type.h"

namespace clawback {
namespace {

using std::string_view_literals::operator""sv;  // NOLINT(misc-unused-using-decls): it is used
using Tell = std::function<void(const OfficeSign&)>;

constexpr std::size_t kLook = 4UL << 20;  // of what is compared without regard to case

bool Has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string Wide(std::string_view ascii) {
  std::string wide;
  for (const char c : ascii) {
    wide += c;
    wide += '\0';
  }
  return wide;
}

// One element of a relationships part: from where it begins to its end.
bool LoadsFromTheWeb(std::string_view element) {
  const bool remote = Has(element, "target=\"http:") || Has(element, "target=\"https:") ||
                      Has(element, "target=\"mhtml:");
  return remote && Has(element, "targetmode=\"external\"");
}

// ECMA-376 part 2, 9.3. Links that readers click are relationships too: those are left.
void Relationships(const std::string& lower, const Tell& tell) {
  for (std::size_t at = lower.find("<relationship "); at != std::string::npos;
       at = lower.find("<relationship ", at + 1)) {
    const std::string_view element = std::string_view(lower).substr(at, lower.find('>', at) - at);
    if (!LoadsFromTheWeb(element)) continue;
    // Firms keep their templates there.
    const bool at_home = Has(element, ".sharepoint.com/");
    if (Has(element, "/attachedtemplate\"") && !at_home) {
      tell({"external-template", 0.5, "loads its template from the web when opened"});
    } else if (Has(element, "/oleobject\"") || Has(element, "/frame\"")) {
      tell({"external-object", 0.6, "loads an object from the web when opened"});
    }
  }
}

// Fields and links that start a program by Dynamic Data Exchange. Services of that name
// for prices and measurements are no programs.
void Dde(const std::string& lower, const Tell& tell) {
  const bool field = Has(lower, "ddeauto ") && (Has(lower, "cmd") || Has(lower, "powershell"));
  const bool link = Has(lower, "ddeservice=\"cmd\"") || Has(lower, "ddeservice=\"powershell\"") ||
                    Has(lower, "ddeservice=\"msexcel\"");
  if (field || link) tell({"dde-command", 0.7, "starts a program by a DDE field"});
}

void Table(const std::string& lower, const Tell& tell) {
  for (const std::string_view start :
       {"=cmd|", "+cmd|", "-cmd|", "@cmd|", "=powershell|", "*cmd|", "=msexcel|"}) {
    if (!Has(lower, start)) continue;
    return tell({"dde-command", 0.7, "starts a program by a formula"});
  }
}

void Rtf(const std::string& lower, const Tell& tell) {
  const bool object = Has(lower, "\\objdata");
  if (object && Has(lower, "\\objupdate")) {
    tell({"rtf-object", 0.6, "has an object that starts when the document is opened"});
  } else if (object && Has(lower, "\\objclass package")) {
    tell({"rtf-object", 0.5, "has a file packed into it"});
  }
  if (Has(lower, "\\*\\template http")) {
    tell({"external-template", 0.5, "loads its template from the web when opened"});
  }
  Dde(lower, tell);
}

// [MS-XLS] 2.4.28: BoundSheet8 of type 1 is a sheet of Excel 4 macros.
bool HasMacroSheet(std::string_view ole) {
  const std::size_t workbook = ole.find("\x09\x08\x10\0\0\x06\x05\0"sv);
  if (workbook == std::string_view::npos) return false;
  for (std::size_t at = ole.find("\x85\0"sv, workbook); at != std::string_view::npos;
       at = ole.find("\x85\0"sv, at + 1)) {
    if (at + 12 > ole.size()) return false;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(ole[at + i]); };
    const std::size_t size = byte(2) + 256U * byte(3);
    const std::size_t wide = byte(11) & 1U;
    const bool fits = size == 8 + byte(10) * (1 + wide) && byte(10) > 0 && byte(10) <= 31;
    if (fits && byte(7) == 0 && byte(8) <= 2 && byte(9) == 1) return true;
  }
  return false;
}

void Ole(std::string_view ole, const Tell& tell) {
  if (Has(ole, Wide("EncryptedPackage")) && Has(ole, Wide("EncryptionInfo"))) {
    tell({"document-encrypted", 1, "is an encrypted document"});
  }
  if (HasMacroSheet(ole)) tell({"macro-sheet", 0.6, "has a sheet of Excel 4 macros"});
  // [MS-OLEDS] 2.3.6; the class of Windows Installer databases.
  if (Has(ole, "\x84\x10\x0C\0\0\0\0\0\xC0\0\0\0\0\0\0\x46"sv)) {
    tell({"installer-attachment", 0.7, "is a Windows installer"});
  }
  const std::size_t package = ole.find(Wide("\x01Ole10Native"));
  if (package == std::string_view::npos) return;
  const std::string lower = LowerAscii(ole.substr(0, kLook));
  for (const std::string_view end : {".exe\0"sv, ".scr\0"sv, ".js\0"sv, ".jse\0"sv, ".vbs\0"sv,
                                     ".hta\0"sv, ".bat\0"sv, ".cmd\0"sv, ".ps1\0"sv, ".lnk\0"sv}) {
    if (!Has(lower, end)) continue;
    return tell({"embedded-package", 0.7, "has a program or script packed into it"});
  }
}

// [MS-ONESTORE] 2.6.13: FileDataStoreObject, and the length before what it holds.
void Notebook(std::string_view notebook, const Tell& tell) {
  constexpr std::string_view kFile =
      "\xE7\x16\xE3\xBD\x65\x26\x11\x45\xA4\xC4\x8D\x4D\x0B\x7A\x9E\xAC"sv;
  constexpr std::size_t kHeader = 36;
  for (std::size_t at = notebook.find(kFile); at != std::string_view::npos;
       at = notebook.find(kFile, at + 1)) {
    if (at + kHeader > notebook.size()) return;
    const FileType type = FileTypeOf(notebook.substr(at + kHeader, 64UL << 10));
    const bool runs = type == FileType::kWindowsProgram || type == FileType::kScript ||
                      type == FileType::kShortcut || type == FileType::kHtmlApplication ||
                      type == FileType::kEicar;
    if (runs) return tell({"notebook-program", 0.9, "is a notebook with a program in it"});
  }
}

void Shortcut(const std::string& lower, const Tell& tell) {
  const std::size_t at = lower.find("url=");
  if (at == std::string::npos) return;
  const std::string_view target = std::string_view(lower).substr(at + 4, 16);
  if (target.substr(0, 5) == "file:" || target.substr(0, 2) == "\\\\") {
    tell({"internet-shortcut", 0.7, "is a shortcut to a file on another computer"});
  }
}

}  // namespace

// [MS-OVBA] 2.2.1: the storage of a VBA project; names in OLE are UTF-16.
bool HasMacros(std::string_view ole) {
  return ole.find(Wide("_VBA_PROJECT")) != std::string_view::npos;
}

// Procedures that Office calls when a document is opened or closed. The module's
// stream is compressed, but a name at its first use stands there as it is.
bool StartsByItself(std::string_view ole) {
  for (const std::string_view name :
       {"AutoOpen", "Auto_Open", "AutoExec", "AutoClose", "Auto_Close", "Document_Open",
        "DocumentOpen", "Document_Close", "Workbook_Open", "Workbook_Activate",
        "Workbook_BeforeClose"}) {
    if (ole.find(name) != std::string_view::npos) return true;
  }
  return false;
}

void FindOfficeSigns(std::string_view name, std::string_view content, const Tell& tell) {
  const std::string path = LowerAscii(name);
  if (Has(path, "xl/macrosheets/")) tell({"macro-sheet", 0.6, "is a sheet of Excel 4 macros"});
  const bool markup = EndsWith(path, ".rels") || EndsWith(path, ".xml");
  const FileType type = FileTypeOf(content);
  if (type == FileType::kOle) return Ole(content, tell);
  if (content.substr(0, 8) == "\xE4\x52\x5C\x7B\x8C\xD8\xA7\x4D"sv) return Notebook(content, tell);
  if (content.substr(0, 4) == "ITSF") {
    return tell({"help-file", 0.6, "is a compiled help file, which can start programs"});
  }
  const bool table = EndsWith(path, ".csv") || EndsWith(path, ".slk");
  const bool shortcut = content.substr(0, 64).find("[InternetShortcut]") != std::string_view::npos;
  if (!markup && !table && !shortcut && type != FileType::kRtf) return;
  const std::string lower = LowerAscii(content.substr(0, kLook));
  if (EndsWith(path, ".rels")) Relationships(lower, tell);
  if (EndsWith(path, ".xml")) Dde(lower, tell);
  if (table) Table(lower, tell);
  if (shortcut) Shortcut(lower, tell);
  if (type == FileType::kRtf) Rtf(lower, tell);
}

}  // namespace clawback
