// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/seven_zip.h"

#include <zlib.h>

#include <optional>
#include <string>

#include "policy/detect/archive_reader.h"
#include "policy/message/parse/little_endian.h"

namespace clawback {
namespace {

constexpr std::size_t kSignatureHeader = 32;
constexpr std::size_t kMostHeader = 2UL << 20;

// Property ids of the format.
constexpr char kEnd = 0x00, kHeader = 0x01, kMainStreams = 0x04, kFiles = 0x05, kPackInfo = 0x06,
               kSubStreams = 0x08, kSize = 0x09, kNames = 0x11, kEncodedHeader = 0x17;

void AppendLittleEndian(std::uint64_t value, std::size_t size, std::string* out) {
  for (; size > 0; --size, value >>= 8U) *out += static_cast<char>(value & 0xFFU);
}

std::uint64_t Crc32(std::string_view bytes) {
  return crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

// Takes what stands in front.
bool TakeId(char id, std::string_view* rest) {
  if (rest->empty() || rest->front() != id) return false;
  rest->remove_prefix(1);
  return true;
}

// The leading ones of the first byte say how many bytes follow; its other bits are the highest.
std::optional<std::uint64_t> TakeNumber(std::string_view* rest) {
  if (rest->empty()) return std::nullopt;
  const auto first = static_cast<unsigned char>(rest->front());
  std::size_t more = 0;
  while (more < 8 && (first & 0x80U >> more) != 0) ++more;
  if (rest->size() <= more) return std::nullopt;
  std::uint64_t value = more < 8 ? std::uint64_t{first & (0x7FU >> more)} << 8 * more : 0;
  LittleEndian number(rest->substr(1));
  for (std::size_t i = 0; i < more; ++i) value |= std::uint64_t{number.U8()} << 8 * i;
  rest->remove_prefix(1 + more);
  return value;
}

constexpr std::string_view kPpmd = "\x03\x04\x01", kBzip2 = "\x04\x02\x02";

// Whether a coder has that id, in front of which zeros may stand: how long it is stands in the
// low half of the byte before.
bool Names(std::string_view id, std::string_view header) {
  for (std::size_t at = header.find(id); at != std::string_view::npos;
       at = header.find(id, at + 1)) {
    std::size_t length = id.size(), front = at;
    for (; front > 0 && header[front - 1] == '\0' && length < 0xF; --front) ++length;
    if (front > 0 && (static_cast<unsigned char>(header[front - 1]) & 0xFU) == length) return true;
  }
  return false;
}

// An archive whose one file is the packed header of another, unpacked by what unpacks that.
// streams: what stands of it behind where it begins.
std::string AsArchive(std::string_view packed, std::string_view streams) {
  constexpr std::string_view kMark("7z\xBC\xAF\x27\x1C\0\x04", 8);
  std::string header = {kHeader, kMainStreams, kPackInfo, 0};
  header += streams.substr(0, streams.size() - 1);
  header += {kSubStreams, kEnd, kEnd};
  header += {kFiles, 1, kNames, 5, 0, 'a', 0, 0, 0, kEnd, kEnd};
  std::string start;
  AppendLittleEndian(packed.size(), 8, &start);
  AppendLittleEndian(header.size(), 8, &start);
  AppendLittleEndian(Crc32(header), 4, &start);
  std::string archive(kMark);
  AppendLittleEndian(Crc32(start), 4, &archive);
  return archive + start + std::string(packed) + header;
}

// Nothing: it cannot be unpacked, or is longer than what is looked at.
std::optional<std::string> OnlyFileOf(const std::string& archive) {
  const OpenedArchive opened = OpenArchive(archive);
  if (opened.result != ARCHIVE_OK) return std::nullopt;
  std::string content;
  for (int result = ARCHIVE_OK; result != ARCHIVE_EOF;) {
    const void* piece = nullptr;
    std::size_t size = 0;
    la_int64_t at = 0;
    result = archive_read_data_block(opened.reader.get(), &piece, &size, &at);
    if (result < ARCHIVE_OK || content.size() + size > kMostHeader) return std::nullopt;
    if (result == ARCHIVE_OK) content.append(static_cast<const char*>(piece), size);
  }
  return content;
}

struct Packed {
  std::string_view bytes, streams;
};

// encoded: where the packed header stands in the archive, and how it is packed.
std::optional<Packed> PackedHeader(std::string_view archive, std::string_view encoded) {
  if (!TakeId(kPackInfo, &encoded)) return std::nullopt;
  const std::optional<std::uint64_t> at = TakeNumber(&encoded);
  const std::string_view streams = encoded;
  if (!at || TakeNumber(&encoded) != 1U || !TakeId(kSize, &encoded)) return std::nullopt;
  const std::optional<std::uint64_t> size = TakeNumber(&encoded);
  const std::uint64_t behind = archive.size() - kSignatureHeader;
  if (!size || *at > behind || *size > behind - *at || streams.back() != kEnd) return std::nullopt;
  return Packed{archive.substr(kSignatureHeader + *at, *size), streams};
}

}  // namespace

SevenZipPacking PackingOfSevenZip(std::string_view archive) {
  constexpr std::size_t kOffsetAt = 12;
  const auto unknown = [](std::uint64_t header) { return SevenZipPacking{true, true, header}; };
  if (archive.size() < kSignatureHeader) return unknown(0);
  const std::uint64_t behind = archive.size() - kSignatureHeader;
  LittleEndian start(archive.substr(kOffsetAt));
  const std::uint64_t offset = start.U64(), size = start.U64();
  if (offset > behind || size > behind - offset) return unknown(0);
  std::string_view header = archive.substr(kSignatureHeader + offset, size);
  if (header.size() > kMostHeader) return unknown(header.size());
  if (!TakeId(kEncodedHeader, &header)) {
    return {Names(kPpmd, header), Names(kBzip2, header), header.size()};
  }
  const std::optional<Packed> packed = PackedHeader(archive, header);
  if (!packed) return unknown(0);
  const std::size_t packed_size = packed->bytes.size();
  if (packed_size > kMostHeader) return unknown(packed_size);
  const std::optional<std::string> unpacked = OnlyFileOf(AsArchive(packed->bytes, packed->streams));
  if (!unpacked) return unknown(packed_size);
  // What the header is packed by counts too.
  return {Names(kPpmd, header) || Names(kPpmd, *unpacked),
          Names(kBzip2, header) || Names(kBzip2, *unpacked), packed_size};
}

}  // namespace clawback
