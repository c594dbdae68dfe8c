// SPDX-License-Identifier: Apache-2.0
#include "policy/base/cidr.h"

#include <boost/test/unit_test.hpp>
#include <string_view>

namespace clawback {
namespace {

bool IsIn(std::string_view network, std::string_view address) {
  const auto parsed = ParseNetwork(network);
  const auto ip = ParseIpAddress(address);
  BOOST_REQUIRE(parsed.has_value());
  BOOST_REQUIRE(ip.has_value());
  return Contains(*parsed, *ip);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cidr)

BOOST_AUTO_TEST_CASE(an_address_is_inside_up_to_the_last_bit) {
  struct Case {
    std::string_view network, address;
    bool inside;
  };
  const Case cases[] = {
      {"40.92.0.0/15", "40.92.0.0", true},
      {"40.92.0.0/15", "40.93.255.255", true},
      {"40.92.0.0/15", "40.94.0.0", false},
      {"40.92.0.0/15", "40.91.255.255", false},
      {"104.47.0.0/17", "104.47.127.255", true},
      {"104.47.0.0/17", "104.47.128.0", false},
      {"192.0.2.7", "192.0.2.7", true},
      {"192.0.2.7", "192.0.2.6", false},
      {"192.0.2.7/32", "192.0.2.7", true},
      {"0.0.0.0/0", "255.255.255.255", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"2a01:111:f400::/48", "2a01:111:f400:ffff::1", true},
      {"2a01:111:f400::/48", "2a01:111:f401::", false},
      {"2001:db8::1/128", "IPv6:2001:DB8::1", true},
      {"127.0.0.0/8", "::ffff:127.0.0.1", true},
      {"127.0.0.0/8", "::127.0.0.1", false},
  };
  for (const Case& test : cases) {
    BOOST_TEST(IsIn(test.network, test.address) == test.inside,
               test.network << " " << test.address);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_network_is_refused) {
  for (const std::string_view text :
       {"", "/", "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/a", "1.2.3.4/24", "1.2.3/24",
        "01.2.3.4", "1.2.3.4/ 8", "::/129", "2001:db8::1/64", "contoso.example", "1.2.3.4/8/8"}) {
    BOOST_TEST(!ParseNetwork(text).has_value(), text);
  }
  BOOST_TEST(!ParseIpAddress(std::string_view("1.2.3.4\0", 8)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
