// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/token_claims.h"

#include <openssl/evp.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string_view>

#include "policy/base/text.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxRoles = 200;
constexpr std::size_t kMaxText = 200;

// RFC 7515 2: base64url without padding.
std::optional<Secret> Decoded(std::string_view part) {
  std::string text(part);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  text.append((4 - text.size() % 4) % 4, '=');
  const auto padding = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
  const Secret encoded(std::move(text));
  std::string bytes(encoded.Reveal().size() / 4 * 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(encoded.Reveal().data()),
                                   static_cast<int>(encoded.Reveal().size()));
  if (size < 0 || padding > 2) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - padding);
  return Secret(std::move(bytes));
}

std::string TextAt(const json::object& claims, std::string_view key) {
  const json::value* value = claims.if_contains(key);
  const json::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string(std::string_view(*text).substr(0, kMaxText)) : "";
}

}  // namespace

std::optional<TokenClaims> ReadTokenClaims(const Secret& token) {
  const std::string_view text = token.Reveal();
  const std::size_t first = text.find('.');
  const std::size_t last = text.rfind('.');
  if (first == text.npos || first == last) return std::nullopt;
  const auto payload = Decoded(text.substr(first + 1, last - first - 1));
  if (!payload) return std::nullopt;
  boost::system::error_code failed;
  const json::value value = json::parse(payload->Reveal(), failed);
  const json::object* claims = failed ? nullptr : value.if_object();
  if (claims == nullptr) return std::nullopt;
  TokenClaims read{LowerAscii(TextAt(*claims, "tid")), {}};
  const json::value* roles = claims->if_contains("roles");
  const json::array* list = roles != nullptr ? roles->if_array() : nullptr;
  for (std::size_t i = 0; list != nullptr && i < std::min(list->size(), kMaxRoles); ++i) {
    const json::string* role = (*list)[i].if_string();
    if (role != nullptr) read.roles.emplace_back(std::string_view(*role).substr(0, kMaxText));
  }
  std::sort(read.roles.begin(), read.roles.end());
  return read;
}

}  // namespace clawback
