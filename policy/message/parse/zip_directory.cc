// SPDX-License-Identifier: Apache-2.0
// The central directory of a ZIP archive, read where its end record says it is.
// Only one level, and nothing is unpacked: enough to know what it is.
#include <algorithm>

#include "policy/message/parse/file_type.h"

namespace clawback {
namespace {

constexpr std::string_view kEndOfDirectory{"PK\x05\x06", 4};
constexpr std::string_view kDirectoryEntry{"PK\x01\x02", 4};
constexpr std::size_t kEndRecord = 22;  // without its comment
constexpr std::size_t kMaxComment = 65535;
constexpr std::size_t kEntryRecord = 46;

std::uint64_t Little(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = 0;
  for (std::size_t i = width; i-- > 0;) {
    const std::size_t place = at + i;
    value = (value << 8U) | (place < bytes.size() ? static_cast<unsigned char>(bytes[place]) : 0U);
  }
  return value;
}

// The last end record; archives with two are read as most unpackers do.
std::size_t FindEndRecord(std::string_view archive) {
  if (archive.size() < kEndRecord) return std::string_view::npos;
  const std::size_t reach = std::min(archive.size(), kEndRecord + kMaxComment);
  const std::size_t begin = archive.size() - reach;
  const std::size_t found = archive.substr(begin).rfind(kEndOfDirectory);
  return found == std::string_view::npos ? found : begin + found;
}

ZipEntry ReadEntry(std::string_view archive, std::size_t at) {
  ZipEntry entry;
  entry.encrypted = (Little(archive, at + 8, 2) & 1U) != 0;
  entry.size = Little(archive, at + 24, 4);
  entry.name = std::string(archive.substr(at + kEntryRecord, Little(archive, at + 28, 2)));
  return entry;
}

}  // namespace

ZipReading ForEachZipEntry(std::string_view archive, std::size_t max,
                           const std::function<void(const ZipEntry&)>& visit) {
  const std::size_t end = FindEndRecord(archive);
  if (end == std::string_view::npos) return ZipReading::kNoDirectory;
  const std::uint64_t size = Little(archive, end + 12, 4);
  // Counted back from the end record: bytes put in front of an archive move its
  // offsets, and unpackers forgive that.
  if (size > end) return ZipReading::kNoDirectory;
  std::size_t at = end - static_cast<std::size_t>(size);
  for (std::size_t count = 0; at + kEntryRecord <= end; ++count) {
    if (archive.substr(at, 4) != kDirectoryEntry) break;
    if (count == max) return ZipReading::kTooManyEntries;
    visit(ReadEntry(archive, at));
    at += kEntryRecord + Little(archive, at + 28, 2) + Little(archive, at + 30, 2) +
          Little(archive, at + 32, 2);
  }
  return ZipReading::kWhole;
}

}  // namespace clawback
