// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_RETRACT_SIDECAR_AUTHORIZATION_JSON_H_
#define CLAWBACK_RETRACT_SIDECAR_AUTHORIZATION_JSON_H_

#include <boost/json.hpp>
#include <optional>
#include <string>

#include "policy/base/clock.h"
#include "retract/graph/authorization.h"

namespace clawback {

// A credential is warned of from so long before its end.
inline constexpr milliseconds kWarnBeforeEnd = std::chrono::hours(24 * 30);

// What to say of a credential that ends then; nullopt: nothing yet.
std::optional<std::string> EndWarning(std::optional<Time> end, Time now);

// As docs/api.md says, with what an operator can do about what is missing.
boost::json::object ToJsonObject(const Authorization& authorization, Time now);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_AUTHORIZATION_JSON_H_
