// SPDX-License-Identifier: Apache-2.0
// What reading an archive costs, in the units of Work: counted by what is opened, the headers
// that are read, and the bytes that go in and come out, each way of packing at its own price.
#ifndef CLAWBACK_POLICY_DETECT_ARCHIVE_COST_H_
#define CLAWBACK_POLICY_DETECT_ARCHIVE_COST_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "policy/detect/archive_reader.h"
#include "policy/detect/seven_zip.h"

struct archive_entry;

namespace clawback {

class ArchiveCost {
 public:
  // reader: opened on bytes; both outlive this.
  // seven_zip: how it is packed, where it is one.
  ArchiveCost(struct archive* reader, std::string_view bytes, const SevenZipPacking& seven_zip);

  // But for what PackingOfSevenZip counts.
  std::uint64_t OfOpening() const;
  // Of the header that was read last, entry's, and of what was unpacked on the way to it.
  std::uint64_t OfHeader(struct archive_entry* entry);
  // Of so many bytes of that file.
  std::uint64_t OfPiece(std::uint64_t unpacked);
  // Of a piece that breaks off: nothing of it is given, and most of it may have been unpacked.
  std::uint64_t OfBroken() const;
  // Of a file that is not read on: what was taken for its last piece is not known yet, and
  // is as much as came out where it could not be packed.
  std::uint64_t OfLeaving() const;

 private:
  struct Price {
    std::uint64_t packed, unpacked;  // of a byte
  };
  struct Filter {
    Price price;
    std::uint64_t packed = 0, unpacked = 0;  // bytes so far
  };
  static Price OfFilter(int code);
  static Price OfZipped(std::string_view how);
  Price OfFiles() const;
  std::uint32_t RarMethod() const;
  Price OfRar(std::uint32_t method) const;
  std::uint64_t OfFilters();

  struct archive* const reader_;
  const std::string_view bytes_;
  std::vector<Filter> filters_;  // the innermost first
  Price file_{0, 1};             // of what the format packs
  std::uint64_t packed_ = 0;     // bytes that the format took so far
  std::uint64_t piece_ = 0;      // bytes of the piece before
  const SevenZipPacking seven_zip_;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_ARCHIVE_COST_H_
