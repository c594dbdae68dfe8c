// SPDX-License-Identifier: Apache-2.0
#include "policy/message/fingerprint_of.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "policy/judge/prepare.h"
#include "policy/message/parse/charset.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

Fingerprint Of(std::string_view bytes) {
  PrepareJudging();
  return FingerprintOf(ParseMessage(bytes));
}

const std::string kHead =
    "From: Anna <Anna@Sender.example>\r\nDate: Tue, 03 Nov 2026 09:14:05 +0000\r\n"
    "Message-ID: <1@sender.example>\r\nSubject: Figures of the  quarter\r\n";

std::string Mixed(const std::string& head, const std::string& boundary, const std::string& text,
                  const std::string& file) {
  return head + "Content-Type: multipart/mixed; boundary=\"" + boundary + "\"\r\n\r\n--" +
         boundary + "\r\n" + text + "\r\n--" + boundary + "\r\n" + file + "\r\n--" + boundary +
         "--\r\n";
}

const std::string kText =
    "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: "
    "quoted-printable\r\n"
    "\r\nThe figures for M=FCnchen are attached, please read them before Thursday: "
    "http://files.example/q3 and tell me what you think of them.";
const std::string kTextOfCopy =
    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    "The figures for München are attached,\r\nplease read them before Thursday:\r\n"
    "https://eur01.safelinks.protection.example/?url=http%3A%2F%2Ffiles.example%2Fq3\r\n"
    "and tell me what you think of them.";
const std::string kFile =
    "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=a.pdf\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK";
const std::string kFileOfCopy =
    "Content-Disposition: attachment;\r\n\tfilename=\"a.pdf\"\r\nContent-Type: application/pdf;\r\n"
    "\tname=\"a.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBE\r\nRi0x\r\nLjQK\r\n";

BOOST_AUTO_TEST_SUITE(fingerprint_of)

BOOST_AUTO_TEST_CASE(a_stored_copy_has_the_fingerprint_of_the_journaled_message) {
  const Fingerprint report =
      Of(Mixed(kHead + "X-MS-Exchange-Organization-AuthAs: Anonymous\r\n", "one", kText, kFile));
  const std::string reordered =
      "Subject: =?utf-8?Q?[EXTERNAL]_Figures_of?=\r\n =?utf-8?Q?_the_quarter?=\r\n"
      "Message-ID:\r\n\t<1@sender.example>\r\nDate: Tue, 3 Nov 2026 10:14:05 +0100\r\n"
      "From: \"Anna\" <anna@sender.example>\r\n";
  const Fingerprint copy = Of(Mixed(reordered, "_000_two_", kTextOfCopy, kFileOfCopy));
  BOOST_TEST((report == copy));
  BOOST_TEST(report.text.size() > 10U);
  BOOST_TEST(report.attachments.size() == 1U);
}

BOOST_AUTO_TEST_CASE(html_alone_has_the_text_of_both_alternatives) {
  const std::string html =
      "Content-Type: text/html; charset=utf-8\r\n\r\n<p>The figures for M&uuml;nchen are "
      "<b>attached</b></p><p>please read them <a href=\"http://x.example/\">here</a></p>";
  const std::string both = kHead +
                           "Content-Type: multipart/alternative; boundary=a\r\n\r\n--a\r\n" +
                           kText + "\r\n--a\r\n" + html + "\r\n--a--\r\n";
  BOOST_TEST((Of(both).text == Of(kHead + html).text));
}

BOOST_AUTO_TEST_CASE(a_disclaimer_adds_triples_and_takes_few_away) {
  const Fingerprint report = Of(kHead + kText);
  const Fingerprint copy =
      Of(kHead +
         "Content-Type: text/plain; charset=utf-8\r\n\r\nCAUTION: this came from outside.\r\n"
         "The figures for München are attached, please read them before Thursday: "
         "and tell me what you think of them.\r\nThis mail is confidential.\r\n");
  std::size_t common = 0;
  for (const std::uint64_t triple : report.text) {
    common += std::binary_search(copy.text.begin(), copy.text.end(), triple) ? 1 : 0;
  }
  BOOST_TEST(common == report.text.size());
  BOOST_TEST(copy.text_triples > report.text_triples);
}

BOOST_AUTO_TEST_CASE(another_text_or_attachment_has_another_fingerprint) {
  const Fingerprint report = Of(Mixed(kHead, "one", kText, kFile));
  std::string other = kFile;
  other.replace(other.find("JVBE"), 4, "JVBF");
  BOOST_TEST((Of(Mixed(kHead, "one", kText, other)).attachments != report.attachments));
  BOOST_TEST((Of(kHead + "\r\nSomething else is written here altogether.").text != report.text));
}

BOOST_AUTO_TEST_CASE(the_sketch_is_bounded_ascending_and_counts_what_it_left_out) {
  std::string words;
  for (int i = 0; i < 2000; ++i) words += "word" + std::to_string(i) + " ";
  const Fingerprint fingerprint = Of(kHead + "\r\n" + words);
  BOOST_TEST(fingerprint.text.size() == 256U);
  BOOST_TEST(fingerprint.text_triples == 1998U);
  BOOST_TEST(std::is_sorted(fingerprint.text.begin(), fingerprint.text.end()));
}

BOOST_AUTO_TEST_CASE(a_question_for_a_fingerprint_gets_nothing_else) {
  JudgeRequest request;
  request.question = Question::kFingerprint;
  const Judgement judgement = JudgeBytes(kHead + kText, request);
  BOOST_TEST((judgement.fingerprint == Of(kHead + kText)));
  BOOST_TEST(judgement.fingerprint.message_id == "<1@sender.example>");
  BOOST_TEST(judgement.fingerprint.from == "anna@sender.example");
  BOOST_TEST(judgement.verdict.findings.empty());
}

// Each of these once cost the square of its length: minutes for so many.
BOOST_AUTO_TEST_CASE(a_long_text_of_almost_links_or_of_marks_costs_no_minutes) {
  const std::string head = "From: a@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n";
  std::string almost, marks = "a";
  for (int i = 0; i < 300'000; ++i) almost += "http:/";
  for (int i = 0; i < 300'000; ++i) marks += "\u0301\u0316";
  BOOST_TEST(FingerprintOf(ParseMessage(head + almost)).text_triples == 1U);
  BOOST_TEST(FingerprintOf(ParseMessage(head + marks)).text_triples == 1U);
}

BOOST_AUTO_TEST_CASE(a_letter_keeps_as_many_marks_as_any_script_has) {
  const auto with = [](int marks) {
    std::string text = "a";
    for (int i = 0; i < marks; ++i) text += "\u0323";
    return FoldForComparison(text + "b");
  };
  BOOST_TEST(with(29) != with(30));
  BOOST_TEST(with(30) == with(31));
  BOOST_TEST(with(30) == with(5000));
  BOOST_TEST(FoldForComparison("\u1100\u1161\u11a8 u\u0308") == "\uac01 \u00fc");
}

BOOST_AUTO_TEST_CASE(links_are_no_words_and_what_only_begins_like_one_is) {
  const auto words = [](const std::string& text) {
    return FingerprintOf(ParseMessage("From: a@b.example\r\n\r\n" + text)).text;
  };
  BOOST_TEST(words("one two three") == words("one https://a.example/x two (www.b.example) three"));
  BOOST_TEST(words("one two three") == words("one mailto:a@b.example two HTTP://c three"));
  BOOST_TEST(words("one http two three") != words("one two three"));
  BOOST_TEST(words("one http two three") == words("one http, two https://x three"));
  BOOST_TEST(words("http a b") == words("http:/a:b https://x"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
