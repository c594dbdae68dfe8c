// SPDX-License-Identifier: Apache-2.0
// What is kept from GMime must not change what it finds.
#include "policy/message/parse/structure_fields.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "policy/judge/prepare.h"
#include "policy/message/message.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

namespace fs = std::filesystem;
using namespace std::string_view_literals;

// Makes a header that goes to GMime whole, and says nothing.
constexpr auto kOdd = "X-Odd: a\0b\r\n"sv;

bool SamePart(const MessagePart& a, const MessagePart& b) {
  return a.depth == b.depth && a.parent == b.parent && a.type == b.type && a.charset == b.charset &&
         a.file_name == b.file_name && a.attachment == b.attachment && a.content == b.content;
}

bool SameTree(const Message& a, const Message& b) {
  return std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(), b.parts.end(), SamePart) &&
         a.plain_text == b.plain_text && a.html_text == b.html_text &&
         a.limits_hit == b.limits_hit && a.links.size() == b.links.size();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(structure_fields)

BOOST_AUTO_TEST_CASE(the_first_field_and_those_of_the_content_stay) {
  const auto kept = WithoutOtherFields(
      "Received: one\r\n\tmore\r\nFrom: a@b.example\r\nCONTENT-Type: text/html;\r\n charset=x\r\n"
      "Subject: x\r\n y\r\nContent-Language: de\r\nTo: c\r\n\r\nbody\r\nTo: d\r\n");
  BOOST_TEST(kept.value_or("") ==
             "Received: one\r\n\tmore\r\nCONTENT-Type: text/html;\r\n charset=x\r\n"
             "Content-Language: de\r\n\r\nbody\r\nTo: d\r\n");
  BOOST_TEST(WithoutOtherFields("From: a\nTo: b\n\nbody").value_or("") == "From: a\n\nbody");
}

BOOST_AUTO_TEST_CASE(a_header_that_is_not_plain_is_left_whole) {
  for (const std::string_view bytes :
       {""sv, "\r\nbody"sv, "From: a\r\n"sv, "From: a\r\nTo: b"sv, " folded: first\r\n\r\nbody"sv,
        "From a@b.example Mon\r\nTo: b\r\n\r\nbody"sv, "From: a\r\nno field\r\n\r\nbody"sv,
        "From: a\r\nTo : b\r\n\r\nbody"sv, "From: a\r\n \r\nTo: b\r\n\r\nbody"sv,
        "From: a\r\nX: b\rContent-Type: text/html\r\n\r\nbody"sv, "From: a\r\r\n\r\nbody"sv,
        "From: a\r\nX: \0\r\n\r\nbody"sv, "From: a\r\n: b\r\n\r\nbody"sv}) {
    BOOST_TEST(!WithoutOtherFields(bytes).has_value(), bytes);
  }
  BOOST_TEST(!WithoutOtherFields("From: a\r\n\r\n" + std::string(300'000, 'x')).has_value());
}

// The reports and the written cases.
BOOST_AUTO_TEST_CASE(messages_are_the_same_with_and_without_other_fields) {
  PrepareJudging();
  int compared = 0;
  for (const fs::path& folder :
       {JournalSamples(), fs::path(CLAWBACK_SOURCE_DIR) / "tests/data/cases"}) {
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".eml") continue;
      const std::string bytes = ReadFile(entry.path());
      if (!WithoutOtherFields(bytes)) continue;
      ++compared;
      const std::string whole = std::string(kOdd) + bytes;
      BOOST_REQUIRE(!WithoutOtherFields(whole).has_value());
      BOOST_TEST(SameTree(ParseMessage(bytes), ParseMessage(whole)), entry.path());
    }
  }
  BOOST_TEST(compared > 300);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
