// SPDX-License-Identifier: Apache-2.0
#include "policy/message/parse/tnef.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "policy/judge/prepare.h"
#include "policy/message/message.h"
#include "policy/message/parse/rtf.h"
#include "tests/policy/judging/samples.h"
#include "tests/policy/judging/tnef_writer.h"

namespace clawback {
namespace {

const std::string kEicar =
    std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$") + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
constexpr std::string_view kFromHtml =
    "{\\rtf1\\ansi\\ansicpg1252\\fromhtml1 \\deff0{\\fonttbl{\\f0 Arial;}}{\\*\\generator x;}"
    "{\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 Gr\\'fc\\u223 ?e {\\*\\htmltag84 <a "
    "href=\"http://landing.example/x\">}\\htmlrtf only in RTF\\htmlrtf0 here{\\*\\htmltag92 </a>}"
    "\\htmlrtf \\par}\\htmlrtf0 {\\*\\htmltag72 </p>}}";

std::string MailWith(const std::string& stream) {
  return "From: a@sender.example\r\nMessage-ID: <1@sender.example>\r\n"
         "Content-Type: application/ms-tnef; name=winmail.dat\r\n\r\n" +
         stream;
}

Message Parse(const std::string& stream) {
  PrepareJudging();
  return ParseMessage(MailWith(stream));
}

bool IsWhole(const Message& message) { return !message.Hit("tnef"); }

const MessagePart* Named(const Message& message, std::string_view name) {
  for (const MessagePart& part : message.parts) {
    if (part.file_name == name) return &part;
  }
  return nullptr;
}

std::string DispositionOf(const std::string& stream) {
  return std::string(
      ToString(Judge(ReportAbout(MailWith(stream), "<1@sender.example>")).verdict.disposition));
}

// Attached messages in attached messages, so many levels, a test file in the last.
std::string Nested(int levels) {
  std::string stream = TnefWriter().Attach("a.com", kEicar).Bytes();
  for (int i = 0; i < levels; ++i) {
    stream = TnefWriter().AttachProperties(TnefProperties().AddMessage(stream)).Bytes();
  }
  return stream;
}

BOOST_AUTO_TEST_SUITE(tnef)

BOOST_AUTO_TEST_CASE(the_sample_of_exchange_is_read) {
  const Judgement judgement = Judge(JournalSample("s09"));
  BOOST_TEST(FindReason(judgement, "limit-tnef") == nullptr);
  BOOST_TEST(ToString(judgement.verdict.disposition) == "NONE");
  BOOST_TEST(judgement.fingerprint.text_triples > 0U);
  const std::string sample = JournalSample("s09");
  const Message message = ParseMessage(sample.substr(sample.find("From: Dave Internal", 900)));
  BOOST_TEST(message.plain_text.find("Body only inside TNEF") != std::string::npos);
  BOOST_REQUIRE_EQUAL(message.links.size(), 1U);
  BOOST_TEST(message.links[0].target == "http://landing.malicious.example/tnef");
}

BOOST_AUTO_TEST_CASE(bodies_of_every_kind_reach_the_detectors) {
  const Message message =
      Parse(TnefWriter()
                .Body("plain \xFC http://one.example/")
                .Message(TnefProperties()
                             .AddNamed("some-name", "x")
                             .AddNumber(0x3FDE, 65001)
                             .Add(0x102, 0x1013,
                                  "<p>wide \xC3\xBC <a href='http://two.example/'>2</a></p>")
                             .Add(0x102, 0x1009, PackedRtf(kFromHtml)))
                .Bytes());
  BOOST_TEST(IsWhole(message));
  BOOST_TEST(message.plain_text.find("plain ü") != std::string::npos);
  BOOST_TEST(message.html_text.find("wide ü") != std::string::npos);
  BOOST_TEST(message.html_text.find("Grüße here") != std::string::npos);
  BOOST_TEST(message.html_text.find("only in RTF") == std::string::npos);
  BOOST_REQUIRE_EQUAL(message.links.size(), 3U);
  BOOST_TEST(message.links[2].target == "http://landing.example/x");
}

BOOST_AUTO_TEST_CASE(rtf_that_was_no_html_is_text) {
  const RtfText text = ReadRtf(
      "{\\rtf1\\ansi{\\fonttbl{\\f0 Arial;}}{\\info{\\title no}}One\\par Two \\{\\u8364 ?\\}"
      "{\\pict 00ff}\\tab\\'80 \\u-10179 ?\\u-8694 ?{\\*\\unknown no}}");
  BOOST_TEST(text.text == "One\r\nTwo {€}\t€ \xF0\x9F\x98\x8A");
  BOOST_TEST(!text.html);
  BOOST_TEST(text.whole);
  BOOST_TEST(!ReadRtf("{\\rtf1 a{\\object{\\*\\objdata 0102}}}").whole);
}

BOOST_AUTO_TEST_CASE(packed_text_refers_to_what_stands_before_it) {
  // [MS-OXRTFCP] 3.1: the first example.
  const std::string packed = std::string(
      "\x2D\0\0\0\x2B\0\0\0LZFu\xF1\xC5\xC7\xA7\x03\0\n\0rcpg125B2\n\xF3 hel\t\0 bw\x05"
      "\xB0ld}\n\x80\x0F\xA0",
      49);
  const auto unpacked = UnpackRtf(packed, 1000);
  BOOST_REQUIRE(unpacked.has_value());
  BOOST_TEST(*unpacked == "{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n");
  BOOST_TEST(!UnpackRtf(packed, 20).has_value());
  BOOST_TEST(!UnpackRtf(packed.substr(0, 40), 1000).has_value());
}

BOOST_AUTO_TEST_CASE(attachments_are_judged_like_any) {
  const std::string stream =
      TnefWriter()
          .Attach("notes.txt", "some notes")
          .AttachProperties(TnefProperties()
                                .Add(0x1F, 0x3707, WideOf("Rechnung.com"))
                                .Add(0x1E, 0x370E, std::string("Application/X-Thing\0", 20))
                                .Add(0x102, 0x3701, kEicar))
          .Bytes();
  const Message message = Parse(stream);
  BOOST_TEST(IsWhole(message));
  BOOST_REQUIRE(Named(message, "notes.txt") != nullptr);
  BOOST_TEST(Named(message, "notes.txt")->content == "some notes");
  BOOST_REQUIRE(Named(message, "Rechnung.com") != nullptr);
  BOOST_TEST(Named(message, "Rechnung.com")->type == "application/x-thing");
  BOOST_TEST(DispositionOf(stream) == "MALICIOUS");
}

BOOST_AUTO_TEST_CASE(messages_attached_to_messages_are_opened_ten_deep) {
  BOOST_TEST(DispositionOf(Nested(1)) == "MALICIOUS");
  BOOST_TEST(DispositionOf(Nested(9)) == "MALICIOUS");
  BOOST_TEST(DispositionOf(Nested(40)) == "UNSCANNABLE");
}

BOOST_AUTO_TEST_CASE(a_message_or_a_stream_as_attachment_is_opened_too) {
  const std::string mail =
      "Content-Type: application/octet-stream; name=a.com\r\nContent-Disposition: "
      "attachment\r\n\r\n" +
      kEicar;
  BOOST_TEST(
      DispositionOf(
          TnefWriter()
              .AttachProperties(
                  TnefProperties().Add(0x1E, 0x370E, "message/rfc822").Add(0x102, 0x3701, mail))
              .Bytes()) == "MALICIOUS");
  BOOST_TEST(DispositionOf(TnefWriter().Attach("winmail.dat", Nested(0)).Bytes()) == "MALICIOUS");
}

BOOST_AUTO_TEST_CASE(whatever_cannot_be_read_is_a_limit) {
  const std::string good = TnefWriter().Body("x").Attach("a", "b").Bytes();
  std::string damaged = good;
  damaged.back() = static_cast<char>(damaged.back() + 1);
  TnefWriter flood;
  for (int i = 0; i < 11'000; ++i) flood.Attribute(1, 0x00018004, "x");
  const std::string streams[] = {
      "",
      "no such stream",
      good.substr(0, good.size() - 1),
      good + "\x01",
      damaged,
      flood.Bytes(),
      TnefWriter().Attribute(7, 0x0002800C, "x").Bytes(),
      TnefWriter().Attribute(1, 0x00069003, LittleEndianOf(0x7FFFFFFF, 4)).Bytes(),
      TnefWriter().Message(TnefProperties().Add(0x99, 0x1000, "x")).Bytes(),
      TnefWriter().Message(TnefProperties().Add(0x102, 0x1009, "no packed text")).Bytes(),
      TnefWriter().AttachProperties(TnefProperties().AddMessage("no stream")).Bytes()};
  BOOST_TEST(DispositionOf(good) == "NONE");
  for (const std::string& stream : streams) {
    BOOST_TEST(DispositionOf(stream) == "UNSCANNABLE", stream.size());
  }
}

BOOST_AUTO_TEST_CASE(a_stream_may_end_at_any_byte) {
  TnefWriter writer;
  writer.Body("text")
      .Message(TnefProperties().Add(0x102, 0x1009, PackedRtf(kFromHtml)).AddNamed("n", "v"))
      .Attach("a.txt", "content")
      .AttachProperties(TnefProperties().AddMessage(Nested(1)));
  const std::string stream = writer.Bytes();
  int whole = 0;
  for (std::size_t size = 0; size <= stream.size(); ++size) {
    const auto sink = [](const TnefPart&) { return true; };
    if (ReadTnef(std::string_view(stream).substr(0, size), TnefLimits{}, sink)) ++whole;
  }
  // A stream has no end mark: without its last attribute it is another whole one.
  BOOST_TEST(whole == writer.attributes() + 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
