// SPDX-License-Identifier: Apache-2.0
#include "policy/base/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <optional>

#include "policy/base/c_handle.h"
#include "policy/base/yaml.h"

namespace clawback {
namespace {

using Certificate = CHandle<X509, X509_free>;
using Memory = CHandle<BIO, BIO_free_all>;

std::optional<Time> EndOf(const X509& certificate) {
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(&certificate), &end) != 1) return std::nullopt;
  return Time(std::chrono::seconds(::timegm(&end)));
}

}  // namespace

Result<Time> CertificateEnd(const std::string& path) {
  const auto bytes = ReadConfigBytes(path);
  if (!bytes.ok()) return Within(path, bytes.error());
  const Memory memory(BIO_new_mem_buf(bytes->data(), static_cast<int>(bytes->size())));
  std::optional<Time> first;
  while (
      const Certificate certificate{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)}) {
    const auto end = EndOf(*certificate);
    if (!end) return Error{ErrorKind::kInvalid, path + ": a certificate without an end"};
    first = std::min(first.value_or(*end), *end);
  }
  ERR_clear_error();  // that there is no further one
  if (first) return *first;
  return Error{ErrorKind::kInvalid, path + ": expected a certificate in PEM form"};
}

}  // namespace clawback
