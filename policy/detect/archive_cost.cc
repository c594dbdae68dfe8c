// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/archive_cost.h"

#include <archive_entry.h>

#include <algorithm>

#include "policy/message/parse/little_endian.h"

namespace clawback {
namespace {

constexpr std::uint64_t kOpening = 20'000;
constexpr std::uint64_t kHeader = 2'500, kZipHeader = 6'000, kRar5Header = 30'000;
// A model or a window for each file, cleared however little of it is used.
constexpr std::uint64_t kRarHeader = 80'000, kRarWindow = 4UL << 20, kWindowBytes = 8;
constexpr std::uint32_t kRarStored = 0x30;
constexpr std::uint64_t kChunk = 64UL << 10;  // what a filter unpacks before it is asked
constexpr std::uint64_t kBlock = 900'000;     // what that of bzip2 does

int FormatOf(struct archive* reader) { return archive_format(reader) & ARCHIVE_FORMAT_BASE_MASK; }

std::uint64_t Positive(la_int64_t value) {
  return static_cast<std::uint64_t>(std::max<la_int64_t>(value, 0));
}

std::uint64_t Grown(std::uint64_t now, std::uint64_t* before) {
  const std::uint64_t grown = now > *before ? now - *before : 0;
  *before = now;
  return grown;
}

}  // namespace

ArchiveCost::Price ArchiveCost::OfFilter(int code) {
  switch (code) {
    case ARCHIVE_FILTER_GZIP:
      return {3, 2};
    case ARCHIVE_FILTER_BZIP2:
      return {15, 25};
    case ARCHIVE_FILTER_XZ:
    case ARCHIVE_FILTER_LZMA:
    case ARCHIVE_FILTER_LZIP:
      return {36, 2};
    case ARCHIVE_FILTER_COMPRESS:
      return {8, 2};
    case ARCHIVE_FILTER_ZSTD:
      return {2, 1};
    default:
      return {0, 1};
  }
}

// how: as libarchive calls it.
ArchiveCost::Price ArchiveCost::OfZipped(std::string_view how) {
  const auto is = [how](std::string_view word) { return how.find(word) != std::string_view::npos; };
  if (is("deflat")) return {3, 2};
  if (is("uncompressed")) return {0, 1};
  if (is("bzip")) return {15, 25};
  if (is("ppmd")) return {450, 15};
  return {36, 2};
}

ArchiveCost::ArchiveCost(struct archive* reader, std::string_view bytes,
                         const SevenZipPacking& seven_zip)
    : reader_(reader), bytes_(bytes), seven_zip_(seven_zip) {
  const int filters = archive_filter_count(reader) - 1;  // the last one is the memory
  for (int i = 0; i < filters; ++i) filters_.push_back({OfFilter(archive_filter_code(reader, i))});
}

std::uint64_t ArchiveCost::OfOpening() const {
  std::uint64_t cost = kOpening;
  for (const Filter& filter : filters_) {
    const bool blocks = filter.price.unpacked == OfFilter(ARCHIVE_FILTER_BZIP2).unpacked;
    const std::uint64_t most = blocks ? kBlock : kChunk;
    const std::uint64_t packed = std::min<std::uint64_t>(bytes_.size(), most);
    cost += filter.price.packed * packed + filter.price.unpacked * (blocks ? packed : kChunk);
  }
  return cost;
}

// Of the file whose content libarchive stands at, found from where it began to look for its
// header; 0: cannot be told.
std::uint32_t ArchiveCost::RarMethod() const {
  constexpr std::string_view kMark("Rar!\x1A\x07\0", 7);
  constexpr std::uint32_t kFile = 0x74, kHasContent = 0x8000;
  constexpr std::size_t kFixed = 32, kToMethod = 14;
  const std::uint64_t content = Positive(archive_filter_bytes(reader_, 0));
  std::uint64_t at = Positive(archive_read_header_position(reader_));
  if (!filters_.empty() || content >= bytes_.size() || at >= content) return 0;
  if (bytes_.substr(at).starts_with(kMark)) at += kMark.size();
  for (int blocks = 0; blocks < 16 && at < content && content - at >= kFixed; ++blocks) {
    LittleEndian block(bytes_.substr(at));
    block.Take(2);
    const std::uint32_t kind = block.U8(), flags = block.U16(), size = block.U16();
    const std::uint32_t packed = block.U32();
    if (kind == kFile && at + size == content) {
      block.Take(kToMethod);
      return block.U8();
    }
    at += size + ((flags & kHasContent) != 0 ? packed : 0);
  }
  return 0;
}

// RAR before version 5: the bit in front of a file's content says whether it begins as PPMd.
// Nothing stands in the way of one that changes its mind inside: the judge's own limit does.
ArchiveCost::Price ArchiveCost::OfRar(std::uint32_t method) const {
  if (method == kRarStored) return {0, 1};
  const std::uint64_t content = Positive(archive_filter_bytes(reader_, 0));
  const bool ppmd = method == 0 || (LittleEndian(bytes_.substr(content)).U8() & 0x80U) != 0;
  return {0, ppmd ? 300U : 25U};
}

// By what comes out alone where libarchive takes as much as there is at once.
ArchiveCost::Price ArchiveCost::OfFiles() const {
  switch (FormatOf(reader_)) {
    case ARCHIVE_FORMAT_ZIP:
      return OfZipped(archive_format_name(reader_));
    case ARCHIVE_FORMAT_7ZIP: {
      const SevenZipPrice price = PriceOf(seven_zip_);
      return {price.packed, price.unpacked};
    }
    case ARCHIVE_FORMAT_RAR:
      return OfRar(RarMethod());
    case ARCHIVE_FORMAT_RAR_V5:
      return {0, 20};
    case ARCHIVE_FORMAT_CAB:
    case ARCHIVE_FORMAT_LHA:
      return {0, 15};
    case ARCHIVE_FORMAT_ISO9660:
      return {0, 2};
    default:
      return {0, 1};
  }
}

std::uint64_t ArchiveCost::OfFilters() {
  std::uint64_t cost = 0;
  for (std::size_t i = 0; i < filters_.size(); ++i) {
    Filter& filter = filters_[i];
    const int which = static_cast<int>(i);
    cost += filter.price.unpacked *
            Grown(Positive(archive_filter_bytes(reader_, which)), &filter.unpacked);
    cost += filter.price.packed *
            Grown(Positive(archive_filter_bytes(reader_, which + 1)), &filter.packed);
  }
  return cost;
}

std::uint64_t ArchiveCost::OfHeader(struct archive_entry* entry) {
  file_ = OfFiles();
  piece_ = 0;
  packed_ = Positive(archive_filter_bytes(reader_, 0));
  const std::uint64_t unpacking = OfFilters();
  switch (FormatOf(reader_)) {
    case ARCHIVE_FORMAT_ZIP:
      return unpacking + kZipHeader;
    case ARCHIVE_FORMAT_RAR: {
      if (RarMethod() == kRarStored) return unpacking + kHeader;
      const std::uint64_t size = Positive(archive_entry_size(entry));
      return unpacking + kRarHeader +
             std::min(2 * std::min(size, kRarWindow), kRarWindow) / kWindowBytes;
    }
    case ARCHIVE_FORMAT_RAR_V5:
      return unpacking + kRar5Header;
    default:
      return unpacking + kHeader;
  }
}

std::uint64_t ArchiveCost::OfPiece(std::uint64_t unpacked) {
  const std::uint64_t now = Positive(archive_filter_bytes(reader_, 0));
  // A 7z archive has its header at its end, and its files from its beginning on.
  const std::uint64_t from_front = now < packed_ && IsSevenZip(bytes_) ? now : 0;
  const std::uint64_t packed = from_front + Grown(now, &packed_);
  piece_ = unpacked;
  return file_.unpacked * unpacked + file_.packed * packed + OfFilters();
}

std::uint64_t ArchiveCost::OfBroken() const {
  constexpr std::uint64_t kPiece = 256UL << 10;  // the greatest of all formats
  // A block is begun anew for each, and may be of a hundred bytes.
  const bool blocks = file_.unpacked == OfFilter(ARCHIVE_FILTER_BZIP2).unpacked;
  const std::uint64_t unpacked = blocks ? kBlock / 3 : kChunk;
  return file_.unpacked * unpacked + file_.packed * std::min<std::uint64_t>(bytes_.size(), kPiece);
}

std::uint64_t ArchiveCost::OfLeaving() const {
  constexpr std::uint64_t kDear = 10;  // of all others it is no more than what comes out
  return file_.packed > kDear ? file_.packed * piece_ : 0;
}

}  // namespace clawback
