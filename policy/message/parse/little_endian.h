// SPDX-License-Identifier: Apache-2.0
// Numbers in binary formats: little-endian, one after the other.
#ifndef CLAWBACK_POLICY_MESSAGE_PARSE_LITTLE_ENDIAN_H_
#define CLAWBACK_POLICY_MESSAGE_PARSE_LITTLE_ENDIAN_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace clawback {

// Reads on until something is missing; from then on everything is 0 and empty, and
// ok() says so.
class LittleEndian {
 public:
  explicit LittleEndian(std::string_view bytes) : rest_(bytes) {}

  std::uint32_t Number(std::size_t bytes) {
    const std::string_view digits = Take(bytes);
    std::uint32_t value = 0;
    for (std::size_t i = digits.size(); i-- > 0;) {
      value = value << 8U | static_cast<unsigned char>(digits[i]);
    }
    return value;
  }
  std::uint32_t U8() { return Number(1); }
  std::uint32_t U16() { return Number(2); }
  std::uint32_t U32() { return Number(4); }
  std::uint64_t U64() {
    const std::uint64_t low = U32();
    return low | std::uint64_t{U32()} << 32U;
  }

  std::string_view Take(std::size_t bytes) {
    if (bytes > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  // As Take, and past the zeros that fill up to a multiple of four.
  std::string_view TakePadded(std::size_t bytes) {
    const std::string_view taken = Take(bytes);
    Take((4 - bytes % 4) % 4);
    return taken;
  }

  bool ok() const { return ok_; }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_PARSE_LITTLE_ENDIAN_H_
