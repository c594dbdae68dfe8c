// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/place.h"

#include <boost/test/unit_test.hpp>
#include <string>

#include "policy/base/text.h"

namespace clawback {
namespace {

// A page and a text beside it, and a document with a file that came out of it.
Message Mail() {
  Message message;
  message.plain_text = "text";
  message.html_text = "what a reader sees of the page";
  const auto add = [&](int parent, const char* type, const char* name) {
    message.parts.emplace_back();
    message.parts.back().parent = parent;
    message.parts.back().type = type;
    message.parts.back().file_name = name;
  };
  add(-1, "multipart/mixed", "");
  add(0, "text/plain", "");
  add(0, "text/html", "");
  add(0, "application/pdf", "bill.pdf");
  add(3, "application/octet-stream", "bill.exe");
  message.parts[1].text = {0, 4};
  message.parts[2].text = {0, 30};
  return message;
}

// Of a file of that name.
std::string PlaceOfFile(const std::string& name) {
  Message message = Mail();
  message.parts[3].file_name = name;
  return PlaceOfPart(message, 3);
}

BOOST_AUTO_TEST_SUITE(place)

BOOST_AUTO_TEST_CASE(a_part_has_its_number_its_type_its_name_and_what_it_came_out_of) {
  const Message message = Mail();
  BOOST_TEST(PlaceOfPart(message, 0) == "part 0 multipart/mixed");
  BOOST_TEST(PlaceOfPart(message, 2) == "part 2 text/html");
  BOOST_TEST(PlaceOfPart(message, 3) == "part 3 application/pdf \"bill.pdf\"");
  BOOST_TEST(PlaceOfPart(message, 4) ==
             "part 3 \"bill.pdf\" > part 4 application/octet-stream \"bill.exe\"");
  BOOST_TEST(PlaceInside(PlaceOfPart(message, 3), "a/b.exe") ==
             "part 3 application/pdf \"bill.pdf\" > \"a/b.exe\"");
}

BOOST_AUTO_TEST_CASE(links_stand_in_their_part) {
  const Message message = Mail();
  BOOST_TEST(PlaceOfLink(message, {"", "", 2, LinkOrigin::kText}) == "part 2 text/html > link");
  BOOST_TEST(PlaceOfLink(message, {"", "", 3, LinkOrigin::kQrCode}) ==
             "part 3 application/pdf \"bill.pdf\" > qr-code");
}

BOOST_AUTO_TEST_CASE(a_text_is_of_its_part_or_of_several) {
  Message message = Mail();
  BOOST_TEST(PlaceOfSeenText(message) == "part 2 text/html");
  BOOST_TEST(PlaceOfPlainText(message) == "part 1 text/plain");
  message.html_text = "short";
  BOOST_TEST(PlaceOfSeenText(message) == "part 1 text/plain");
  message.parts.push_back(message.parts[1]);
  BOOST_TEST(PlaceOfPlainText(message) == "text");
  BOOST_TEST(PlaceOfHtmlText(message) == "part 2 text/html");
}

// Message::plain_text of two parts.
Message TwoTexts() {
  Message message = Mail();
  message.html_text.clear();
  message.parts[2].type = "text/plain";
  message.plain_text = "text\n\nmore";
  message.parts[2].text = {6, 4};
  return message;
}

BOOST_AUTO_TEST_CASE(what_is_found_in_one_of_several_texts_stands_in_its_part) {
  const Message message = TwoTexts();
  const auto has = [&](std::string_view word) {
    return PlaceInText(message, message.plain_text, [&, word](const MessagePart& part) {
      return message.TextOfPart(part).find(word) != std::string_view::npos;
    });
  };
  BOOST_TEST(has("text") == "part 1 text/plain");
  BOOST_TEST(has("more") == "part 2 text/plain");
  BOOST_TEST(has("e") == "text");
  BOOST_TEST(has("none") == "text");
  BOOST_TEST(PlaceInText(message, message.SeenText(), 3) == "part 1 text/plain");
  BOOST_TEST(PlaceInText(message, message.SeenText(), 5) == "text");  // between them
  BOOST_TEST(PlaceInText(message, message.SeenText(), 6) == "part 2 text/plain");
  // Where there is one alone it is that one.
  const Message one = Mail();
  BOOST_TEST(PlaceInText(one, one.html_text, 1000) == "part 2 text/html");
}

BOOST_AUTO_TEST_CASE(names_of_its_sender_cannot_end_a_place_or_make_it_longer) {
  BOOST_TEST(PlaceOfFile("a\" > \"b.exe") == "part 3 application/pdf \"a' > 'b.exe\"");
  BOOST_TEST(PlaceOfFile("a\xFF.pdf") == "part 3 application/pdf \"a\xEF\xBF\xBD.pdf\"");
  const std::string bad(5000, '\xFF');
  for (const std::string& name : {std::string(5000, 'a') + ".exe", bad + ".exe",
                                  std::string("\xF0\x9F\x93\x84") + std::string(9, 'x') + bad}) {
    const std::string place = PlaceOfFile(name);
    BOOST_TEST(IsUtf8(place));
    BOOST_TEST(place.size() <= 100U);
    BOOST_TEST(place.find("...") != std::string::npos);
  }
  BOOST_TEST(PlaceOfFile(std::string(5000, 'a') + ".exe").ends_with(".exe\""));
}

BOOST_AUTO_TEST_CASE(a_character_is_not_cut_where_a_long_name_is) {
  for (std::size_t front = 0; front < 8; ++front) {
    std::string name(front, 'a');
    while (name.size() < 400) name += "\xE2\x82\xAC";
    const std::string place = PlaceOfFile(name);
    BOOST_TEST(IsUtf8(place));
    BOOST_TEST(place.find("\xEF\xBF\xBD") == std::string::npos, front << ": " << place);
  }
}

BOOST_AUTO_TEST_CASE(the_longest_place_is_within_its_bound) {
  Message message = Mail();
  message.parts.resize(2000, message.parts[4]);
  message.parts[1998].file_name = std::string(500, 'a');
  message.parts[1999].parent = 1998;
  message.parts[1999].type = "application/" + std::string(500, 'x') + "\r\n \"\xFF";
  message.parts[1999].file_name = std::string(500, 'b');
  const std::string place =
      PlaceInside(PlaceOfPart(message, 1999), std::string(400, 'c') + "/d.exe");
  BOOST_TEST(place.size() <= kMostPlace);
  BOOST_TEST(place.ends_with("/d.exe\""));
  message.parts[1999].type = "a \"\xFF\r\nb";
  message.parts[1999].file_name.clear();
  BOOST_TEST(PlaceOfPart(message, 1999).ends_with(" > part 1999 a?????b"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
