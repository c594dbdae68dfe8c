// SPDX-License-Identifier: Apache-2.0
#include "policy/message/message.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <chrono>

#include "policy/judge/prepare.h"
#include "policy/message/parse/charset.h"
#include "policy/message/parse/html_text.h"
#include "policy/message/parse/prescan.h"
#include "policy/message/parse/transfer_encoding.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

Message Parse(std::string_view bytes) {
  PrepareJudging();
  return ParseMessage(bytes);
}

bool Hit(const Message& message, std::string_view limit) { return message.Hit(limit); }

std::string Repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

// count parts, each the content of type text/plain.
std::string ManyParts(int count) {
  return "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + Repeated("--b\r\n\r\nx\r\n", count) +
         "--b--\r\n";
}

std::string Nested(int levels) {
  std::string out;
  for (int i = 0; i < levels; ++i) {
    const std::string boundary = "b" + std::to_string(i);
    out += "Content-Type: multipart/mixed; boundary=" + boundary + "\r\n\r\n--" + boundary + "\r\n";
  }
  return out + "\r\nx\r\n";
}

BOOST_AUTO_TEST_SUITE(message)

BOOST_AUTO_TEST_CASE(texts_and_attachments_are_decoded) {
  const Message message = Parse(
      "From: =?utf-8?Q?J=C3=BCrgen?= <J@Example.org>\r\nSubject: =?koi8-r?B?8NLJ18XU?=\r\n"
      "Date: Tue, 03 Nov 2026 09:14:05 +0000\r\nContent-Type: multipart/mixed; boundary=\"b\"\r\n"
      "\r\n--b\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\nGr=FC=DFe https://a.example/x.\r\n"
      "--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n"
      "Content-Disposition: attachment; filename*=utf-8''%C3%BC.pdf\r\n\r\naGFsbG8=\r\n--b--\r\n");
  BOOST_TEST(message.subject == "Привет");
  BOOST_REQUIRE_EQUAL(message.from.size(), 1U);
  BOOST_TEST(message.from[0].display_name == "Jürgen");
  BOOST_TEST(message.from[0].address == "j@example.org");
  BOOST_TEST(message.date == 1793697245);
  BOOST_TEST(message.plain_text == "Grüße https://a.example/x.");
  BOOST_REQUIRE_EQUAL(message.links.size(), 1U);
  BOOST_TEST(message.links[0].target == "https://a.example/x");
  BOOST_REQUIRE_EQUAL(message.parts.size(), 3U);
  BOOST_TEST(message.parts[2].content == "hallo");
  BOOST_TEST(message.parts[2].file_name == "ü.pdf");
  BOOST_TEST(message.parts[2].attachment);
  BOOST_TEST(message.limits_hit.empty());
}

BOOST_AUTO_TEST_CASE(an_encoded_message_is_opened_like_any_other) {
  const Message message = Parse(
      "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n"
      "Q29udGVudC1UeXBlOiB0ZXh0L2h0bWwKCjxwPmhpZGRlbjwvcD4=\r\n");
  BOOST_TEST(message.html_text.find("hidden") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bytes_without_any_header_are_text) {
  BOOST_TEST(Parse("no header here\nnone\n").plain_text.find("no header") != std::string::npos);
  BOOST_TEST(Parse("").limits_hit.empty());
}

BOOST_AUTO_TEST_CASE(each_limit_is_named_when_it_is_hit_and_not_before) {
  BOOST_TEST(!Hit(Parse(ManyParts(900)), "parts"));
  BOOST_TEST(Hit(Parse(ManyParts(1100)), "parts"));
  BOOST_TEST(!Hit(Parse(Nested(49)), "depth"));
  BOOST_TEST(Hit(Parse(Nested(60)), "depth"));
  BOOST_TEST(!Hit(Parse(Repeated("A: b\r\n", 999) + "\r\nx"), "headers"));
  BOOST_TEST(Hit(Parse(Repeated("A: b\r\n", 1001) + "\r\nx"), "headers"));
  BOOST_TEST(!Hit(Parse("A: " + std::string(150 << 10, 'a') + "\r\n\r\nx"), "header-block"));
  BOOST_TEST(Hit(Parse("A: " + std::string(300 << 10, 'a') + "\r\n\r\nx"), "header-block"));
  BOOST_TEST(
      Hit(Parse("Content-Type: text/plain" + Repeated("; a=b", 65) + "\r\n\r\nx"), "parameters"));
  BOOST_TEST(
      !Hit(Parse("To: " + Repeated("a:b@c.example;, ", 400) + "\r\n\r\nx"), "address-groups"));
  BOOST_TEST(Hit(Parse("To: " + Repeated("a:", 60'000) + "\r\n\r\nx"), "address-groups"));
  BOOST_TEST(Hit(Parse("Cc: " + Repeated("=?utf-8?Q?a?=,", 5000) + "\r\n\r\nx"), "address-words"));
  BOOST_TEST(Hit(Parse("Content-Type: application/ms-tnef\r\n\r\nx"), "tnef"));
  BOOST_TEST(
      Hit(Parse("Content-Type: message/partial; id=a; number=1\r\n\r\nx"), "content-elsewhere"));
}

BOOST_AUTO_TEST_CASE(dashes_in_a_plain_text_are_no_attack) {
  const std::string dump =
      "Content-Type: text/plain\r\n\r\n" + Repeated("-- a comment of a database\r\n", 50'000);
  BOOST_TEST(Parse(dump).limits_hit.empty());
}

BOOST_AUTO_TEST_CASE(lines_times_boundaries_are_cut_off_before_gmime_pays_for_them) {
  const std::string attack = Nested(1000) + Repeated("--x\r\n", 200'000);
  const Prescan scan = ScanBeforeParsing(attack, MessageLimits{});
  BOOST_TEST(!scan.limit.empty());
  BOOST_TEST(scan.safe_bytes < attack.size());
  BOOST_TEST(scan.comparisons <= 20'001'024U);
  const auto begin = std::chrono::steady_clock::now();
  BOOST_TEST(!Parse(attack).limits_hit.empty());
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(5)));
}

BOOST_AUTO_TEST_CASE(a_boundary_in_a_form_that_the_scan_cannot_read_counts_every_dash) {
  const std::string parts = Repeated("--zz\r\n\r\nx\r\n", 1100);
  for (const char* form : {"boundary*=utf-8''%7A%7A", "boundary*0=z; boundary*1=z",
                           "boundary=\"z\\z\"", "BOUNDARY = zz", "boundary\r\n =\"zz\""}) {
    const std::string mail =
        "Content-Type: multipart/mixed; " + std::string(form) + "\r\n\r\n" + parts;
    BOOST_TEST(Hit(Parse(mail), "parts"), form);
  }
}

BOOST_AUTO_TEST_CASE(the_scan_looks_at_each_line_once) {
  for (const int lines : {1000, 10'000, 100'000}) {
    const std::string bytes =
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + Repeated("--bb\r\n", lines);
    BOOST_TEST(ScanBeforeParsing(bytes, MessageLimits{}).lines == static_cast<unsigned>(lines) + 2);
  }
}

BOOST_AUTO_TEST_CASE(many_small_things_take_linear_time) {
  // Each would take minutes, were it a square.
  const auto begin = std::chrono::steady_clock::now();
  Parse("Content-Type: text/html\r\n\r\n" + Repeated("<a href=x>", 300'000));
  Parse("Content-Type: text/html\r\n\r\n" +
        Repeated("<script><div style='display:none'>", 100'000));
  Parse("Content-Type: text/html\r\n\r\n<a " + Repeated("\" ", 500'000));
  Parse("Subject: " + Repeated("=?", 120'000) + "\r\n\r\nx");
  Parse("Subject: " + Repeated("[EXT]", 50'000) + "\r\n\r\nx");
  Parse("From: " + Repeated("<", 120'000) + "\r\n\r\nx");
  Parse("From: " + Repeated("a:", 60'000) + "\r\n\r\nx");
  Parse("Authentication-Results: " + Repeated("(", 120'000) + "\r\n\r\nx");
  Judge("Content-Type: text/plain\r\n\r\n" + Repeated("word http ", 200'000));
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(30)));
}

BOOST_AUTO_TEST_CASE(a_message_may_end_at_any_byte) {
  for (const char* name : {"s08", "s09", "s10", "m11", "m13", "s25"}) {
    const std::string bytes = JournalSample(name);
    for (std::size_t size = 0; size <= bytes.size(); size += 3) {
      BOOST_REQUIRE(Parse(std::string_view(bytes).substr(0, size)).parts.size() <= 1000);
    }
  }
}

BOOST_AUTO_TEST_CASE(html_is_read_as_a_reader_sees_it) {
  const HtmlText html = ReadHtml(
      "<html><head><title>no</title><style>p{x:'<b>'}</style></head><body><!-- no <p>no</p> -->"
      "<script>if(a<b)document.write('no</p>')</script>Hel<b>lo</b>&nbsp;&amp; &#x77;orld"
      "<div style=\"DISPLAY: none\">no<div>no</div>no</div><p>Sign <a title='>' "
      "href='http://x.example/?a=1&amp;b=2'>"
      "in <i>here</i></a></p></body></html>",
      100);
  BOOST_TEST(html.text.find("no") == std::string::npos);
  BOOST_TEST(html.text.find("Hello\xC2\xA0& world") != std::string::npos);
  BOOST_REQUIRE_EQUAL(html.links.size(), 1U);
  BOOST_TEST(html.links[0].target == "http://x.example/?a=1&b=2");
  BOOST_TEST(html.links[0].text == "in here");
}

BOOST_AUTO_TEST_CASE(entities_that_are_none_stay) {
  BOOST_TEST(DecodeEntities("a & b &unknown; &#; &#x; &copy &lt") ==
             "a & b &unknown; &#; &#x; &copy <");
  BOOST_TEST(DecodeEntities("&eacute;&euro;&#8364;&#xD800;&#99999999;") == "é€€\uFFFD\uFFFD");
}

BOOST_AUTO_TEST_CASE(encoded_words_are_joined_before_their_charset_is_decoded) {
  BOOST_TEST(DecodeWords("=?utf-8?Q?=C3?= =?utf-8?Q?=BC?= x") == "ü x");
  BOOST_TEST(DecodeWords("a =?utf-8?B?w7w=?= b") == "a ü b");
  BOOST_TEST(DecodeWords("=?utf-8?X?a?= =?utf-8?Q?") == "=?utf-8?X?a?= =?utf-8?Q?");
  BOOST_TEST(DecodeWords("=?iso-2022-jp?B?GyRCJDMbKEI=?=") == "こ");
}

BOOST_AUTO_TEST_CASE(any_charset_becomes_utf8) {
  BOOST_TEST(ToUtf8("\xA4", "iso-8859-15") == "€");
  BOOST_TEST(ToUtf8("\xE9", "") == "é");
  // Windows writes more under these names than the standards have.
  BOOST_TEST(ToUtf8("\xB0\x6C", "GB2312") == ToUtf8("\xB0\x6C", "gbk"));
  BOOST_TEST(ToUtf8("\x81\x41", "euc-kr") == "갂");
  BOOST_TEST(ToUtf8("\x80\xFD", "iso-8859-9") == "€ı");
  BOOST_TEST(ToUtf8("F\xE4llig", "ANSI_X3.4-1968") == "Fällig");
  BOOST_TEST(ToUtf8("\xE9", "no-such-charset") == "é");
  BOOST_TEST(ToUtf8("a\xFF", "utf-8") == "a\uFFFD");
  BOOST_TEST(ToUtf8(std::string("\xFF\xFE"
                                "a\0",
                                4),
                    "utf-16") == "a");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
