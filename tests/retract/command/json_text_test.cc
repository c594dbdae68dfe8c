// SPDX-License-Identifier: Apache-2.0
#include "retract/command/json_text.h"

#include <boost/test/unit_test.hpp>
#include <string_view>

namespace clawback {
namespace {

namespace json = boost::json;

BOOST_AUTO_TEST_SUITE(json_text)

BOOST_AUTO_TEST_CASE(numbers_are_written_as_people_read_them) {
  const json::value value = {{"a", 0.5}, {"b", 15.0}, {"c", 0.8770000000000001}, {"d", -7e-4}};
  BOOST_TEST(JsonText(value) == R"({"a":0.5,"b":15,"c":0.8770000000000001,"d":-0.0007})");
  BOOST_TEST(PlainNumbers("[0E0,1E0,-1E-1,17,-3,18446744073709551615]") ==
             "[0,1,-0.1,17,-3,18446744073709551615]");
}

BOOST_AUTO_TEST_CASE(what_stands_in_texts_and_what_has_no_decimals_stays) {
  for (const std::string_view same : {R"({"5E-1":"5E-1"})", R"(["\"5E-1","\\",true,false,null])",
                                      R"(["\\\"",{},[]])", "1E300", "", R"("un)", "\"\\"}) {
    BOOST_TEST(PlainNumbers(same) == same);
  }
}

// The same doubles come back.
BOOST_AUTO_TEST_CASE(nothing_is_lost) {
  for (const double number : {0.1, 1.0 / 3, 2.0 / 3 * 1e-9, 123456.789, 1e22, 5e-324}) {
    const json::value back = json::parse(JsonText(json::value(number)));
    BOOST_TEST(back.to_number<double>() == number);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
