// SPDX-License-Identifier: Apache-2.0
// What is in an archive, and in the archives in it: read from memory, within limits,
// nothing written anywhere. libarchive stands behind it; nothing of it shows here.
#ifndef CLAWBACK_POLICY_DETECT_ARCHIVE_H_
#define CLAWBACK_POLICY_DETECT_ARCHIVE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/message/open/work.h"

namespace clawback {

// Of one message, all its archives together; docs/policy.md lists them.
struct ArchiveLimits {
  int depth = 3;                          // an archive in an archive in an archive
  std::size_t entries = 10'000;           // names seen
  std::uint64_t ratio = 100;              // unpacked to packed, of one archive ...
  std::uint64_t ratio_from = 10UL << 20;  // ... that unpacks to more than so many bytes
  std::uint64_t unpacked = 160UL << 20;   // bytes unpacked
  std::size_t held = 24UL << 20;          // bytes of inner archives in memory at once
  std::uint64_t hashed = 0;               // bytes of files whose digest is made; 0: none
};

// Why something in an archive was not looked at.
enum class ArchiveTrouble {
  kUnreadable,
  kEncrypted,  // not even the names can be read
  kTooManyEntries,
  kTooDeep,
  kRatio,
  kTooLarge,
  kWork,
};

struct ArchivedFile {
  std::string path;  // "inner.zip/a.txt"; bytes as the archive has them
  bool encrypted = false;
  std::uint64_t size = 0;  // as the archive says, 0 where it does not
  std::string_view head;   // the first bytes; empty where they cannot be had
};

// The SHA-256 of a whole file that WantsDigest, told after OnFile; of what passes
// ArchiveLimits::hashed or half of the work, or cannot be read to its end, OnDigestLeftOut says
// so, and of what is encrypted there is none.
struct ArchivedDigest {
  std::string path;
  std::string sha256;  // lower-case hexadecimal
};

class ArchiveVisitor {
 public:
  virtual ~ArchiveVisitor() = default;
  virtual void OnFile(const ArchivedFile& file) = 0;
  // Asked after OnFile. Files whose digest nobody wants are not unpacked beyond their front.
  virtual bool WantsDigest(const ArchivedFile&) { return true; }
  virtual void OnDigest(const ArchivedDigest&) {}
  virtual void OnDigestLeftOut() {}
  // path names the file or archive, empty for the outermost one.
  virtual void OnTrouble(ArchiveTrouble trouble, const std::string& path) = 0;
};

// What a message may still spend.
struct ArchiveBudget {
  explicit ArchiveBudget(const ArchiveLimits& the_limits, Work the_work = Work{})
      : limits(the_limits), work(the_work), work_for_fronts(work.left() / 2) {}
  ArchiveLimits limits;
  std::size_t entries = 0;
  std::uint64_t unpacked = 0;
  std::uint64_t hashed = 0;
  std::size_t held = 0;
  Work work;
  const std::uint64_t work_for_fronts;  // what hashing leaves of it
};

// By its first bytes: ZIP, 7z, RAR, tar, cab, lha, ISO 9660, gzip, bzip2, xz, zstd, ... Also
// those that are not opened (xar, ARJ, ACE, ...), which WalkArchive tells as unreadable.
bool IsArchive(std::string_view content);

// name is the archive's own, for what has no name inside (a.txt.gz). Every file is
// told to visitor, and whatever could not be looked at.
void WalkArchive(std::string_view archive, std::string_view name, ArchiveBudget* budget,
                 ArchiveVisitor* visitor);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_ARCHIVE_H_
