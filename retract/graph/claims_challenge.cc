// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/claims_challenge.h"

#include <openssl/evp.h>

#include <boost/json.hpp>

namespace clawback {
namespace {

constexpr std::size_t kMaxClaims = 8UL * 1024;
constexpr std::string_view kKey = "claims=\"";

// RFC 4648 4 or 5, padded or not; empty: neither.
std::string Decoded(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size() / 4 * 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  if (length < 0) return {};
  // The decoder counts padding as bytes.
  while (!bytes.empty() && bytes.back() == '\0') bytes.pop_back();
  return bytes;
}

}  // namespace

std::string ClaimsOf(std::string_view www_authenticate) {
  const std::size_t key = www_authenticate.find(kKey);
  if (key == std::string_view::npos) return {};
  const std::string_view rest = www_authenticate.substr(key + kKey.size());
  const std::size_t end = rest.find('"');
  if (end == std::string_view::npos || end > kMaxClaims) return {};
  std::string claims = Decoded(std::string(rest.substr(0, end)));
  boost::system::error_code failed;
  const boost::json::value value = boost::json::parse(claims, failed);
  if (failed || !value.is_object()) return {};
  return claims;
}

}  // namespace clawback
