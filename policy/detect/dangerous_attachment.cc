// SPDX-License-Identifier: Apache-2.0
// Attachments that do harm when opened, by what they are and not by what they are
// called: programs, scripts, shortcuts, disk images, documents whose macros start by
// themselves, and the same in archives and in archives in them.
#include <algorithm>
#include <string>
#include <utility>

#include "policy/base/digest.h"
#include "policy/base/text.h"
#include "policy/detect/archive.h"
#include "policy/detect/archive_findings.h"
#include "policy/detect/detector.h"
#include "policy/detect/file_name.h"
#include "policy/detect/office_content.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/message/parse/file_type.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"executable-attachment", "eicar-test-file",
                                         "script-attachment",     "shortcut-attachment",
                                         "html-application",      "disk-image-attachment",
                                         "macro-document",        "auto-macro-document",
                                         "installer-attachment",  "disguised-attachment",
                                         "archive-unreadable",    "archive-too-many-entries",
                                         "archive-encrypted",     "archive-too-deep",
                                         "archive-ratio",         "archive-too-large",
                                         "archive-work",          "archive-encrypted-with-password",
                                         "external-template",     "external-object",
                                         "dde-command",           "rtf-object",
                                         "macro-sheet",           "document-encrypted",
                                         "embedded-package",      "notebook-program",
                                         "internet-shortcut",     "help-file",
                                         "blocked-hash"};

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
constexpr double kBlockedHash = 1;  // that very file, as somebody listed it
// Bytes of archived files; what that costs is counted as work too.
constexpr std::uint64_t kHashed = 64UL << 20;

bool IsAnyFileListed(const std::vector<JudgeLists>& lists) {
  return std::any_of(lists.begin(), lists.end(), [](const JudgeLists& each) {
    return each.index.Count(ListKind::kBlockedHashes) > 0;
  });
}

// Something that is run, named so that people read another extension.
bool NameDeceives(std::string_view name) {
  const NameTrick trick = TrickOf(name);
  if (trick == NameTrick::kDirectionOverride) return true;
  const std::string last = Extension(name);
  return trick == NameTrick::kDoubleExtension &&
         (IsProgramExtension(last) || IsScriptExtension(last));
}

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && EqualIgnoringCase(text.substr(text.size() - end.size()), end);
}

bool IsDeclaredHarmless(const MessagePart& part) {
  const std::string& type = part.type;
  return type.rfind("image/", 0) == 0 || type.rfind("text/", 0) == 0 ||
         type.rfind("audio/", 0) == 0 || type.rfind("video/", 0) == 0 ||
         type == "application/pdf" || type == "application/msword" ||
         type.rfind("application/vnd.ms-excel", 0) == 0 ||
         type.rfind("application/vnd.openxmlformats", 0) == 0;
}

// Pictures, and what the text of a document is written in, are no files to be learned of
// later, and documents are full of them.
bool IsHunted(const ArchivedFile& file) {
  constexpr std::size_t kMark = 16;
  if (file.head.empty() || FileTypeOf(file.head.substr(0, kMark)) == FileType::kImage) return false;
  const std::string extension = Extension(file.path);
  return (extension != "xml" && extension != "rels") ||
         !Trim(file.head.substr(0, kMark)).starts_with('<');
}

// One part of the message, and what is in it.
class Inspection : public ArchiveVisitor {
 public:
  Inspection(const Message& message, std::size_t index, const DetectionContext& context,
             std::vector<Finding>* findings)
      : message_(message),
        index_(index),
        part_(message.parts[index]),
        lists_(context.lists),
        digests_(context.digests),
        findings_(findings) {}

  void Run(ArchiveBudget* budget) {
    const FileType type = FileTypeOf(part_.content);
    if (!IsBodyText() && IsAnyFileListed(lists_)) {
      Listed(digests_.OfPart(index_), "");
    }
    if (IsBodyText() && type != FileType::kEicar) return;
    const bool dangerous = AddDanger(type, part_.content, part_.file_name, "");
    if (type == FileType::kOle) Ole(part_.content, "");
    AddOfficeSigns(part_.file_name, part_.content, "");
    if (IsArchive(part_.content)) Archive(type, budget);
    if (dangerous) Disguise(type);
  }

 private:
  // What is read and not opened: a script in it is an example, not an attachment.
  bool IsBodyText() const {
    return part_.type.rfind("text/", 0) == 0 && !part_.attachment && part_.file_name.empty();
  }

  // path: of a file in the archive that the part is; empty for the part itself.
  void Add(std::string_view reason, double weight, std::string evidence, std::string_view path) {
    findings_->push_back(
        {std::string(reason), Indication::kMalware, weight, std::move(evidence), PlaceOf(path)});
  }

  void Listed(const std::string& sha256, std::string_view path) {
    const ListKey key = ListKeyOf(sha256);
    for (const JudgeLists& lists : lists_) {
      if (!lists.index.Holds(ListKind::kBlockedHashes, key)) continue;
      return Add("blocked-hash", kBlockedHash, "is the listed file " + sha256, path);
    }
  }

  bool AddDanger(FileType type, std::string_view content, std::string_view name,
                 std::string_view path) {
    const std::string extension = Extension(name);
    if (type == FileType::kScript && content.substr(0, 2) == "#!") {
      return false;  // needs to be made executable first; developers mail them
    }
    for (const Danger& danger : kDangers) {
      if (danger.type != type) continue;
      Add(danger.reason, danger.weight, "is " + std::string(Describe(type)) + Declared(), path);
      return true;
    }
    if (type == FileType::kOther && IsScriptExtension(extension)) {
      Add("script-attachment", 0.6, "is run as a script by its name", path);
      return true;
    }
    if (type == FileType::kOle && (extension == "msi" || extension == "msp")) {
      Add("installer-attachment", kNamedProgram, "is a Windows installer", path);
      return true;
    }
    return false;
  }

  void AddOfficeSigns(std::string_view name, std::string_view content, std::string_view path) {
    FindOfficeSigns(name, content, [&](const OfficeSign& sign) {
      if (sign.reason != "document-encrypted") {
        return Add(sign.reason, sign.weight, std::string(sign.says), path);
      }
      findings_->push_back({std::string(sign.reason), Indication::kLimit, sign.weight,
                            std::string(sign.says), PlaceOf(path)});
      if (TellsPassword(message_)) findings_->push_back(PasswordFinding(PlaceOf(path)));
    });
  }

  std::string Declared() const { return ", declared " + part_.type; }

  void Ole(std::string_view content, std::string_view path) {
    if (!HasMacros(content)) return;
    if (StartsByItself(content)) {
      Add("auto-macro-document", kAutoMacro, "has macros that start by themselves", path);
    } else {
      Add("macro-document", kMacro, "has macros", path);
    }
  }

  void Archive(FileType type, ArchiveBudget* budget) {
    // Without its directory most unpackers refuse a ZIP archive: what is seen of it
    // from the front is not all that there may be.
    const auto none = [](const ZipEntry&) {};
    if (type == FileType::kZip &&
        ForEachZipEntry(part_.content, 1, none) == ZipReading::kNoDirectory) {
      OnTrouble(ArchiveTrouble::kUnreadable, "");
    }
    WalkArchive(part_.content, part_.file_name, budget, this);
    if (!encrypted_.empty() && TellsPassword(message_)) {
      findings_->push_back(PasswordFinding(encrypted_));
    }
  }

  std::string PlaceOf(std::string_view path) const {
    const std::string place = PlaceOfPart(message_, index_);
    return path.empty() ? place : PlaceInside(place, path);
  }

  void OnTrouble(ArchiveTrouble trouble, const std::string& path) override {
    findings_->push_back(TroubleFinding(trouble, PlaceOf(path)));
    if (trouble == ArchiveTrouble::kEncrypted) encrypted_ = PlaceOf(path);
  }

  void OnFile(const ArchivedFile& file) override {
    if (file.encrypted && encrypted_.empty()) OnTrouble(ArchiveTrouble::kEncrypted, file.path);
    if (EndsWith(file.path, "vbaProject.bin")) return Ole(file.head, file.path);
    const std::string extension = Extension(file.path);
    const FileType type = FileTypeOf(file.head);
    AddOfficeSigns(file.path, file.head, file.path);
    const bool dangerous = AddDanger(type, file.head, file.path, file.path);
    if (!dangerous && file.head.empty() && (file.encrypted || file.size > 0) &&
        IsProgramExtension(extension)) {
      Add("executable-attachment", kNamedProgram, "is a program by its name", file.path);
    }
    if ((dangerous || file.head.empty()) && NameDeceives(file.path)) {
      Add("disguised-attachment", kDisguise, "hides its extension", file.path);
    }
  }

  bool WantsDigest(const ArchivedFile& file) override {
    hunted_ = IsHunted(file);
    if (hunted_ && !digests_.HasRoom()) {
      digests_.LeaveOut();
      hunted_ = false;
    }
    return hunted_ || IsAnyFileListed(lists_);
  }

  void OnDigest(const ArchivedDigest& digest) override {
    if (hunted_) digests_.AddArchived(digest.sha256);
    Listed(digest.sha256, digest.path);
  }

  void OnDigestLeftOut() override {
    if (hunted_) digests_.LeaveOut();
  }

  void Disguise(FileType type) {
    const bool harmless_name = IsDocumentExtension(Extension(part_.file_name));
    // The test file and scripts are text: text/plain is no lie about them.
    const bool text = type == FileType::kEicar || type == FileType::kScript;
    if (NameDeceives(part_.file_name)) {
      Add("disguised-attachment", kDisguise, "hides its extension", "");
    } else if (!text && (harmless_name || IsDeclaredHarmless(part_))) {
      Add("disguised-attachment", kDisguise, "is " + std::string(Describe(type)) + Declared(), "");
    }
  }

  const Message& message_;
  const std::size_t index_;
  const MessagePart& part_;
  const std::vector<JudgeLists>& lists_;
  FileDigests& digests_;
  std::vector<Finding>* const findings_;
  std::string encrypted_;  // the first encrypted thing in it, empty: none
  bool hunted_ = false;    // the file whose digest comes next
};

class DangerousAttachmentDetector : public Detector {
 public:
  std::string_view name() const override { return "dangerous-attachment"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    ArchiveBudget budget{{.hashed = kHashed}};
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      if (message.parts[i].content.empty()) continue;
      Inspection(message, i, context, findings).Run(&budget);
    }
  }
};

}  // namespace

std::unique_ptr<Detector> NewDangerousAttachmentDetector() {
  return std::make_unique<DangerousAttachmentDetector>();
}

}  // namespace clawback
