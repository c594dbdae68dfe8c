// SPDX-License-Identifier: Apache-2.0
#include "policy/base/text.h"

#include <boost/test/unit_test.hpp>
#include <string>

namespace clawback {

BOOST_AUTO_TEST_SUITE(text)

BOOST_AUTO_TEST_CASE(utf8_is_told_from_what_only_looks_like_it) {
  for (const std::string_view good :
       {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    BOOST_TEST(IsUtf8(good), good);
    BOOST_TEST(RepairUtf8(good) == good);
  }
  for (const std::string_view bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xE0\x9F\xBF",
                                     "\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
                                     "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF", "\xC2\x41"}) {
    BOOST_TEST(!IsUtf8(bad));
    BOOST_TEST(IsUtf8(RepairUtf8(bad)));
  }
}

// At every place of the eight bytes that are looked at together, and beside each other.
BOOST_AUTO_TEST_CASE(eight_bytes_are_read_as_one_by_one) {
  for (int byte = 0; byte < 256; ++byte) {
    const char c = static_cast<char>(byte);
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    for (std::size_t size = 1; size < 20; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text(size, '@'), lower(size, '@');
        text[at] = c;
        lower[at] = small;
        BOOST_REQUIRE(LowerAscii(text) == lower);
        BOOST_REQUIRE(AsciiSize(text) == (byte < 0x80 ? size : at));
        BOOST_REQUIRE(IsUtf8(text) == (byte < 0x80));
      }
      BOOST_REQUIRE(LowerAscii(std::string(size, c)) == std::string(size, small));
    }
  }
}

BOOST_AUTO_TEST_CASE(repair_keeps_what_is_whole) {
  BOOST_TEST(RepairUtf8("a\xFF"
                        "b\xC3\xBC\xC3") ==
             "a\xEF\xBF\xBD"
             "b\xC3\xBC\xEF\xBF\xBD");
}

BOOST_AUTO_TEST_CASE(a_cut_never_leaves_half_a_character) {
  const std::string text = "a\xC3\xBC\xE2\x82\xAC\xF0\x9F\x98\x80";
  for (size_t max = 0; max <= text.size(); ++max) {
    BOOST_TEST(IsUtf8(CutUtf8(text, max)));
    BOOST_TEST(CutUtf8(text, max).size() <= max);
    BOOST_TEST(CutUtf8(text, max).size() + 4 > max);
  }
  BOOST_TEST(CutUtf8(text, 99) == text);
}

BOOST_AUTO_TEST_CASE(case_is_folded_in_ascii_only) {
  BOOST_TEST(LowerAscii("AZaz@[`{\xC3\x9C") == "azaz@[`{\xC3\x9C");
  BOOST_TEST(EqualIgnoringCase("A.Example", "a.eXAMPLE"));
  BOOST_TEST(!EqualIgnoringCase("a", "ab"));
  BOOST_TEST(!EqualIgnoringCase("@", "`"));
}

BOOST_AUTO_TEST_CASE(a_set_of_bytes_finds_the_first_of_its_own) {
  constexpr ByteSet set("/?\xff");
  static_assert(set.Has('/') && set.Has('\xff') && !set.Has('\0') && !set.Has('a'));
  BOOST_TEST(set.FirstIn("ab/c?") == 2U);
  BOOST_TEST(set.FirstIn("ab/c?", 3) == 4U);
  BOOST_TEST(set.FirstIn("abc") == 3U);
  BOOST_TEST(set.FirstIn("abc", 7) == 3U);
  BOOST_TEST(set.FirstIn("") == 0U);
}

BOOST_AUTO_TEST_CASE(trim_takes_white_space_at_both_ends) {
  BOOST_TEST(Trim(" \t a b \r\n") == "a b");
  BOOST_TEST(Trim(" \n").empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
