// SPDX-License-Identifier: Apache-2.0
// The numbers that bound what is done for a tenant: its breaker, how much is needed for a
// disposition, and from which size on a second person must approve. Each key stands here once, for
// its file and for settings that live.
#ifndef CLAWBACK_POLICY_LIMITS_H_
#define CLAWBACK_POLICY_LIMITS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/tenant.h"

namespace clawback {

struct LimitKey {
  std::string_view name;  // "breaker.count"
  std::int64_t min, max;
  bool is_duration;  // in milliseconds; written as "10m"
  std::int64_t (*get)(const Tenant&);
  void (*set)(Tenant*, std::int64_t);
};
std::span<const LimitKey> LimitKeys();
// nullptr: there is no such key.
const LimitKey* FindLimit(std::string_view name);

// "500" or "10m", and back; kInvalid says what was expected.
std::string LimitText(const LimitKey& key, std::int64_t value);
Result<std::int64_t> LimitFrom(const LimitKey& key, std::string_view text);

// What of a tenant bounds automatic work and what one person may ask for. mode: in observe
// nothing more is done automatically, whatever was decided before.
struct TenantLimits {
  Breaker breaker{};
  std::int64_t approval_above = Tenant{}.approval_above;
  std::vector<std::string> protected_people{};  // lower case
  Mode mode = Mode::kEnforce;
};
TenantLimits LimitsOf(const Tenant& tenant);

// Reads breaker, thresholds and approval_above of a tenant's file.
void ReadLimits(YamlMap& map, Tenant* tenant);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_LIMITS_H_
