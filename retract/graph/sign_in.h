// SPDX-License-Identifier: Apache-2.0
// What an app proves itself with at a tenant, and the form that asks for a token with
// it (RFC 6749 4.4; Microsoft identity platform, "OAuth 2.0 client credentials flow").
#ifndef CLAWBACK_RETRACT_GRAPH_SIGN_IN_H_
#define CLAWBACK_RETRACT_GRAPH_SIGN_IN_H_

#include <optional>
#include <string>
#include <string_view>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "policy/base/secret.h"
#include "policy/tenant.h"
#include "retract/graph/http_client.h"

namespace clawback {

// By secret, by certificate and key, or by a token that another issuer gave
// (workload identity federation). Exactly one of the three is there.
struct SignIn {
  HttpPeer login;
  std::string tenant_id;
  std::string client_id;
  std::string scope;              // "https://graph.microsoft.com/.default"
  std::string client_secret;      // reference (policy/base/secret.h), or empty
  std::string certificate;        // path of a PEM file
  std::string certificate_key;    // reference
  std::string federated_token{};  // reference
};

// How the tenant's app signs in. kInvalid: the settings cannot work, with the key that
// is wrong.
Result<SignIn> SignInOf(const Tenant& tenant);

// Where the form goes.
std::string TokenTarget(const SignIn& sign_in);
// The form's body. References are read now. claims: what Graph asked for, or empty.
// kInvalid, kRefused or kNotFound: a secret, key or token cannot be read.
Result<Secret> TokenForm(const SignIn& sign_in, const std::string& claims, Time now);

// "client-secret", "certificate" or "federated-token".
std::string_view CredentialName(const GraphAccess& access);
// When the credential is worth nothing any more: the certificate's own end, or that of
// the secret where the settings tell it; nullopt where nobody knows. kInvalid: the
// certificate cannot be read.
Result<std::optional<Time>> CredentialEnd(const GraphAccess& access);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_SIGN_IN_H_
