// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/archive.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <string>
#include <utility>

#include "policy/base/digest.h"
#include "policy/base/text.h"
#include "policy/detect/archive_cost.h"
#include "policy/detect/archive_reader.h"

namespace clawback {
namespace {

constexpr std::size_t kFullHeads = 1'000;       // files whose head may be so long:
constexpr std::size_t kHead = 40UL << 10;       // a disk image says what it is at 32 KiB
constexpr std::size_t kShortHead = 4UL << 10;   // of all others
constexpr std::size_t kMacroBytes = 1UL << 20;  // a VBA project is read further
constexpr std::size_t kSmallestArchive = 22;    // an empty ZIP
constexpr std::size_t kSmallestImage = 48UL << 10;

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// libarchive takes nothing shorter for an image of a disk; systems mount it all the same.
bool IsSmallImage(std::string_view content) {
  constexpr std::string_view kMark = "CD001";
  constexpr std::size_t kMarkAt = 0x8001;
  return content.size() < kSmallestImage && content.size() > kMarkAt &&
         content.substr(kMarkAt).starts_with(kMark);
}

std::string Padded(std::string_view image) {
  std::string padded(image);
  padded.resize(kSmallestImage, '\0');
  return padded;
}

// libarchive has a state for encryption, which its RAR 5 and 7z readers do not set in
// every case; then only the text of the error says it.
bool SaysEncrypted(struct archive* a) {
  if (archive_read_has_encrypted_entries(a) > 0) return true;
  const char* error = archive_error_string(a);
  const std::string_view text = error == nullptr ? "" : error;
  return text.find("ncrypt") != std::string_view::npos ||
         text.find("rypto codec") != std::string_view::npos;
}

std::string NameOf(struct archive_entry* entry) {
  const char* name = archive_entry_pathname(entry);
  if (name == nullptr) name = archive_entry_pathname_utf8(entry);
  return name == nullptr ? "?" : name;
}

// What holds one file and names it nowhere: "a.txt.gz" holds "a.txt", wherever the archive
// itself is. But what is uuencoded says "begin 644 a.txt".
std::string Unpacked(std::string_view archive, std::string_view name) {
  constexpr std::size_t kMostLine = 512;
  if (archive.starts_with("begin")) {
    const std::string_view line = archive.substr(0, std::min(archive.find('\n'), kMostLine));
    const std::size_t mode = std::min(line.find(' '), line.size());
    return std::string(Trim(line.substr(std::min(line.find(' ', mode + 1), line.size()))));
  }
  name = name.substr(name.find_last_of("/\\") + 1);
  return std::string(name.substr(0, name.rfind('.')));
}

class Walk {
 public:
  Walk(ArchiveBudget* budget, ArchiveVisitor* visitor) : budget_(*budget), visitor_(*visitor) {}

  // Whether the walk may go on: false when what the message may spend is spent.
  bool Open(std::string_view bytes, const std::string& path, std::string_view name, int depth) {
    if (depth > budget_.limits.depth) return Trouble(ArchiveTrouble::kTooDeep, path);
    std::string padded;
    if (IsSmallImage(bytes)) bytes = padded = Padded(bytes);
    SevenZipPacking packing;
    if (IsSevenZip(bytes)) packing = PackingOfSevenZip(bytes, &budget_.work);
    if (budget_.work.IsUsedUp()) return Trouble(ArchiveTrouble::kWork, path);
    const OpenedArchive opened = OpenArchive(bytes);
    if (!opened.reader) return Trouble(ArchiveTrouble::kUnreadable, path);
    ArchiveCost cost(opened.reader.get(), bytes, packing);
    budget_.work.Do(cost.OfOpening());
    return Read(opened,
                {opened.reader.get(), bytes.size(), path, Unpacked(bytes, name), depth, &cost});
  }

 private:
  struct Opened {
    struct archive* a;
    std::uint64_t packed;
    std::string path;
    std::string name;  // of the one file in it, where it has no names
    int depth;
    ArchiveCost* cost;
    std::uint64_t unpacked = 0;
    std::string_view left{};  // of the piece that was read last
    bool skips_cheaply = false;
    bool raw = false;
  };

  // What is wrong with one archive ends that one, what is spent ends all.
  bool Trouble(ArchiveTrouble trouble, const std::string& path) {
    visitor_.OnTrouble(trouble, path);
    return trouble == ArchiveTrouble::kUnreadable || trouble == ArchiveTrouble::kEncrypted ||
           trouble == ArchiveTrouble::kTooDeep;
  }

  bool Read(const OpenedArchive& opened, Opened archive) {
    struct archive_entry* entry = opened.entry;
    int result = opened.result;
    for (bool first = true;; first = false) {
      if (!first) result = archive_read_next_header(archive.a, &entry);
      if (result == ARCHIVE_EOF && !first) return true;
      if (result < ARCHIVE_WARN || result == ARCHIVE_EOF) return Fail(archive, first);
      if (first && !Recognise(opened, &archive)) {
        return Trouble(ArchiveTrouble::kUnreadable, archive.path);
      }
      if (budget_.entries++ >= budget_.limits.entries) {
        return Trouble(ArchiveTrouble::kTooManyEntries, archive.path);
      }
      budget_.work.Do(archive.cost->OfHeader(entry));
      if (budget_.work.IsUsedUp()) return Trouble(ArchiveTrouble::kWork, archive.path);
      if (!ReadEntry(&archive, entry)) return false;
    }
  }

  bool Fail(const Opened& archive, bool first) {
    if (SaysEncrypted(archive.a)) return Trouble(ArchiveTrouble::kEncrypted, archive.path);
    if (first && archive.packed <= kSmallestArchive) return true;
    return Trouble(ArchiveTrouble::kUnreadable, archive.path);
  }

  // Known once the first header is read. Bytes that only the raw reader takes, with no
  // compression around them, are no archive.
  static bool Recognise(const OpenedArchive& opened, Opened* archive) {
    const int format = archive_format(archive->a) & ARCHIVE_FORMAT_BASE_MASK;
    const bool compressed = archive_filter_count(archive->a) > 1;
    archive->raw = format == ARCHIVE_FORMAT_RAW;
    archive->skips_cheaply =
        opened.zip_by_directory ||
        (!compressed && (format == ARCHIVE_FORMAT_TAR || format == ARCHIVE_FORMAT_ISO9660 ||
                         format == ARCHIVE_FORMAT_AR || format == ARCHIVE_FORMAT_RAR));
    return compressed || !archive->raw;
  }

  // In libarchive's RAR reader a file that is called as the one before is its second half, on
  // another disk, and is given without a name or content.
  static bool IsHidden(const Opened& archive, struct archive_entry* entry) {
    const int format = archive_format(archive.a) & ARCHIVE_FORMAT_BASE_MASK;
    return format == ARCHIVE_FORMAT_RAR && archive_entry_pathname(entry) == nullptr &&
           archive_entry_pathname_utf8(entry) == nullptr && archive_entry_filetype(entry) == 0;
  }

  bool ReadEntry(Opened* archive, struct archive_entry* entry) {
    ArchivedFile file;
    const std::string name = archive->raw ? archive->name : NameOf(entry);
    file.path = archive->path.empty() ? name : archive->path + "/" + name;
    file.encrypted = archive_entry_is_encrypted(entry) != 0;
    file.size = static_cast<std::uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    if (IsHidden(*archive, entry)) return Trouble(ArchiveTrouble::kUnreadable, archive->path);
    if (archive_entry_filetype(entry) != AE_IFREG && !archive->raw) return true;

    const std::uint64_t before = archive->unpacked;
    archive->left = {};
    std::string content;
    if (file.encrypted) return Told(file, {});
    bool readable = Take(archive, HeadSize(name), &content);
    const bool inner = IsArchive(content);
    if (inner && readable) readable = Take(archive, budget_.limits.held - Held(), &content);
    if (!Told(file, std::string_view(content).substr(0, kMacroBytes))) return false;
    if (!readable) return true;
    if (inner && !Inside(*archive, file.path, name, content)) return false;
    file.head = std::string_view(content).substr(0, kMacroBytes);
    return IsHashed(file, content) ? Hash(archive, file, content) : Leave(archive, file, before);
  }

  // Whether the walk may go on.
  bool Told(ArchivedFile file, std::string_view head) {
    file.head = head;
    visitor_.OnFile(file);
    return !spent_;
  }

  std::size_t Held() const { return std::min(budget_.held, budget_.limits.held); }

  std::size_t HeadSize(std::string_view name) const {
    if (EndsWith(name, "vbaProject.bin")) return kMacroBytes;
    return budget_.entries <= kFullHeads ? kHead : kShortHead;
  }

  bool Inside(const Opened& outer, const std::string& path, const std::string& name,
              std::string_view content) {
    if (content.size() >= budget_.limits.held - Held()) {
      return Trouble(ArchiveTrouble::kTooLarge, path);
    }
    budget_.held += content.size();
    const bool go_on = Open(content, path, name, outer.depth + 1);
    budget_.held -= content.size();
    return go_on;
  }

  enum class Next { kPiece, kEnd, kBroken };

  // The next bytes of the file that the archive stands at, counted. Gaps of sparse
  // files are passed over.
  Next NextPiece(Opened* archive, std::string_view* piece) {
    *piece = std::exchange(archive->left, {});
    if (!piece->empty()) return Next::kPiece;
    constexpr int kIdle = 64;  // no reader of libarchive gives so many empty pieces
    for (int i = 0; i < kIdle; ++i) {
      const void* block = nullptr;
      std::size_t length = 0;
      la_int64_t offset = 0;
      const int result = archive_read_data_block(archive->a, &block, &length, &offset);
      if (result == ARCHIVE_EOF) return Spend(archive, 0) ? Next::kEnd : Next::kBroken;
      if (result < ARCHIVE_WARN) break;
      if (length == 0) continue;
      *piece = {static_cast<const char*>(block), length};
      return Spend(archive, length) ? Next::kPiece : Next::kBroken;
    }
    budget_.work.Do(archive->cost->OfBroken());
    if (!Spend(archive, 0)) return Next::kBroken;
    // The bytes before it are looked at, and the rest of the archive too.
    visitor_.OnTrouble(
        SaysEncrypted(archive->a) ? ArchiveTrouble::kEncrypted : ArchiveTrouble::kUnreadable,
        archive->path);
    return Next::kBroken;
  }

  // Reads on until *out has size bytes or the file ends. False: it cannot be read on,
  // which has been told.
  bool Take(Opened* archive, std::size_t size, std::string* out) {
    std::string_view piece;
    while (out->size() < size) {
      const Next next = NextPiece(archive, &piece);
      if (next != Next::kPiece) return next == Next::kEnd;
      const std::size_t taken = std::min(piece.size(), size - out->size());
      out->append(piece.substr(0, taken));
      archive->left = piece.substr(taken);
    }
    return true;
  }

  // Counts bytes that were unpacked, and what was taken for them, which libarchive may not
  // tell before it is asked for more.
  bool Spend(Opened* archive, std::uint64_t bytes) {
    archive->unpacked += bytes;
    budget_.unpacked += bytes;
    budget_.work.Do(archive->cost->OfPiece(bytes));
    const ArchiveLimits& limits = budget_.limits;
    if (TooSteep(*archive)) {
      spent_ = !Trouble(ArchiveTrouble::kRatio, archive->path);
    } else if (budget_.unpacked > limits.unpacked) {
      spent_ = !Trouble(ArchiveTrouble::kTooLarge, archive->path);
    } else if (budget_.work.IsUsedUp()) {
      spent_ = !Trouble(ArchiveTrouble::kWork, archive->path);
    }
    return !spent_;
  }

  bool TooSteep(const Opened& archive) const {
    return archive.unpacked > budget_.limits.ratio_from &&
           archive.unpacked / budget_.limits.ratio > archive.packed;
  }

  bool IsHashed(const ArchivedFile& file, std::string_view content) {
    if (budget_.limits.hashed == 0 || !visitor_.WantsDigest(file)) return false;
    if (MayHash(std::max<std::uint64_t>(file.size, content.size()))) return true;
    visitor_.OnDigestLeftOut();
    return false;
  }

  // Half of the work is for the names and fronts of all files, however many are hashed.
  bool MayHash(std::uint64_t bytes) const {
    return bytes <= budget_.limits.hashed - budget_.hashed &&
           budget_.work.left() > budget_.work_for_fronts;
  }

  // Reads the rest of a file too, unless it is longer than it said or too much work. Whether
  // the walk may go on.
  bool Hash(Opened* archive, const ArchivedFile& file, std::string_view content) {
    const std::uint64_t before = archive->unpacked - archive->left.size() - content.size();
    Sha256 sha;
    std::string_view piece = content;
    Next next = Next::kPiece;
    while (next == Next::kPiece && MayHash(piece.size())) {
      sha.Update(piece);
      budget_.hashed += piece.size();
      budget_.work.Do(piece.size());
      next = NextPiece(archive, &piece);
    }
    if (next == Next::kEnd) {
      visitor_.OnDigest({file.path, ToHex(sha.Finish())});
    } else {
      visitor_.OnDigestLeftOut();
    }
    return next == Next::kPiece ? Leave(archive, file, before) : !spent_;
  }

  // The rest of a file: left unread where libarchive passes over it without unpacking
  // it, and then counted as the archive says.
  bool Leave(Opened* archive, const ArchivedFile& file, std::uint64_t before) {
    if (archive->skips_cheaply) {
      budget_.work.Do(archive->cost->OfLeaving());
      const std::uint64_t taken = archive->unpacked - before;
      archive->unpacked += file.size > taken ? file.size - taken : 0;
      if (TooSteep(*archive)) return Trouble(ArchiveTrouble::kRatio, archive->path);
      return true;
    }
    std::string_view piece;
    Next next = Next::kPiece;
    while (next == Next::kPiece) next = NextPiece(archive, &piece);
    return !spent_;
  }

  ArchiveBudget& budget_;
  ArchiveVisitor& visitor_;
  bool spent_ = false;
};

}  // namespace

void WalkArchive(std::string_view archive, std::string_view name, ArchiveBudget* budget,
                 ArchiveVisitor* visitor) {
  Walk(budget, visitor).Open(archive, "", name, 1);
}

}  // namespace clawback
