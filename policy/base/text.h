// SPDX-License-Identifier: Apache-2.0
// Bytes from outside as text: UTF-8 checked (RFC 3629) and repaired, and the one
// case folding that addresses, domains and ids need (ASCII; other bytes stay).
#ifndef CLAWBACK_POLICY_BASE_TEXT_H_
#define CLAWBACK_POLICY_BASE_TEXT_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace clawback {

// The character that text begins with. bytes is its length, 0 where text is empty
// or its first byte begins no valid UTF-8 sequence.
struct Character {
  char32_t code = 0;
  std::size_t bytes = 0;
};
namespace internal {
Character FirstBeyondAscii(std::string_view text);  // text is not empty
}
inline Character FirstCharacter(std::string_view text) {
  if (text.empty()) return {};
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return {lead, 1};
  return internal::FirstBeyondAscii(text);
}

// How many bytes at the front of text are ASCII.
std::size_t AsciiSize(std::string_view text);
inline bool IsAscii(std::string_view text) { return AsciiSize(text) == text.size(); }

bool IsUtf8(std::string_view text);
// Each byte that is not part of valid UTF-8 becomes U+FFFD.
std::string RepairUtf8(std::string_view text);
// At most max bytes of text, without half a character at its end.
std::string_view CutUtf8(std::string_view text, std::size_t max);

// A set of bytes to look for. string_view's own searches for one of several look each byte
// of the text up in the set by memchr().
class ByteSet {
 public:
  constexpr explicit ByteSet(std::string_view bytes) {
    for (const char c : bytes) has_[static_cast<unsigned char>(c)] = true;
  }
  constexpr bool Has(char c) const { return has_[static_cast<unsigned char>(c)]; }
  // Where the first byte of the set stands from there on; text.size(): nowhere.
  constexpr std::size_t FirstIn(std::string_view text, std::size_t from = 0) const {
    while (from < text.size() && !Has(text[from])) ++from;
    return std::min(from, text.size());
  }

 private:
  std::array<bool, 256> has_{};
};

std::string LowerAscii(std::string_view text);
bool EqualIgnoringCase(std::string_view a, std::string_view b);
// Without ASCII white space at both ends.
std::string_view Trim(std::string_view text);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_TEXT_H_
