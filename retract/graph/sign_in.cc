// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/sign_in.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "retract/graph/client_assertion.h"
#include "retract/graph/clouds.h"
#include "retract/graph/graph_url.h"
#include "retract/graph/guid.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxCertificate = 64UL * 1024;
constexpr std::string_view kAssertionType =
    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

// "key=value" in the form's encoding; the pieces hold a secret and are wiped.
Secret FormOf(const std::string& fields, std::string_view key, const Secret& value) {
  std::string encoded = PercentEncode(value.Reveal());
  const Secret wiped(std::move(encoded));
  std::string form;
  form.reserve(fields.size() + key.size() + wiped.Reveal().size() + 2);
  form.append(fields).append("&").append(key).append("=").append(wiped.Reveal());
  return Secret(std::move(form));
}

Result<std::string> ReadCertificate(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string pem(kMaxCertificate, '\0');
  file.read(pem.data(), static_cast<std::streamsize>(pem.size()));
  pem.resize(static_cast<std::size_t>(std::max<std::streamsize>(file.gcount(), 0)));
  if (pem.empty()) return Error{ErrorKind::kInvalid, "the certificate cannot be read: " + path};
  return pem;
}

Result<Secret> OwnAssertion(const SignIn& sign_in, Time now) {
  const auto certificate = ReadCertificate(sign_in.certificate);
  if (!certificate.ok()) return certificate.error();
  const auto key = LoadSecret(sign_in.certificate_key);
  if (!key.ok()) return key.error();
  const AssertionClaims claims{sign_in.login.origin.Url() + TokenTarget(sign_in), sign_in.client_id,
                               NewGuid(), now};
  return MakeClientAssertion(claims, *certificate, *key);
}

Error Wrong(const Tenant& tenant, std::string_view what) {
  return {ErrorKind::kInvalid, "tenant " + tenant.name + ": " + std::string(what)};
}

bool IsTenantId(std::string_view id) {
  return !id.empty() && id.size() <= 255 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '.';
  });
}

// The one reference of access; empty unless there is exactly one credential.
std::string ReferenceOf(const GraphAccess& access) {
  const int credentials = (access.client_secret.empty() ? 0 : 1) +
                          (access.certificate.empty() ? 0 : 1) +
                          (access.federated_token.empty() ? 0 : 1);
  if (credentials != 1) return "";
  if (!access.client_secret.empty()) return access.client_secret;
  return access.certificate.empty() ? access.federated_token : access.certificate_key;
}

}  // namespace

Result<SignIn> SignInOf(const Tenant& tenant) {
  const GraphAccess& access = tenant.graph;
  const auto endpoints = EndpointsOf(access);
  if (!endpoints.ok()) return Within("tenant " + tenant.name, endpoints.error());
  if (!IsTenantId(tenant.tenant_id)) return Wrong(tenant, "tenant_id is not an Entra ID GUID");
  if (access.client_id.empty()) return Wrong(tenant, "graph.client_id is missing");
  const std::string reference = ReferenceOf(access);
  if (reference.empty()) {
    return Wrong(tenant, "graph needs one of client_secret, certificate and federated_token");
  }
  if (const Status form = CheckSecretReference(reference); !form.ok()) {
    return Within("tenant " + tenant.name, form.error());
  }
  return SignIn{{endpoints->login, access.ca_file},
                tenant.tenant_id,
                access.client_id,
                endpoints->graph.Url() + "/.default",
                access.client_secret,
                access.certificate,
                access.certificate_key,
                access.federated_token};
}

std::string TokenTarget(const SignIn& sign_in) {
  return "/" + PercentEncode(sign_in.tenant_id) + "/oauth2/v2.0/token";
}

Result<Secret> TokenForm(const SignIn& sign_in, const std::string& claims, Time now) {
  std::string fields =
      "grant_type=client_credentials&client_id=" + PercentEncode(sign_in.client_id) +
      "&scope=" + PercentEncode(sign_in.scope);
  if (!claims.empty()) fields += "&claims=" + PercentEncode(claims);
  if (sign_in.certificate.empty() && sign_in.federated_token.empty()) {
    const auto secret = LoadSecret(sign_in.client_secret);
    if (!secret.ok()) return secret.error();
    return FormOf(fields, "client_secret", *secret);
  }
  const auto assertion = sign_in.federated_token.empty()
                             ? OwnAssertion(sign_in, now)
                             : LoadSecret(sign_in.federated_token, Links::kFollowed);
  if (!assertion.ok()) return assertion.error();
  fields += "&client_assertion_type=" + PercentEncode(kAssertionType);
  return FormOf(fields, "client_assertion", *assertion);
}

std::string_view CredentialName(const GraphAccess& access) {
  if (!access.client_secret.empty()) return "client-secret";
  return access.certificate.empty() ? "federated-token" : "certificate";
}

Result<std::optional<Time>> CredentialEnd(const GraphAccess& access) {
  if (access.certificate.empty()) return access.client_secret_ends;
  const auto pem = ReadCertificate(access.certificate);
  if (!pem.ok()) return pem.error();
  const auto end = CertificateEnd(*pem);
  if (!end.ok()) return end.error();
  return std::optional<Time>(*end);
}

}  // namespace clawback
