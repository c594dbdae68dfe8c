// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/file_digests.h"

#include "policy/base/digest.h"

namespace clawback {

FileDigests::FileDigests(const Message& message, std::size_t archived)
    : message_(message), most_archived_(archived), of_parts_(message.parts.size()) {}

const std::string& FileDigests::OfPart(std::size_t index) {
  std::string& digest = of_parts_[index];
  if (digest.empty()) digest = ToHex(Sha256Of(message_.parts[index].content));
  return digest;
}

}  // namespace clawback
