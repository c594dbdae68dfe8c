// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/guid.h"

#include <openssl/rand.h>

#include <array>
#include <cstdint>
#include <stdexcept>

#include "policy/base/digest.h"

namespace clawback {

std::string NewGuid() {
  std::array<std::uint8_t, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    throw std::runtime_error("no random numbers to be had");
  }
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x40U);  // version 4
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);  // RFC 9562 variant
  std::string guid = ToHex(bytes);
  for (const std::size_t dash : {8UL, 13UL, 18UL, 23UL}) guid.insert(dash, 1, '-');
  return guid;
}

}  // namespace clawback
