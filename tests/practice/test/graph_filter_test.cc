// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/graph_filter.h"

#include <boost/test/unit_test.hpp>

using clawback::practice::ParseFilter;
using clawback::practice::PropertyType;
using clawback::practice::PropertyTypes;

namespace {

namespace json = boost::json;

const PropertyTypes kTypes = {{"internetMessageId", PropertyType::kText},
                              {"receivedDateTime", PropertyType::kTime},
                              {"isRead", PropertyType::kBool},
                              {"proxyAddresses", PropertyType::kTexts}};

json::value Read(std::string_view path) {
  if (path == "internetMessageId") return "<O'Hara@x.example>";
  if (path == "receivedDateTime") return "2026-11-03T09:00:00Z";
  if (path == "isRead") return false;
  if (path == "proxyAddresses") return json::array{"SMTP:a@x.example", "smtp:b@x.example"};
  return nullptr;
}

bool Matches(std::string_view text) {
  const auto filter = ParseFilter(text, kTypes);
  BOOST_REQUIRE_MESSAGE(filter.ok(), text);
  return filter->Matches(Read);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(graph_filter)

BOOST_AUTO_TEST_CASE(a_doubled_quote_is_one_quote) {
  BOOST_TEST(Matches("internetMessageId eq '<O''Hara@x.example>'"));
  BOOST_TEST(!Matches("internetMessageId eq '<OHara@x.example>'"));
}

BOOST_AUTO_TEST_CASE(texts_compare_without_case) {
  BOOST_TEST(Matches("internetMessageId eq '<o''hara@X.example>'"));
  BOOST_TEST(Matches("startswith(internetMessageId,'<o''h')"));
}

BOOST_AUTO_TEST_CASE(any_looks_into_a_collection) {
  BOOST_TEST(Matches("proxyAddresses/any(p:p eq 'smtp:a@x.example')"));
  BOOST_TEST(Matches("proxyAddresses/any(x: x eq 'smtp:B@x.example')"));
  BOOST_TEST(!Matches("proxyAddresses/any(p:p eq 'a@x.example')"));
}

BOOST_AUTO_TEST_CASE(and_binds_more_tightly_than_or) {
  BOOST_TEST(Matches("isRead eq false or isRead eq true and internetMessageId eq 'x'"));
  BOOST_TEST(!Matches("(isRead eq false or isRead eq true) and internetMessageId eq 'x'"));
}

BOOST_AUTO_TEST_CASE(times_are_compared_as_times) {
  BOOST_TEST(Matches("receivedDateTime ge 2026-11-03T09:00:00Z"));
  BOOST_TEST(!Matches("receivedDateTime gt 2026-11-03T09:00:00Z"));
  BOOST_TEST(Matches("receivedDateTime lt 2026-11-03T09:00:00.001Z"));
}

BOOST_AUTO_TEST_CASE(what_the_service_does_not_take_is_refused) {
  for (const char* text :
       {"", "internetMessageId", "internetMessageId eq", "internetMessageId eq 'x", "nosuch eq 'x'",
        "internetMessageId ne 'x'", "internetMessageId eq x", "isRead eq 'false'",
        "isRead eq true)", "(isRead eq true", "proxyAddresses eq 'x'",
        "proxyAddresses/any(p:q eq 'x')", "isRead/any(p:p eq 'x')", "receivedDateTime ge yesterday",
        "isRead eq true isRead eq true"}) {
    BOOST_TEST(!ParseFilter(text, kTypes).ok(), text);
  }
}

BOOST_AUTO_TEST_CASE(deep_nesting_is_refused) {
  BOOST_TEST(!ParseFilter(std::string(100'000, '('), kTypes).ok());
}

BOOST_AUTO_TEST_SUITE_END()
