// SPDX-License-Identifier: Apache-2.0
// What an access token says of itself (RFC 7519 4). It came from the sign-in service
// over a connection whose other side was proven, so its signature, which is for Graph,
// is not looked at. Claims tell people what was granted; nothing is decided by them but
// whether a token is of the tenant that it was asked for.
#ifndef CLAWBACK_RETRACT_GRAPH_TOKEN_CLAIMS_H_
#define CLAWBACK_RETRACT_GRAPH_TOKEN_CLAIMS_H_

#include <optional>
#include <string>
#include <vector>

#include "policy/base/secret.h"

namespace clawback {

struct TokenClaims {
  std::string tenant_id;           // tid, lower case
  std::vector<std::string> roles;  // absent in the token: none
};

// nullopt: not a JWT. Leaves no copy of the token behind.
std::optional<TokenClaims> ReadTokenClaims(const Secret& token);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_TOKEN_CLAIMS_H_
