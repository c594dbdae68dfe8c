// SPDX-License-Identifier: Apache-2.0
// Attachments that do harm when opened, by what they are and not by what they are
// called: programs, scripts, shortcuts, disk images, documents whose macros start by
// themselves, and the same one level down in a ZIP archive.
#include <algorithm>
#include <array>
#include <string>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/registry.h"
#include "policy/message/parse/file_type.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {
    "executable-attachment", "eicar-test-file",     "script-attachment",
    "shortcut-attachment",   "html-application",    "disk-image-attachment",
    "macro-document",        "auto-macro-document", "installer-attachment",
    "disguised-attachment",  "archive-unreadable",  "archive-too-many-entries",
    "archive-too-large"};

struct Danger {
  FileType type;
  std::string_view reason;
  double weight;
};

// 0.9 and more calls a message malicious by itself: only for what runs as it is.
constexpr Danger kDangers[] = {
    {FileType::kEicar, "eicar-test-file", 1.0},
    {FileType::kWindowsProgram, "executable-attachment", 0.95},
    {FileType::kUnixProgram, "executable-attachment", 0.9},
    {FileType::kMacProgram, "executable-attachment", 0.9},
    {FileType::kShortcut, "shortcut-attachment", 0.8},
    {FileType::kHtmlApplication, "html-application", 0.8},
    {FileType::kScript, "script-attachment", 0.6},
    {FileType::kDiskImage, "disk-image-attachment", 0.5},
};
constexpr double kAutoMacro = 0.9;
constexpr double kMacro = 0.4;  // many offices send them: not enough by itself
constexpr double kNamedProgram = 0.7;
constexpr double kDisguise = 0.6;

constexpr std::size_t kMaxEntries = 10'000;  // design section 6
constexpr std::size_t kHead = 4096;
constexpr std::size_t kMacroBytes = 1UL << 20;
// What the heads of all archives of one message may come to, packed and unpacked. The
// entries of an archive may overlap, so its own size bounds nothing.
constexpr std::size_t kUnpackedBytes = 96UL << 20;

// What Windows runs on a double click.
constexpr std::array<std::string_view, 13> kProgramExtensions = {
    "exe", "scr", "com", "pif", "cpl", "msi", "msp", "lnk", "hta", "jar", "xll", "appx", "gadget"};
constexpr std::array<std::string_view, 12> kScriptExtensions = {
    "js", "jse", "vbs", "vbe", "wsf", "wsh", "wsc", "bat", "cmd", "ps1", "psm1", "sct"};
constexpr std::array<std::string_view, 21> kHarmlessExtensions = {
    "pdf",  "doc", "docx", "xls", "xlsx", "ppt",  "pptx", "txt", "rtf", "csv", "jpg",
    "jpeg", "png", "gif",  "bmp", "tif",  "tiff", "mp3",  "mp4", "wav", "html"};

template <std::size_t N>
bool IsOneOf(const std::string& word, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Windows drops dots and blanks at the end of a name before it looks.
std::string Extension(std::string_view name) {
  name = name.substr(0, name.find_last_not_of(". ") + 1);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string() : LowerAscii(name.substr(dot + 1));
}

// Something Windows runs, named so that people read another extension: a second
// extension, or U+202E, which turns the end of a name around.
bool NameDeceives(std::string_view name) {
  if (name.find("\xE2\x80\xAE") != std::string_view::npos) return true;
  const std::string last = Extension(name);
  if (!IsOneOf(last, kProgramExtensions) && !IsOneOf(last, kScriptExtensions)) return false;
  const std::string_view front = name.substr(0, name.rfind('.'));
  return IsOneOf(Extension(front), kHarmlessExtensions);
}

bool IsDeclaredHarmless(const MessagePart& part) {
  const std::string& type = part.type;
  return type.rfind("image/", 0) == 0 || type.rfind("text/", 0) == 0 ||
         type.rfind("audio/", 0) == 0 || type.rfind("video/", 0) == 0 ||
         type == "application/pdf" || type == "application/msword" ||
         type.rfind("application/vnd.ms-excel", 0) == 0 ||
         type.rfind("application/vnd.openxmlformats", 0) == 0;
}

std::string Wide(std::string_view ascii) {
  std::string wide;
  for (const char c : ascii) {
    wide += c;
    wide += '\0';
  }
  return wide;
}

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

std::string Quoted(std::string_view name) { return "\"" + std::string(CutUtf8(name, 120)) + "\""; }

// One part of the message, with where it stands for the evidence.
class Inspection {
 public:
  // unpacking: how much may still be unpacked of this message's archives.
  Inspection(const MessagePart& part, std::size_t index, std::size_t* unpacking,
             std::vector<Finding>* findings)
      : part_(part), unpacking_(unpacking), findings_(findings) {
    place_ = "part " + std::to_string(index);
    if (!part.file_name.empty()) place_ += " " + Quoted(part.file_name);
  }

  void Run() {
    const FileType type = FileTypeOf(part_.content);
    if (IsBodyText() && type != FileType::kEicar) return;
    const bool dangerous = AddDanger(type, part_.content, part_.file_name, place_);
    if (type == FileType::kOle) Ole(part_.content, place_);
    if (type == FileType::kZip) Zip();
    if (dangerous) Disguise(type);
  }

 private:
  // What is read and not opened: a script in it is an example, not an attachment.
  bool IsBodyText() const {
    return part_.type.rfind("text/", 0) == 0 && !part_.attachment && part_.file_name.empty();
  }

  void Add(std::string_view reason, double weight, std::string evidence) {
    findings_->push_back({std::string(reason), Indication::kMalware, weight, std::move(evidence)});
  }

  bool AddDanger(FileType type, std::string_view content, std::string_view name,
                 const std::string& place) {
    const std::string extension = Extension(name);
    if (type == FileType::kScript && content.substr(0, 2) == "#!") {
      return false;  // needs to be made executable first; developers mail them
    }
    for (const Danger& danger : kDangers) {
      if (danger.type != type) continue;
      Add(danger.reason, danger.weight, place + " is " + std::string(Describe(type)) + Declared());
      return true;
    }
    if (type == FileType::kOther && IsOneOf(extension, kScriptExtensions)) {
      Add("script-attachment", 0.6, place + " is run as a script by its name");
      return true;
    }
    if (type == FileType::kOle && (extension == "msi" || extension == "msp")) {
      Add("installer-attachment", kNamedProgram, place + " is a Windows installer");
      return true;
    }
    return false;
  }

  std::string Declared() const { return ", declared " + part_.type; }

  void Ole(std::string_view content, const std::string& place) {
    if (!HasMacros(content)) return;
    if (StartsByItself(content)) {
      Add("auto-macro-document", kAutoMacro, place + " has macros that start by themselves");
    } else {
      Add("macro-document", kMacro, place + " has macros");
    }
  }

  void Zip() {
    std::size_t count = 0;
    const bool unpacked = *unpacking_ > 0;
    const ZipReading reading =
        ForEachZipEntry(part_.content, kMaxEntries, [&](const ZipEntry& entry) {
          Entry(entry);
          ++count;
        });
    if (reading == ZipReading::kTooManyEntries) {
      Hidden("archive-too-many-entries", place_ + " has more than 10000 entries");
    }
    if (*unpacking_ == 0 && unpacked) {
      Hidden("archive-too-large", place_ + " is too large to unpack the head of every entry");
    }
    if (reading == ZipReading::kNoDirectory || count == 0) {
      if (part_.content.size() > 22) Hidden("archive-unreadable", place_ + " has no directory");
    }
  }

  void Hidden(std::string_view reason, std::string evidence) {
    findings_->push_back({std::string(reason), Indication::kLimit, 1, std::move(evidence)});
  }

  // Stops for good at the message's limit: *unpacking_ is then 0.
  std::string Unpack(const ZipEntry& entry, std::size_t max) {
    if (*unpacking_ == 0) return {};
    std::string head = HeadOf(entry, max);
    const std::size_t read = std::min(entry.packed.size(), head.size() < max ? 4 * max : max);
    *unpacking_ -= std::min(*unpacking_, read + head.size());
    return head;
  }

  void Entry(const ZipEntry& entry) {
    const std::string place = place_ + ", in it " + Quoted(entry.name);
    const std::string extension = Extension(entry.name);
    const bool macros =
        entry.name.size() >= 14 &&
        EqualIgnoringCase(std::string_view(entry.name).substr(entry.name.size() - 14),
                          "vbaProject.bin");
    const std::string head = Unpack(entry, macros ? kMacroBytes : kHead);
    if (macros) return Ole(head, place);
    const FileType type = FileTypeOf(head);
    const bool dangerous = AddDanger(type, head, entry.name, place);
    const bool something = entry.size > 0 || !entry.packed.empty();
    if (!dangerous && head.empty() && something && IsOneOf(extension, kProgramExtensions)) {
      Add("executable-attachment", kNamedProgram, place + " is a program by its name");
    }
    if ((dangerous || head.empty()) && NameDeceives(entry.name)) {
      Add("disguised-attachment", kDisguise, place + " hides its extension");
    }
  }

  void Disguise(FileType type) {
    const bool harmless_name = IsOneOf(Extension(part_.file_name), kHarmlessExtensions);
    // The test file and scripts are text: text/plain is no lie about them.
    const bool text = type == FileType::kEicar || type == FileType::kScript;
    if (NameDeceives(part_.file_name)) {
      Add("disguised-attachment", kDisguise, place_ + " hides its extension");
    } else if (!text && (harmless_name || IsDeclaredHarmless(part_))) {
      Add("disguised-attachment", kDisguise,
          place_ + " is " + std::string(Describe(type)) + Declared());
    }
  }

  const MessagePart& part_;
  std::size_t* const unpacking_;
  std::vector<Finding>* const findings_;
  std::string place_;
};

class DangerousAttachmentDetector : public Detector {
 public:
  std::string_view name() const override { return "dangerous-attachment"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext&,
               std::vector<Finding>* findings) const override {
    std::size_t unpacking = kUnpackedBytes;
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      if (message.parts[i].content.empty()) continue;
      Inspection(message.parts[i], i, &unpacking, findings).Run();
    }
  }
};

}  // namespace

std::unique_ptr<Detector> NewDangerousAttachmentDetector() {
  return std::make_unique<DangerousAttachmentDetector>();
}

}  // namespace clawback
