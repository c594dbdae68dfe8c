// SPDX-License-Identifier: Apache-2.0
#include "policy/region.h"

#include <algorithm>

#include "policy/base/names.h"

namespace clawback {
namespace {

constexpr Name<RegionPolicy> kPolicies[] = {{RegionPolicy::kStrict, "strict"},
                                            {RegionPolicy::kPrimary, "primary"}};

constexpr Name<RegionStanding> kStandings[] = {{RegionStanding::kInRegion, "in-region"},
                                               {RegionStanding::kFallback, "fallback"},
                                               {RegionStanding::kViolation, "violation"},
                                               {RegionStanding::kUnproven, "unproven"}};

}  // namespace

std::string_view ToString(RegionPolicy policy) { return NameOf(kPolicies, policy); }
std::optional<RegionPolicy> RegionPolicyFrom(std::string_view text) {
  return ValueOf(kPolicies, text);
}

std::string_view ToString(RegionStanding standing) { return NameOf(kStandings, standing); }
std::optional<RegionStanding> RegionStandingFrom(std::string_view text) {
  return ValueOf(kStandings, text);
}

RegionStanding StandingOf(std::string_view relay, std::string_view region,
                          std::string_view address_region, const RegionRule& rule) {
  if (address_region.empty()) return RegionStanding::kUnproven;
  if (address_region == region) return RegionStanding::kInRegion;
  const auto& named = rule.fallback_relays;
  const bool fallback = rule.policy == RegionPolicy::kPrimary &&
                        std::find(named.begin(), named.end(), relay) != named.end();
  return fallback ? RegionStanding::kFallback : RegionStanding::kViolation;
}

std::string HostsOf(const std::vector<RelayHost>& relays, std::string_view region) {
  std::string hosts;
  for (const RelayHost& relay : relays) {
    if (relay.region != region) continue;
    if (!hosts.empty()) hosts += ", ";
    hosts += relay.host;
  }
  return hosts;
}

}  // namespace clawback
