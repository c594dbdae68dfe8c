// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/assertion.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <boost/json.hpp>

#include "tests/practice/text.h"

namespace clawback::practice {
namespace {

namespace json = boost::json;

constexpr std::int64_t kClockSkew = 300;     // seconds that clocks may differ
constexpr std::int64_t kLongestLife = 3600;  // seconds from now to exp

enum class Padding { kPss, kPkcs1 };

struct Assertion {
  json::object header;
  json::object claims;
  std::string_view signed_part;
  std::string signature;
};

std::optional<json::object> DecodeObject(std::string_view part) {
  const auto bytes = FromBase64(part);
  if (!bytes) return std::nullopt;
  boost::system::error_code failed;
  json::value value = json::parse(*bytes, failed);
  if (failed || !value.is_object()) return std::nullopt;
  return std::move(value.as_object());
}

std::optional<Assertion> Split3(std::string_view text) {
  const auto parts = Split(text, '.');
  if (parts.size() != 3) return std::nullopt;
  auto header = DecodeObject(parts[0]);
  auto claims = DecodeObject(parts[1]);
  auto signature = FromBase64(parts[2]);
  if (!header || !claims || !signature) return std::nullopt;
  return Assertion{std::move(*header), std::move(*claims), text.substr(0, text.rfind('.')),
                   std::move(*signature)};
}

std::string TextOf(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::int64_t NumberOf(const json::object& object, std::string_view name, std::int64_t absent) {
  const auto* value = object.if_contains(name);
  return value && value->is_int64() ? value->as_int64() : absent;
}

bool Verifies(const Assertion& assertion, EVP_PKEY* key, Padding padding) {
  const CHandle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* parameters = nullptr;
  if (EVP_DigestVerifyInit(context.get(), &parameters, EVP_sha256(), nullptr, key) != 1) {
    return false;
  }
  if (padding == Padding::kPss) {
    // RFC 7518 3.5: MGF1 with the same digest, salt as long as the digest.
    if (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) != 1 ||
        EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) != 1) {
      return false;
    }
  }
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
  };
  return EVP_DigestVerify(context.get(), bytes(assertion.signature), assertion.signature.size(),
                          bytes(assertion.signed_part), assertion.signed_part.size()) == 1;
}

LoginError InvalidClient(int number, std::string text) {
  return {"invalid_client", number, std::move(text), 401};
}

std::optional<LoginError> SignatureFault(const Assertion& assertion, const App& app) {
  const std::string algorithm = TextOf(assertion.header, "alg");
  const std::string sha256 = TextOf(assertion.header, "x5t#S256");
  const std::string sha1 = TextOf(assertion.header, "x5t");
  if (algorithm != "PS256" && algorithm != "RS256") {
    return InvalidClient(5002738,
                         "Invalid JWT token. Unsupported signature algorithm '" + algorithm + "'.");
  }
  const auto certificate =
      std::find_if(app.certificates.begin(), app.certificates.end(), [&](const auto& known) {
        return sha256.empty() ? known.sha1 == sha1 : known.sha256 == sha256;
      });
  if (certificate == app.certificates.end()) {
    return InvalidClient(700027,
                         "The certificate with identifier used to sign the client assertion is not "
                         "registered on application. [Reason - The key was not found., Thumbprint "
                         "of key used by client: '" +
                             (sha256.empty() ? sha1 : sha256) + "'].");
  }
  const Padding padding = algorithm == "PS256" ? Padding::kPss : Padding::kPkcs1;
  if (!Verifies(assertion, certificate->key.get(), padding)) {
    return InvalidClient(700027,
                         "Client assertion contains an invalid signature. [Reason - The key was "
                         "found, but the signature does not verify.].");
  }
  return std::nullopt;
}

std::optional<LoginError> TimeFault(const json::object& claims, Time now) {
  const std::int64_t seconds =
      std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const std::int64_t expires = NumberOf(claims, "exp", 0);
  const std::int64_t not_before = NumberOf(claims, "nbf", NumberOf(claims, "iat", 0));
  if (expires + kClockSkew <= seconds || not_before > seconds + kClockSkew ||
      expires > seconds + kLongestLife + kClockSkew) {
    return InvalidClient(
        700024, "Client assertion is not within its valid time range. Current time: " +
                    SecondsTime(now) + ", assertion valid from " + std::to_string(not_before) +
                    " to " + std::to_string(expires) + ".");
  }
  return std::nullopt;
}

std::optional<LoginError> ClaimFault(const json::object& claims, const App& app,
                                     const std::vector<std::string>& audiences) {
  const std::string& client_id = app.config.client_id;
  if (TextOf(claims, "iss") != client_id || TextOf(claims, "sub") != client_id) {
    return InvalidClient(700021,
                         "Client assertion application identifier doesn't match 'client_id' "
                         "parameter.");
  }
  const std::string audience = TextOf(claims, "aud");
  if (std::find(audiences.begin(), audiences.end(), audience) == audiences.end()) {
    return InvalidClient(700023, "Client assertion audience claim does not match Realm issuer.");
  }
  if (TextOf(claims, "jti").empty()) {
    return InvalidClient(50027, "JWT token is invalid or malformed: no 'jti'.");
  }
  return std::nullopt;
}

}  // namespace

AssertionCheck CheckAssertion(std::string_view text, const App& app,
                              const std::vector<std::string>& audiences, Time now) {
  const auto assertion = Split3(text);
  if (!assertion) return {"", InvalidClient(50027, "JWT token is invalid or malformed.")};
  if (auto fault = SignatureFault(*assertion, app)) return {"", fault};
  if (auto fault = TimeFault(assertion->claims, now)) return {"", fault};
  if (auto fault = ClaimFault(assertion->claims, app, audiences)) return {"", fault};
  return {TextOf(assertion->claims, "jti"), std::nullopt};
}

}  // namespace clawback::practice
