// SPDX-License-Identifier: Apache-2.0
#include "policy/config_checks.h"

#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <filesystem>

namespace clawback {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsLetter(char c) { return IsLower(c) || (c >= 'A' && c <= 'Z'); }

bool IsLabel(std::string_view label) {
  if (label.empty() || label.size() > 63) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return IsLetter(c) || IsDigit(c) || c == '-'; });
}

// Dots between labels; min labels at least.
bool IsHost(std::string_view text, int min) {
  if (text.size() > 253) return false;
  int labels = 0;
  while (true) {
    const std::size_t dot = text.find('.');
    if (!IsLabel(text.substr(0, dot))) return false;
    ++labels;
    if (dot == std::string_view::npos) return labels >= min;
    text.remove_prefix(dot + 1);
  }
}

bool IsAtomCharacter(char c) {
  constexpr std::string_view kSpecial = "!#$%&'*+/=?^_`{|}~-.";
  return IsLetter(c) || IsDigit(c) || kSpecial.find(c) != std::string_view::npos;
}

bool IsPort(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port > 0 && port <= 65535;
}

}  // namespace

bool IsShortName(std::string_view text) {
  return IsLabel(text) && std::all_of(text.begin(), text.end(),
                                      [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; });
}

bool IsGuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = text[i];
    const bool hex = IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

bool IsDomain(std::string_view text) { return IsHost(text, 2); }

bool IsAddress(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || text.size() > 254) return false;
  const std::string_view local = text.substr(0, at);
  if (local.front() == '.' || local.back() == '.') return false;
  if (local.find("..") != std::string_view::npos) return false;
  return std::all_of(local.begin(), local.end(), IsAtomCharacter) && IsDomain(text.substr(at + 1));
}

bool IsHttpsOrigin(std::string_view text) {
  constexpr std::string_view kScheme = "https://";
  if (text.substr(0, kScheme.size()) != kScheme) return false;
  text.remove_prefix(kScheme.size());
  const std::size_t colon = text.find(':');
  if (!IsHost(text.substr(0, colon), 1)) return false;
  return colon == std::string_view::npos || IsPort(text.substr(colon + 1));
}

std::string ResolvePath(const std::string& file, const std::string& path) {
  const std::filesystem::path folder = std::filesystem::absolute(file).parent_path();
  return (folder / path).lexically_normal().string();
}

void ReadPath(YamlMap& map, std::string_view key, const std::string& file, std::string* out,
              Presence presence) {
  std::string path;
  map.String(key, &path, presence);
  if (!path.empty()) *out = ResolvePath(file, path);
}

void ReadSocketPath(YamlMap& map, std::string_view key, const std::string& file, std::string* out) {
  ReadPath(map, key, file, out);
  constexpr std::size_t kMax = sizeof(sockaddr_un::sun_path) - 1;
  if (out->size() > kMax) {
    map.Fault(key, fmt::format("\"{}\": {} bytes as an absolute path, expected at most {}", key,
                               out->size(), kMax));
  }
}

void ReadChecked(YamlMap& map, std::string_view key, std::string* out,
                 bool (*check)(std::string_view), std::string_view expected, Presence presence) {
  std::string text;
  map.String(key, &text, presence);
  if (text.empty()) return;
  if (!check(text)) return map.Fault(key, fmt::format("\"{}\": expected {}", key, expected));
  *out = text;
}

}  // namespace clawback
