// SPDX-License-Identifier: Apache-2.0
// What a 401 asks the next token for (Microsoft identity platform, "claims challenges":
// continuous access evaluation).
#ifndef CLAWBACK_RETRACT_GRAPH_CLAIMS_CHALLENGE_H_
#define CLAWBACK_RETRACT_GRAPH_CLAIMS_CHALLENGE_H_

#include <string>
#include <string_view>

namespace clawback {

// The claims parameter of a WWW-Authenticate header, decoded: a JSON object, at most
// 8 KiB. Empty where there is none that can be used.
std::string ClaimsOf(std::string_view www_authenticate);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_CLAIMS_CHALLENGE_H_
