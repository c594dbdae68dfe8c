// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/text.h"

#include <fmt/chrono.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "policy/base/digest.h"

namespace clawback::practice {
namespace {

char LowerChar(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string GuidOf(std::array<std::uint8_t, 16> bytes) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3F) | 0x80);
  const std::string hex = ToHex(bytes);
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20));
}

std::string Encode64(std::string_view bytes, const char* alphabet) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : bytes) {
    bits = (bits << 8) | static_cast<std::uint8_t>(c);
    held += 8;
    while (held >= 6) out += alphabet[(bits >> (held -= 6)) & 0x3F];
  }
  if (held > 0) out += alphabet[(bits << (6 - held)) & 0x3F];
  return out;
}

int Value64(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  c = LowerChar(c);
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum class Plus { kIsSpace, kIsItself };

std::optional<std::string> DecodePercent(std::string_view text, Plus plus) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus == Plus::kIsSpace) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = HexValue(text[i + 1]);
      const int low = HexValue(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

tm Utc(Time time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
  return fmt::gmtime(static_cast<time_t>(seconds));
}

}  // namespace

bool BeginsWith(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         std::equal(start.begin(), start.end(), text.begin(),
                    [](char x, char y) { return LowerChar(x) == LowerChar(y); });
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> out;
  for (size_t start = 0;;) {
    const size_t end = text.find(separator, start);
    out.emplace_back(text.substr(start, end == text.npos ? text.npos : end - start));
    if (end == text.npos) return out;
    start = end + 1;
  }
}

std::string NewGuid() {
  std::array<std::uint8_t, 16> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  return GuidOf(bytes);
}

std::string GuidFrom(std::string_view seed) {
  const Digest digest = Sha256Of(seed);
  std::array<std::uint8_t, 16> bytes{};
  std::copy_n(digest.begin(), bytes.size(), bytes.begin());
  return GuidOf(bytes);
}

bool LooksLikeGuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : HexValue(text[i]) < 0) return false;
  }
  return true;
}

std::string Base64(std::string_view bytes) {
  std::string out =
      Encode64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
  while (out.size() % 4 != 0) out += '=';
  return out;
}

std::string Base64Url(std::string_view bytes) {
  return Encode64(bytes, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");
}

std::optional<std::string> FromBase64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    if (c == '\r' || c == '\n') continue;
    const int value = Value64(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    held += 6;
    if (held >= 8) out += static_cast<char>((bits >> (held -= 8)) & 0xFF);
  }
  return out;
}

std::string PercentEncode(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (LowerChar(c) >= 'a' && LowerChar(c) <= 'z') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    if (plain) {
      out += c;
    } else {
      const auto byte = static_cast<std::uint8_t>(c);
      out += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return out;
}

std::optional<std::string> DecodeQuery(std::string_view text) {
  return DecodePercent(text, Plus::kIsSpace);
}

std::optional<std::string> DecodePath(std::string_view text) {
  return DecodePercent(text, Plus::kIsItself);
}

std::optional<Pairs> ParseForm(std::string_view text) {
  Pairs pairs;
  if (text.empty()) return pairs;
  for (const std::string& field : Split(text, '&')) {
    if (field.empty()) continue;
    const size_t equals = field.find('=');
    auto name = DecodeQuery(std::string_view(field).substr(0, equals));
    auto value = DecodeQuery(equals == field.npos ? std::string_view()
                                                  : std::string_view(field).substr(equals + 1));
    if (!name || !value) return std::nullopt;
    pairs.emplace_back(std::move(*name), std::move(*value));
  }
  return pairs;
}

const std::string* Find(const Pairs& pairs, std::string_view name) {
  const auto found = std::find_if(pairs.begin(), pairs.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  return found == pairs.end() ? nullptr : &found->second;
}

std::string HttpDate(Time time) { return fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT", Utc(time)); }
std::string MailDate(Time time) { return fmt::format("{:%a, %d %b %Y %H:%M:%S} +0000", Utc(time)); }
std::string SecondsTime(Time time) { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", Utc(time)); }

std::string WithCrLf(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 32);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) out += '\r';
    out += text[i];
    if (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n')) out += '\n';
  }
  return out;
}

}  // namespace clawback::practice
