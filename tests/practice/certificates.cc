// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/certificates.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <filesystem>
#include <initializer_list>
#include <system_error>
#include <utility>

#include "policy/base/c_handle.h"

namespace clawback::practice {
namespace {

using Key = CHandle<EVP_PKEY, EVP_PKEY_free>;
using Certificate = CHandle<X509, X509_free>;
using Bio = CHandle<BIO, BIO_free_all>;
using Extension = CHandle<X509_EXTENSION, X509_EXTENSION_free>;
using Extensions = std::initializer_list<std::pair<int, const char*>>;

struct Identity {
  Key key;
  Certificate certificate;
};

void AddSerial(X509* certificate) {
  unsigned char bytes[8];
  RAND_bytes(bytes, sizeof bytes);
  std::uint64_t serial = 0;
  for (const unsigned char byte : bytes) serial = (serial << 8) | byte;
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1);
}

void AddExtensions(X509* certificate, X509* issuer, const Extensions& extensions) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  for (const auto& [nid, value] : extensions) {
    const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
    if (extension) X509_add_ext(certificate, extension.get(), -1);
  }
}

// issuer null: self-signed.
Identity MakeIdentity(Key key, const char* common_name, const Identity* issuer,
                      const Extensions& extensions) {
  constexpr long kDay = 24L * 3600;
  Identity made{std::move(key), Certificate(X509_new())};
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, X509_VERSION_3);
  AddSerial(certificate);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 730 * kDay);
  X509_NAME* name = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name), -1, -1, 0);
  X509* issued_by = issuer ? issuer->certificate.get() : certificate;
  X509_set_issuer_name(certificate, X509_get_subject_name(issued_by));
  X509_set_pubkey(certificate, made.key.get());
  AddExtensions(certificate, issued_by, extensions);
  X509_sign(certificate, issuer ? issuer->key.get() : made.key.get(), EVP_sha256());
  return made;
}

std::string Pem(X509* certificate) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

std::string Pem(EVP_PKEY* key) {
  const Bio bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

Status WriteFile(const std::string& path, const std::string& text, mode_t mode) {
  ::unlink(path.c_str());
  const FileDescriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
  if (!file || ::write(file.get(), text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
    return Error{ErrorKind::kInvalid, path + ": " + std::generic_category().message(errno)};
  }
  return {};
}

}  // namespace

Status WriteCertificates(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return Error{ErrorKind::kInvalid, folder + ": " + failed.message()};

  const Identity ca = MakeIdentity(Key(EVP_EC_gen("P-256")), "Clawback practice authority", nullptr,
                                   {{NID_basic_constraints, "critical,CA:TRUE"},
                                    {NID_key_usage, "critical,keyCertSign,cRLSign"},
                                    {NID_subject_key_identifier, "hash"}});
  const Identity server = MakeIdentity(Key(EVP_EC_gen("P-256")), "localhost", &ca,
                                       {{NID_basic_constraints, "critical,CA:FALSE"},
                                        {NID_key_usage, "critical,digitalSignature"},
                                        {NID_ext_key_usage, "serverAuth"},
                                        {NID_authority_key_identifier, "keyid"},
                                        {NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1"}});
  const Identity client = MakeIdentity(Key(EVP_EC_gen("P-256")), "mail.protection.outlook.com", &ca,
                                       {{NID_basic_constraints, "critical,CA:FALSE"},
                                        {NID_key_usage, "critical,digitalSignature"},
                                        {NID_ext_key_usage, "clientAuth"},
                                        {NID_authority_key_identifier, "keyid"},
                                        {NID_subject_alt_name, "DNS:mail.protection.outlook.com"}});
  const Identity app = MakeIdentity(
      Key(EVP_RSA_gen(2048)), "Clawback practice app", nullptr,
      {{NID_basic_constraints, "critical,CA:FALSE"}, {NID_key_usage, "critical,digitalSignature"}});
  for (const Identity* identity : {&ca, &server, &client, &app}) {
    if (!identity->key || !identity->certificate) {
      return Error{ErrorKind::kTransient, "OpenSSL could not make a key"};
    }
  }
  const auto both = [](const Identity& identity) {
    return Pem(identity.certificate.get()) + Pem(identity.key.get());
  };
  const std::pair<const char*, std::pair<std::string, mode_t>> files[] = {
      {"/ca.pem", {Pem(ca.certificate.get()), 0644}},
      {"/server.pem", {both(server), 0600}},
      {"/journal-client.pem", {both(client), 0600}},
      {"/app.crt", {Pem(app.certificate.get()), 0644}},
      {"/app.key", {Pem(app.key.get()), 0600}},
  };
  for (const auto& [name, content] : files) {
    if (Status written = WriteFile(folder + name, content.first, content.second); !written.ok()) {
      return written;
    }
  }
  return {};
}

}  // namespace clawback::practice
