// SPDX-License-Identifier: Apache-2.0
// How a 7z archive is packed. libarchive tells it of no file, and the ways differ in what
// they cost by more than ten times; its header, which libarchive reads at once, may be packed
// too.
#ifndef CLAWBACK_POLICY_DETECT_SEVEN_ZIP_H_
#define CLAWBACK_POLICY_DETECT_SEVEN_ZIP_H_

#include <cstdint>
#include <string_view>

#include "policy/message/open/work.h"

namespace clawback {

inline bool IsSevenZip(std::string_view bytes) { return bytes.starts_with("7z\xBC\xAF\x27\x1C"); }

struct SevenZipPacking {
  // Also where it cannot be told.
  bool may_be_ppmd = true, may_be_bzip2 = true, may_be_lzma = true;
};
// What a byte costs, in units of Work.
struct SevenZipPrice {
  std::uint64_t packed, unpacked;
};
SevenZipPrice PriceOf(const SevenZipPacking& packing);

// Linear in the header, of which no more than 2 MiB are looked at. What libarchive will have
// to do to open the archive is done on work: where that is used up, it must not be asked.
SevenZipPacking PackingOfSevenZip(std::string_view archive, Work* work);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_SEVEN_ZIP_H_
