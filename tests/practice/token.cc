// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/token.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <boost/json.hpp>

#include "policy/base/secret.h"
#include "tests/practice/text.h"

namespace clawback::practice {
namespace {

namespace json = boost::json;

std::int64_t Seconds(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

std::string Hmac(std::string_view text, std::string_view key) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), bytes, &size);
  return Base64Url({reinterpret_cast<const char*>(bytes), size});
}

}  // namespace

bool AccessToken::Has(std::string_view role) const {
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

std::string SignToken(const AccessToken& token, std::string_view audience, Time now,
                      std::string_view key) {
  json::object claims{{"aud", audience},
                      {"iss", "https://sts.windows.net/" + token.tenant_id + "/"},
                      {"iat", Seconds(now)},
                      {"nbf", Seconds(now)},
                      {"exp", Seconds(token.expires)},
                      {"exp_ms", token.expires.time_since_epoch().count()},
                      {"appid", token.client_id},
                      {"tid", token.tenant_id},
                      {"uti", NewGuid()},
                      {"ver", "1.0"}};
  // A token without any consented permission has no roles claim at all.
  if (!token.roles.empty()) claims["roles"] = json::value_from(token.roles);
  const std::string signed_part =
      Base64Url(R"({"typ":"JWT","alg":"HS256"})") + "." + Base64Url(json::serialize(claims));
  return signed_part + "." + Hmac(signed_part, key);
}

std::optional<AccessToken> ReadToken(std::string_view text, std::string_view key) {
  const size_t last = text.rfind('.');
  const size_t first = text.find('.');
  if (last == text.npos || first == last) return std::nullopt;
  if (!ConstantTimeEqual(Hmac(text.substr(0, last), key), text.substr(last + 1))) {
    return std::nullopt;
  }
  const auto bytes = FromBase64(text.substr(first + 1, last - first - 1));
  const json::object claims = json::parse(*bytes).as_object();  // ours: it was signed
  AccessToken token;
  token.tenant_id = std::string(claims.at("tid").as_string());
  token.client_id = std::string(claims.at("appid").as_string());
  token.expires = Time(std::chrono::milliseconds(claims.at("exp_ms").as_int64()));
  if (const auto* roles = claims.if_contains("roles")) {
    token.roles = json::value_to<std::vector<std::string>>(*roles);
  }
  return token;
}

}  // namespace clawback::practice
