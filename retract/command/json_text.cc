// SPDX-License-Identifier: Apache-2.0
#include "retract/command/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace clawback {
namespace {

// The length of what text begins with: a text in quotation marks, or a number.
std::size_t TextLength(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}
std::size_t NumberLength(std::string_view text) {
  return std::min(text.find_first_not_of("+-.0123456789eE"), text.size());
}

// The shortest decimals that are read as the same number; as it was, where they do not fit.
std::string Plain(std::string_view number) {
  if (number.find_first_of("eE") == std::string_view::npos) return std::string(number);
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  std::array<char, 32> digits{};
  const auto written =
      std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed);
  if (read.ec != std::errc() || written.ec != std::errc()) return std::string(number);
  return {digits.data(), written.ptr};
}

}  // namespace

std::string PlainNumbers(std::string_view json) {
  std::string plain;
  plain.reserve(json.size());
  while (!json.empty()) {
    const char first = json.front();
    const bool number = first == '-' || (first >= '0' && first <= '9');
    const std::size_t length = first == '"' ? TextLength(json) : number ? NumberLength(json) : 1;
    plain += number ? Plain(json.substr(0, length)) : std::string(json.substr(0, length));
    json.remove_prefix(length);
  }
  return plain;
}

}  // namespace clawback
