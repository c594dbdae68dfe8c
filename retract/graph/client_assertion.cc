// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/client_assertion.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <boost/json.hpp>
#include <chrono>
#include <ctime>
#include <vector>

#include "policy/base/c_handle.h"
#include "policy/base/digest.h"

namespace clawback {
namespace {

using Certificate = CHandle<X509, X509_free>;
using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
using Context = CHandle<EVP_MD_CTX, EVP_MD_CTX_free>;
using Memory = CHandle<BIO, BIO_free_all>;

constexpr int kSmallestKeyBits = 2048;
constexpr auto kLifetime = std::chrono::minutes(10);

// RFC 4648 5, without padding.
std::string Base64Url(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                     reinterpret_cast<const unsigned char*>(bytes.data()),
                                     static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(length));
  text.resize(text.find_last_not_of('=') + 1);
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return text;
}

std::string_view AsText(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

Memory Reading(std::string_view text) {
  return Memory(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// Without it OpenSSL would ask at the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

Error Unusable(std::string what) {
  ERR_clear_error();
  return {ErrorKind::kInvalid, std::move(what)};
}

Result<std::string> ThumbprintOf(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509(certificate, &der);
  if (size <= 0) return Unusable("the certificate cannot be encoded");
  const Digest digest = Sha256Of(AsText(der, static_cast<std::size_t>(size)));
  OPENSSL_free(der);
  return Base64Url(AsText(digest.data(), digest.size()));
}

// PSS with MGF1-SHA256 and a salt as long as the digest, which is what PS256 means.
Result<std::string> Sign(std::string_view text, EVP_PKEY* key) {
  const Context context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* options = nullptr;  // the context's own
  const bool ready = context &&
                     EVP_DigestSignInit(context.get(), &options, EVP_sha256(), nullptr, key) == 1 &&
                     EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
                     EVP_PKEY_CTX_set_rsa_mgf1_md(options, EVP_sha256()) == 1 &&
                     EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
  if (!ready) return Unusable("the certificate's key cannot sign with PSS");
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  if (EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    return Unusable("the certificate's key cannot sign");
  }
  std::vector<unsigned char> signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, bytes, text.size()) != 1) {
    return Unusable("the certificate's key cannot sign");
  }
  return Base64Url(AsText(signature.data(), size));
}

std::string Payload(const AssertionClaims& claims) {
  const auto now = std::chrono::floor<std::chrono::seconds>(claims.now).time_since_epoch().count();
  const auto lifetime = std::chrono::seconds(kLifetime).count();
  return boost::json::serialize(boost::json::object{{"aud", claims.audience},
                                                    {"iss", claims.client_id},
                                                    {"sub", claims.client_id},
                                                    {"jti", claims.id},
                                                    {"nbf", now},
                                                    {"iat", now},
                                                    {"exp", now + lifetime}});
}

}  // namespace

Result<Secret> MakeClientAssertion(const AssertionClaims& claims, std::string_view certificate,
                                   const Secret& key) {
  const Certificate parsed(
      PEM_read_bio_X509(Reading(certificate).get(), nullptr, NoPassphrase, nullptr));
  if (!parsed) return Unusable("the certificate is not PEM");
  const Key private_key(
      PEM_read_bio_PrivateKey(Reading(key.Reveal()).get(), nullptr, NoPassphrase, nullptr));
  if (!private_key) return Unusable("the certificate's key is not PEM without a passphrase");
  if (EVP_PKEY_get_base_id(private_key.get()) != EVP_PKEY_RSA ||
      EVP_PKEY_get_bits(private_key.get()) < kSmallestKeyBits) {
    return Unusable("the certificate's key is not RSA of at least 2048 bits");
  }
  if (X509_check_private_key(parsed.get(), private_key.get()) != 1) {
    return Unusable("the key is not the certificate's");
  }
  const auto thumbprint = ThumbprintOf(parsed.get());
  if (!thumbprint.ok()) return thumbprint.error();
  const std::string header = boost::json::serialize(
      boost::json::object{{"alg", "PS256"}, {"typ", "JWT"}, {"x5t#S256", *thumbprint}});
  std::string assertion = Base64Url(header) + "." + Base64Url(Payload(claims));
  const auto signature = Sign(assertion, private_key.get());
  if (!signature.ok()) return signature.error();
  return Secret(assertion + "." + *signature);
}

Result<Time> CertificateEnd(std::string_view certificate) {
  const Certificate parsed(
      PEM_read_bio_X509(Reading(certificate).get(), nullptr, NoPassphrase, nullptr));
  if (!parsed) return Unusable("the certificate is not PEM");
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(parsed.get()), &end) != 1) {
    return Unusable("the certificate does not say when it ends");
  }
  return Time(std::chrono::seconds(::timegm(&end)));
}

}  // namespace clawback
