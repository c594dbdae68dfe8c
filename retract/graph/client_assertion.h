// SPDX-License-Identifier: Apache-2.0
// The signed statement by which an app proves itself to Entra ID with a certificate
// instead of a shared secret: a JWT (RFC 7519) with PS256 (RFC 7518 3.5), as the page
// "Microsoft identity platform application authentication certificate credentials"
// asks for it.
#ifndef CLAWBACK_RETRACT_GRAPH_CLIENT_ASSERTION_H_
#define CLAWBACK_RETRACT_GRAPH_CLIENT_ASSERTION_H_

#include <string>
#include <string_view>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "policy/base/secret.h"

namespace clawback {

struct AssertionClaims {
  std::string audience;   // the tenant's token URL
  std::string client_id;  // issuer and subject
  std::string id;         // fresh for every assertion: Entra ID refuses a repeat
  Time now{};             // valid from now for 10 minutes
};

// certificate and key are PEM, the key RSA of at least 2048 bits without a passphrase.
// kInvalid says which of them is wrong, or that they do not belong together.
Result<Secret> MakeClientAssertion(const AssertionClaims& claims, std::string_view certificate,
                                   const Secret& key);

// Until when a PEM certificate is valid. kInvalid: it is none.
Result<Time> CertificateEnd(std::string_view certificate);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_CLIENT_ASSERTION_H_
