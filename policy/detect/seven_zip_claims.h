// SPDX-License-Identifier: Apache-2.0
// How many streams, folders and files the header of a 7z archive says that there are.
// libarchive makes room for all of them before it sees the first: a header of 40 bytes
// may cost as much as one of megabytes.
#ifndef CLAWBACK_POLICY_DETECT_SEVEN_ZIP_CLAIMS_H_
#define CLAWBACK_POLICY_DETECT_SEVEN_ZIP_CLAIMS_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace clawback {

// Whether rest begins with that id of a property, which is then taken off.
bool TakeId(char id, std::string_view* rest);
// A number of the format taken off rest: the leading ones of its first byte say how many
// bytes follow; its other bits are the highest. Nothing: it is cut off.
std::optional<std::uint64_t> TakeNumber(std::string_view* rest);

// What stands of a folder in the archive, from behind the archive's fixed front on.
struct SevenZipStream {
  std::uint64_t begin = 0, size = 0;
  std::optional<std::uint64_t> coder{};  // the id of the only one; nothing: there are several
};

struct SevenZipClaims {
  std::uint64_t things = 0;  // of all kinds together
  bool followed = false;     // to the number of files; else there may be more of all
  std::vector<std::uint64_t> coders{};
  std::vector<SevenZipStream> streams{};
};

// header: behind its id. Linear in its bytes, whatever they say.
SevenZipClaims ClaimsOfHeader(std::string_view header);
// Of a packed header: what stands behind its id says how it is packed.
SevenZipClaims ClaimsOfPackedHeader(std::string_view streams);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_SEVEN_ZIP_CLAIMS_H_
