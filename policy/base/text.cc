// SPDX-License-Identifier: Apache-2.0
#include "policy/base/text.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

namespace clawback {
namespace {

// Eight bytes at a time: most mail is ASCII, and is read many times over.
using Eight = std::uint64_t;
constexpr Eight kEach = 0x0101010101010101;
constexpr Eight kHighBits = 0x80 * kEach;
static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");

Eight EightAt(const char* bytes) {
  Eight eight;
  std::memcpy(&eight, bytes, sizeof eight);
  return eight;
}

// The high bit is set aside, so that no byte's sum runs over into the next.
Eight LowerEight(Eight bytes) {
  const Eight low = bytes & ~kHighBits;
  const Eight from_a = low + (0x80 - 'A') * kEach;
  const Eight beyond_z = low + (0x7F - 'Z') * kEach;
  const Eight capitals = (from_a ^ beyond_z) & ~bytes & kHighBits;
  return bytes | (capitals >> 2U);
}

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Length of the sequence that a lead byte beyond ASCII announces, 0 for no lead byte.
std::size_t AnnouncedLength(unsigned char lead) {
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) return 3;
  if (lead >= 0xF0 && lead <= 0xF4) return 4;
  return 0;
}

// Overlong forms, surrogates and what lies beyond Unicode (RFC 3629 section 4).
bool IsScalar(char32_t code, std::size_t bytes) {
  if (bytes == 3 && code < 0x800) return false;
  if (bytes == 4 && code < 0x10000) return false;
  return code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

// How many bytes at the front of text are valid UTF-8.
std::size_t Utf8Size(std::string_view text) {
  std::size_t size = 0;
  while (size < text.size()) {
    const std::string_view rest = text.substr(size);
    const std::size_t bytes =
        static_cast<unsigned char>(rest[0]) < 0x80 ? AsciiSize(rest) : FirstCharacter(rest).bytes;
    if (bytes == 0) break;
    size += bytes;
  }
  return size;
}

}  // namespace

Character internal::FirstBeyondAscii(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t bytes = AnnouncedLength(lead);
  if (bytes == 0 || text.size() < bytes) return {};
  char32_t code = lead & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80U) return {};
    code = (code << 6U) | (next & 0x3FU);
  }
  if (!IsScalar(code, bytes)) return {};
  return {code, bytes};
}

std::size_t AsciiSize(std::string_view text) {
  std::size_t size = 0;
  for (; size + sizeof(Eight) <= text.size(); size += sizeof(Eight)) {
    const Eight beyond = EightAt(text.data() + size) & kHighBits;
    if (beyond != 0) return size + static_cast<std::size_t>(std::countr_zero(beyond)) / 8;
  }
  while (size < text.size() && static_cast<unsigned char>(text[size]) < 0x80) ++size;
  return size;
}

bool IsUtf8(std::string_view text) { return Utf8Size(text) == text.size(); }

std::string RepairUtf8(std::string_view text) {
  std::size_t valid = Utf8Size(text);
  if (valid == text.size()) return std::string(text);
  std::string repaired;
  repaired.reserve(text.size() + 64);
  while (!text.empty()) {
    repaired.append(text.substr(0, valid));
    text.remove_prefix(valid);
    if (text.empty()) break;
    repaired += "\xEF\xBF\xBD";
    text.remove_prefix(1);
    valid = Utf8Size(text);
  }
  return repaired;
}

std::string_view CutUtf8(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text;
  std::size_t end = max;
  // A character has at most three bytes after its first; more is no UTF-8 anyway.
  for (int back = 0; back < 3 && end > 0; ++back) {
    if ((static_cast<unsigned char>(text[end]) & 0xC0U) != 0x80U) break;
    --end;
  }
  return text.substr(0, end);
}

std::string LowerAscii(std::string_view text) {
  std::string lower(text);
  std::size_t at = 0;
  for (; at + sizeof(Eight) <= lower.size(); at += sizeof(Eight)) {
    const Eight eight = LowerEight(EightAt(lower.data() + at));
    std::memcpy(lower.data() + at, &eight, sizeof eight);
  }
  for (; at < lower.size(); ++at) lower[at] = Lower(lower[at]);
  return lower;
}

bool EqualIgnoringCase(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return Lower(x) == Lower(y); });
}

std::string_view Trim(std::string_view text) {
  static constexpr ByteSet kSpace(" \t\r\n\v\f");
  while (!text.empty() && kSpace.Has(text.front())) text.remove_prefix(1);
  while (!text.empty() && kSpace.Has(text.back())) text.remove_suffix(1);
  return text;
}

}  // namespace clawback
