// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/retry_after.h"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string_view>

namespace clawback {
namespace {

BOOST_AUTO_TEST_SUITE(retry_after)

// 1994-11-06T08:49:00Z
constexpr Time kNow{std::chrono::seconds(784111740)};

BOOST_AUTO_TEST_CASE(every_form_in_the_field_is_understood) {
  const std::pair<std::string_view, long> table[] = {
      {"0", 0},
      {"1", 1000},
      {"120", 120'000},
      {"0.249", 249},
      {"1.5", 1500},
      {"2.0001", 2001},
      {"3.", 3000},
      {"Sun, 06 Nov 1994 08:49:37 GMT", 37'000},
      {"Sunday, 06-Nov-94 08:49:37 GMT", 37'000},
      {"Sun Nov  6 08:49:37 1994", 37'000},
      {"Sun, 06 Nov 1994 08:48:00 GMT", 0},
      {"86401", 86'400'000},
      {"99999999999999999999", 86'400'000},
      {"Mon, 06 Nov 2034 08:49:37 GMT", 86'400'000},
  };
  for (const auto& [value, expected] : table) {
    const auto wait = ParseRetryAfter(value, kNow);
    BOOST_REQUIRE_MESSAGE(wait.has_value(), value);
    BOOST_TEST(wait->count() == expected, value);
  }
}

BOOST_AUTO_TEST_CASE(anything_else_says_nothing) {
  for (const std::string_view value :
       {"", "-1", "+1", "1e3", "0x10", "1 2", "1,5", "1.2.3", "soon", "nan", ".5",
        "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 PST",
        "Sun, 06 Nov 1994 08:49:37 GMT and more", "1994-11-06T08:49:37Z"}) {
    BOOST_TEST(!ParseRetryAfter(value, kNow).has_value(), value);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
