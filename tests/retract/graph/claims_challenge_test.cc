// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/claims_challenge.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace clawback {
namespace {

BOOST_AUTO_TEST_SUITE(claims_challenge)

BOOST_AUTO_TEST_CASE(claims_are_decoded_padded_or_not_in_either_alphabet) {
  for (const char* claims : {"eyJhIjoiPz8_In0=", "eyJhIjoiPz8/In0=", "eyJhIjoiPz8_In0"}) {
    const std::string header = std::string("Bearer realm=\"\", claims=\"") + claims + "\"";
    BOOST_TEST(ClaimsOf(header) == R"({"a":"???"})", claims);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_object_asks_for_nothing) {
  for (const std::string& header :
       {std::string(), std::string("Bearer"), std::string("Bearer claims=\""),
        std::string("Bearer claims=\"\""), std::string("Bearer claims=\"!!!!\""),
        std::string("Bearer claims=\"WzFd\""),  // [1]
        std::string("Bearer claims=\"e30"), "Bearer claims=\"" + std::string(100000, 'A') + "\""}) {
    BOOST_TEST(ClaimsOf(header) == "", header.substr(0, 40));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
