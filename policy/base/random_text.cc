// SPDX-License-Identifier: Apache-2.0
#include "policy/base/random_text.h"

#include <sys/random.h>

#include <array>
#include <string_view>

namespace clawback {

Result<std::string> RandomText() {
  constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
  std::array<unsigned char, 20> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return Error{ErrorKind::kTransient, "the kernel gave no random bytes"};
  }
  std::string text;
  unsigned bits = 0, held = 0;
  for (const unsigned char byte : bytes) {
    held = (held << 8U | byte) & 0xfffU;
    for (bits += 8; bits >= 5; bits -= 5) text += kAlphabet[held >> (bits - 5) & 31U];
  }
  return text;
}

}  // namespace clawback
