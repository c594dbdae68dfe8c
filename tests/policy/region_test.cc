// SPDX-License-Identifier: Apache-2.0
#include "policy/region.h"

#include <boost/test/unit_test.hpp>
#include <vector>

namespace clawback {
namespace {

const RegionRule kStrict{};
const RegionRule kFallbacks{RegionPolicy::kPrimary, {"us-east", "us-west"}};

struct Case {
  std::string_view relay, region, address_region;
  const RegionRule& rule;
  RegionStanding expected;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(region)

BOOST_AUTO_TEST_CASE(only_the_own_region_or_a_named_fallback_is_right) {
  // What the configuration reader refuses: it must not open a strict tenant either.
  const RegionRule strict_with_names{RegionPolicy::kStrict, {"us-east"}};
  const Case cases[] = {
      {"us-east", "us", "us", kStrict, RegionStanding::kInRegion},
      {"us-east", "us", "eu", kStrict, RegionStanding::kViolation},
      {"us-east", "us", "eu", strict_with_names, RegionStanding::kViolation},
      {"us-east", "us", "eu", kFallbacks, RegionStanding::kFallback},
      {"us-east", "us", "us", kFallbacks, RegionStanding::kInRegion},
      {"us-central", "us", "eu", kFallbacks, RegionStanding::kViolation},
      {"us-eas", "us", "eu", kFallbacks, RegionStanding::kViolation},
      {"eu1", "eu", "us", kFallbacks, RegionStanding::kViolation},
      {"us-east", "us", "", kStrict, RegionStanding::kUnproven},
      {"us-east", "us", "", kFallbacks, RegionStanding::kUnproven},
      {"us-east", "", "", kStrict, RegionStanding::kUnproven},
  };
  for (const Case& test : cases) {
    BOOST_TEST_CONTEXT(test.relay << " for " << test.address_region) {
      BOOST_TEST(
          (StandingOf(test.relay, test.region, test.address_region, test.rule) == test.expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(words_are_read_back) {
  for (const auto standing : {RegionStanding::kInRegion, RegionStanding::kFallback,
                              RegionStanding::kViolation, RegionStanding::kUnproven}) {
    BOOST_TEST((RegionStandingFrom(ToString(standing)) == standing));
  }
  BOOST_TEST((RegionPolicyFrom("primary") == RegionPolicy::kPrimary));
  BOOST_TEST(!RegionPolicyFrom("").has_value());
}

BOOST_AUTO_TEST_CASE(the_hosts_of_a_region_are_named_in_order) {
  const std::vector<RelayHost> relays = {{"us-east", "us", "e.example.com"},
                                         {"eu1", "eu", "x.example.com"},
                                         {"us-west", "us", "w.example.com"}};
  BOOST_TEST(HostsOf(relays, "us") == "e.example.com, w.example.com");
  BOOST_TEST(HostsOf(relays, "eu") == "x.example.com");
  BOOST_TEST(HostsOf(relays, "ap").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
