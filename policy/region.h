// SPDX-License-Identifier: Apache-2.0
// Regions: which relay may take a report for a service address of which region. The
// milter asks before any content arrives; the ledger asks again of what was recorded.
#ifndef CLAWBACK_POLICY_REGION_H_
#define CLAWBACK_POLICY_REGION_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clawback {

// One smart host as Exchange's connector names it.
struct RelayHost {
  std::string name;    // "eu1"
  std::string region;  // "eu"
  std::string host;    // "eu1.relay.clawback.example"
};

enum class RegionPolicy {
  kStrict,   // only relays of the address's region
  kPrimary,  // those first; the fallback relays when Exchange cannot reach them
};
std::string_view ToString(RegionPolicy policy);  // "strict", "primary"
std::optional<RegionPolicy> RegionPolicyFrom(std::string_view text);

// A tenant's rule.
struct RegionRule {
  RegionPolicy policy = RegionPolicy::kStrict;
  std::vector<std::string> fallback_relays{};  // names; none where strict
};

// How a report stands to its tenant's rule. Only the first two are right.
enum class RegionStanding {
  kInRegion,   // the relay stands in the address's region
  kFallback,   // it does not, and the rule names it
  kViolation,  // it does not, and nothing allows it
  kUnproven,   // the address's region was not recorded
};
std::string_view ToString(RegionStanding standing);  // "in-region", "fallback", ...
std::optional<RegionStanding> RegionStandingFrom(std::string_view text);

// Pure. kUnproven for an address_region that is empty.
RegionStanding StandingOf(std::string_view relay, std::string_view region,
                          std::string_view address_region, const RegionRule& rule);

// The host names of a region's relays, comma separated; "" where none is known.
std::string HostsOf(const std::vector<RelayHost>& relays, std::string_view region);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_REGION_H_
