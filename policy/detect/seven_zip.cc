// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/seven_zip.h"

#include <zlib.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "policy/detect/archive_reader.h"
#include "policy/detect/seven_zip_claims.h"
#include "policy/message/parse/little_endian.h"

namespace clawback {
namespace {

constexpr std::size_t kSignatureHeader = 32;
constexpr std::size_t kMostHeader = 2UL << 20;
// In units of Work.
constexpr std::uint64_t kHeaderByte = 20;
constexpr std::uint64_t kClaim = 60;  // and room for it: more than five million use all up
constexpr std::uint64_t kNotFollowed = 20'000'000;  // nobody knows what it is up to

// Property ids of the format.
constexpr char kEnd = 0x00, kHeader = 0x01, kMainStreams = 0x04, kFiles = 0x05, kPackInfo = 0x06,
               kSubStreams = 0x08, kSize = 0x09, kNames = 0x11, kEncodedHeader = 0x17;

void AppendLittleEndian(std::uint64_t value, std::size_t size, std::string* out) {
  for (; size > 0; --size, value >>= 8U) *out += static_cast<char>(value & 0xFFU);
}

std::uint64_t Crc32(std::string_view bytes) {
  return crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

// Coders.
constexpr std::uint64_t kCopy = 0, kLzma2 = 0x21, kLzma = 0x030101, kPpmd = 0x030401,
                        kDeflate = 0x040108, kBzip2 = 0x040202;

bool Has(const SevenZipClaims& claims, std::uint64_t coder) {
  return std::ranges::find(claims.coders, coder) != claims.coders.end();
}

// How many bytes of LZMA are in a stream of LZMA2, which keeps what cannot be packed as it is.
std::uint64_t LzmaIn(std::string_view stream) {
  constexpr unsigned kEndOfAll = 0, kMostStored = 2, kPacked = 0x80, kWithProperties = 0xC0;
  std::uint64_t lzma = 0;
  while (stream.size() >= 3) {
    const auto byte = [&](std::size_t at) {
      return at < stream.size() ? static_cast<unsigned char>(stream[at]) : 0U;
    };
    const unsigned control = byte(0);
    if (control == kEndOfAll) return lzma;
    if (control > kMostStored && control < kPacked) return lzma + stream.size();
    const bool packed = control >= kPacked;
    const std::size_t at = packed ? 3 : 1;
    const std::size_t size = (byte(at) << 8U | byte(at + 1)) + 1;
    if (packed) lzma += std::min(size, stream.size());
    const std::size_t whole = size + at + 2 + (control >= kWithProperties ? 1 : 0);
    stream.remove_prefix(std::min(whole, stream.size()));
  }
  return lzma;
}

// At most so many bytes of LZMA there are in an archive.
std::uint64_t LzmaIn(std::string_view archive, const std::vector<SevenZipStream>& streams) {
  const std::string_view packed = archive.substr(kSignatureHeader);
  std::uint64_t lzma = 0;
  for (const SevenZipStream& stream : streams) {
    if (stream.begin > packed.size()) continue;
    const std::string_view bytes = packed.substr(stream.begin, stream.size);
    if (stream.coder == kLzma2) {
      lzma += LzmaIn(bytes);
    } else if (stream.coder != kCopy && stream.coder != kDeflate && stream.coder != kBzip2) {
      lzma += bytes.size();
    }
  }
  return lzma;
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

// Nothing: it cannot be unpacked, is longer than what is looked at, or work is used up. All
// of it is unpacked and counted twice, for libarchive will do the same again.
std::optional<std::string> OnlyFileOf(const std::string& archive, std::uint64_t price, Work* work) {
  const OpenedArchive opened = OpenArchive(archive);
  if (opened.result != ARCHIVE_OK) return std::nullopt;
  std::string content;
  std::uint64_t unpacked = 0;
  for (int result = ARCHIVE_OK; result != ARCHIVE_EOF;) {
    const void* piece = nullptr;
    std::size_t size = 0;
    la_int64_t at = 0;
    result = archive_read_data_block(opened.reader.get(), &piece, &size, &at);
    if (result < ARCHIVE_OK || work->IsUsedUp()) return std::nullopt;
    if (result != ARCHIVE_OK) break;
    work->Do(2 * price * size);
    unpacked += size;
    if (unpacked <= kMostHeader) content.append(static_cast<const char*>(piece), size);
  }
  if (unpacked > kMostHeader) return std::nullopt;
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

void Do(const SevenZipClaims& claims, Work* work) {
  work->Do(kClaim * claims.things + (claims.followed ? 0 : kNotFollowed));
}

SevenZipPacking PackingBy(const SevenZipClaims& claims) {
  if (!claims.followed) return {};
  return {Has(claims, kPpmd), Has(claims, kBzip2), Has(claims, kLzma) || Has(claims, kLzma2)};
}

// Of an archive with that header, behind its id. LZMA is done at once, where it can be counted
// and is not too much: else the archive is read as far as it goes.
SevenZipPacking PackingBy(std::string_view archive, std::string_view header, Work* work) {
  const SevenZipClaims claims = ClaimsOfHeader(header);
  Do(claims, work);
  const SevenZipPacking packing = PackingBy(claims);
  if (!claims.followed || packing.may_be_ppmd || !packing.may_be_lzma) return packing;
  const SevenZipPacking without{packing.may_be_ppmd, packing.may_be_bzip2, false};
  const std::uint64_t more =
      (PriceOf(packing).packed - PriceOf(without).packed) * LzmaIn(archive, claims.streams);
  if (more > work->left() / 2) return packing;
  work->Do(more);
  return without;
}

// header: behind the id that says that it is packed, as packing tells.
SevenZipPacking PackingOfPacked(std::string_view archive, std::string_view header, Work* work) {
  constexpr SevenZipPacking kUnknown;
  const SevenZipClaims claims = ClaimsOfPackedHeader(header);
  Do(claims, work);
  const std::optional<Packed> packed = PackedHeader(archive, header);
  if (!packed || work->IsUsedUp()) return work->Do(kNotFollowed), kUnknown;
  const SevenZipPrice price = PriceOf(PackingBy(claims));
  work->Do(2 * price.packed * packed->bytes.size());
  const std::optional<std::string> unpacked =
      OnlyFileOf(AsArchive(packed->bytes, packed->streams), price.unpacked, work);
  if (!unpacked || unpacked->empty()) return work->Do(kNotFollowed), kUnknown;
  return PackingBy(archive, std::string_view(*unpacked).substr(1), work);
}

}  // namespace

SevenZipPrice PriceOf(const SevenZipPacking& packing) {
  if (packing.may_be_ppmd) return {450, 15};
  return {packing.may_be_lzma    ? 36U
          : packing.may_be_bzip2 ? 15U
                                 : 3U,
          packing.may_be_bzip2 ? 25U : 3U};
}

SevenZipPacking PackingOfSevenZip(std::string_view archive, Work* work) {
  constexpr std::size_t kOffsetAt = 12;
  constexpr SevenZipPacking kUnknown;
  if (archive.size() < kSignatureHeader) return kUnknown;
  const std::uint64_t behind = archive.size() - kSignatureHeader;
  LittleEndian start(archive.substr(kOffsetAt));
  const std::uint64_t offset = start.U64(), size = start.U64();
  if (offset > behind) return kUnknown;
  // One that says it is longer than what is there is read all the same, as far as it goes.
  std::string_view header = archive.substr(kSignatureHeader + offset, size);
  work->Do(2 * kHeaderByte * header.size());
  if (header.empty()) return kUnknown;
  if (TakeId(kEncodedHeader, &header)) return PackingOfPacked(archive, header, work);
  return PackingBy(archive, header.substr(1), work);
}

}  // namespace clawback
