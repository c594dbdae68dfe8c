// SPDX-License-Identifier: Apache-2.0
// How a 7z archive is packed. libarchive tells it of no file, and the ways differ in what
// they cost by more than ten times.
#ifndef CLAWBACK_POLICY_DETECT_SEVEN_ZIP_H_
#define CLAWBACK_POLICY_DETECT_SEVEN_ZIP_H_

#include <cstdint>
#include <string_view>

namespace clawback {

struct SevenZipPacking {
  // Also where it cannot be told.
  bool may_be_ppmd = false, may_be_bzip2 = false;
  std::uint64_t header = 0;  // bytes of the header, as it stands in the archive
};

// Linear in the header, of which no more than 2 MiB are unpacked.
SevenZipPacking PackingOfSevenZip(std::string_view archive);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_SEVEN_ZIP_H_
