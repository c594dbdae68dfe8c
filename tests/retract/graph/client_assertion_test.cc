// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/client_assertion.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <array>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "policy/base/digest.h"
#include "tests/retract/graph/tls_server.h"

namespace clawback {
namespace {

namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(client_assertion)

std::string Decoded(std::string text) {
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::vector<unsigned char> bytes(text.size());
  const int size =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  BOOST_REQUIRE(size >= 0);
  return std::string(bytes.begin(), bytes.begin() + size - static_cast<int>(padding));
}

bool IsSignedBy(EVP_PKEY* key, const std::string& text, const std::string& signature) {
  const CHandle<EVP_MD_CTX, EVP_MD_CTX_free> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;
  EVP_DigestVerifyInit(context.get(), &options, EVP_sha256(), nullptr, key);
  EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING);
  EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_sha256());
  EVP_PKEY_CTX_set_rsa_pss_saltlen(options, 32);
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

const AssertionClaims kClaims{"https://login.microsoftonline.com/t/oauth2/v2.0/token", "app-1",
                              "jti-1", Time(std::chrono::seconds(1'800'000'000))};

BOOST_AUTO_TEST_CASE(the_assertion_is_what_entra_id_asks_for_and_its_signature_verifies) {
  const TestCertificate app = MakeAppCertificate();
  const auto made = MakeClientAssertion(kClaims, app.CertificatePem(), Secret(app.KeyPem()));
  BOOST_REQUIRE(made.ok());
  const std::string token(made->Reveal());
  const std::size_t first = token.find('.'), last = token.rfind('.');
  BOOST_TEST(token.find_first_of("+/= ") == std::string::npos);

  const json::object header = json::parse(Decoded(token.substr(0, first))).as_object();
  std::array<unsigned char, 32> thumbprint{};
  unsigned size = 0;
  X509_digest(app.certificate.get(), EVP_sha256(), thumbprint.data(), &size);
  BOOST_TEST(header.size() == 3U);
  BOOST_TEST(header.at("alg").as_string() == "PS256");
  BOOST_TEST(header.at("typ").as_string() == "JWT");
  BOOST_TEST(Decoded(std::string(header.at("x5t#S256").as_string())) ==
             std::string(thumbprint.begin(), thumbprint.end()));

  const json::object claims =
      json::parse(Decoded(token.substr(first + 1, last - first - 1))).as_object();
  BOOST_TEST(claims.at("aud").as_string() == kClaims.audience);
  BOOST_TEST(claims.at("iss").as_string() == "app-1");
  BOOST_TEST(claims.at("sub").as_string() == "app-1");
  BOOST_TEST(claims.at("jti").as_string() == "jti-1");
  BOOST_TEST(claims.at("nbf").as_int64() == 1'800'000'000);
  BOOST_TEST(claims.at("iat").as_int64() == 1'800'000'000);
  BOOST_TEST(claims.at("exp").as_int64() == 1'800'000'600);

  const std::string signature = Decoded(token.substr(last + 1));
  BOOST_TEST(IsSignedBy(app.key.get(), token.substr(0, last), signature));
  BOOST_TEST(!IsSignedBy(app.key.get(), token.substr(0, last) + "x", signature));
}

BOOST_AUTO_TEST_CASE(what_cannot_work_is_named) {
  const TestCertificate app = MakeAppCertificate();
  const TestCertificate other = MakeAppCertificate();
  const TestCertificate weak = MakeAppCertificate(1024);
  const struct {
    std::string certificate, key, says;
  } table[] = {
      {"", app.KeyPem(), "certificate is not PEM"},
      {"-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n", app.KeyPem(),
       "certificate is not PEM"},
      {app.CertificatePem(), "", "key is not PEM"},
      {app.CertificatePem(), app.CertificatePem(), "key is not PEM"},
      {app.CertificatePem(), other.KeyPem(), "not the certificate's"},
      {weak.CertificatePem(), weak.KeyPem(), "2048"},
  };
  for (const auto& row : table) {
    const auto made = MakeClientAssertion(kClaims, row.certificate, Secret(row.key));
    BOOST_REQUIRE(!made.ok());
    BOOST_TEST((made.error().kind == ErrorKind::kInvalid));
    BOOST_TEST(made.error().what.find(row.says) != std::string::npos, made.error().what);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
