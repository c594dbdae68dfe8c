// SPDX-License-Identifier: Apache-2.0
// The central directory of a ZIP archive, read where its end record says it is.
// Only one level, and of each entry only its head: enough to know what it is.
#include <gio/gio.h>

#include <algorithm>

#include "policy/base/c_handle.h"
#include "policy/message/parse/file_type.h"

namespace clawback {
namespace {

constexpr std::string_view kEndOfDirectory{"PK\x05\x06", 4};
constexpr std::string_view kDirectoryEntry{"PK\x01\x02", 4};
constexpr std::string_view kLocalHeader{"PK\x03\x04", 4};
constexpr std::size_t kEndRecord = 22;  // without its comment
constexpr std::size_t kMaxComment = 65535;
constexpr std::size_t kEntryRecord = 46;
constexpr std::size_t kLocalRecord = 30;

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
  entry.method = static_cast<std::uint16_t>(Little(archive, at + 10, 2));
  std::uint64_t packed_size = Little(archive, at + 20, 4);
  entry.size = Little(archive, at + 24, 4);
  entry.name = std::string(archive.substr(at + kEntryRecord, Little(archive, at + 28, 2)));
  const std::uint64_t local = Little(archive, at + 42, 4);
  if (local < archive.size() && archive.substr(local, 4) == kLocalHeader) {
    const std::uint64_t data =
        local + kLocalRecord + Little(archive, local + 26, 2) + Little(archive, local + 28, 2);
    // Of two sizes that differ some unpackers believe the local one.
    packed_size = std::max(packed_size, Little(archive, local + 18, 4));
    if (data < archive.size()) entry.packed = archive.substr(data, packed_size);
  }
  return entry;
}

std::string Inflate(std::string_view packed, std::size_t max) {
  const CHandle<GZlibDecompressor, g_object_unref> inflater(
      g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_RAW));
  std::string out(max, '\0');
  std::size_t used = 0;
  while (!packed.empty() && used < max) {
    gsize read = 0;
    gsize written = 0;
    GError* raw = nullptr;
    const GConverterResult result = g_converter_convert(
        G_CONVERTER(inflater.get()), packed.data(), packed.size(), out.data() + used, max - used,
        G_CONVERTER_NO_FLAGS, &read, &written, &raw);
    const CHandle<GError, g_error_free> error(raw);
    if (result == G_CONVERTER_ERROR || (read == 0 && written == 0)) break;
    used += written;
    packed.remove_prefix(std::min<std::size_t>(read, packed.size()));
    if (result == G_CONVERTER_FINISHED) break;
  }
  out.resize(used);
  return out;
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

std::string HeadOf(const ZipEntry& entry, std::size_t max) {
  constexpr std::uint16_t kStored = 0;
  constexpr std::uint16_t kDeflated = 8;
  if (entry.encrypted) return {};
  if (entry.method == kStored) return std::string(entry.packed.substr(0, max));
  if (entry.method == kDeflated) return Inflate(entry.packed.substr(0, max * 4), max);
  return {};
}

}  // namespace clawback
