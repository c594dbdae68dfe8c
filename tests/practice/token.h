// SPDX-License-Identifier: Apache-2.0
// Access tokens: signed, and opaque to everyone but the practice tenant, as
// Microsoft's are to everyone but Graph.
#ifndef CLAWBACK_TESTS_PRACTICE_TOKEN_H_
#define CLAWBACK_TESTS_PRACTICE_TOKEN_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"

namespace clawback::practice {

struct AccessToken {
  std::string tenant_id;
  std::string client_id;
  std::vector<std::string> roles;
  Time expires;

  bool Has(std::string_view role) const;
};

std::string SignToken(const AccessToken& token, std::string_view audience, Time now,
                      std::string_view key);
// nullopt: not one of ours. Says nothing about expiry.
std::optional<AccessToken> ReadToken(std::string_view text, std::string_view key);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_TOKEN_H_
