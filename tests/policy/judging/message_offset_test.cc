// SPDX-License-Identifier: Apache-2.0
// Where the journaled message stands in its report: what other scanners are asked about.
#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

constexpr std::string_view kMessage =
    "From: a@sender.example\r\nMessage-ID: <m@sender.example>\r\nSubject: x\r\n\r\nHello.\r\n";
constexpr std::string_view kId = "<m@sender.example>";

std::optional<std::string_view> Told(std::string_view bytes, const Judgement& judgement) {
  if (!judgement.message_offset) return std::nullopt;
  BOOST_REQUIRE_LE(*judgement.message_offset + judgement.message_bytes, bytes.size());
  return bytes.substr(*judgement.message_offset, judgement.message_bytes);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(message_offset)

BOOST_AUTO_TEST_CASE(a_report_and_the_bare_message_name_the_same_bytes) {
  const std::string report = ReportAbout(kMessage, kId);
  const auto inside = Told(report, Judge(report));
  BOOST_REQUIRE(inside.has_value());
  // The line end before the boundary belongs to the boundary.
  BOOST_TEST(*inside == kMessage);
  BOOST_TEST((Told(kMessage, Judge(kMessage)) == kMessage));
}

BOOST_AUTO_TEST_CASE(a_message_that_stands_encoded_has_no_place) {
  std::string report = ReportAbout(kMessage, kId);
  const std::string type = "Content-Type: message/rfc822\r\n\r\n";
  const std::size_t at = report.find(type);
  // "From: a@sender.example", Message-ID and Subject, then "Hello."
  const std::string encoded =
      "RnJvbTogYUBzZW5kZXIuZXhhbXBsZQ0KTWVzc2FnZS1JRDogPG1Ac2VuZGVyLmV4YW1wbGU+DQpT\r\n"
      "dWJqZWN0OiB4DQoNCkhlbGxvLg0K";
  report.replace(
      at, type.size() + kMessage.size(),
      "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n" + encoded);
  const Judgement judgement = Judge(report);
  BOOST_TEST((judgement.report.kind == ReportKind::kJournalReport), judgement.report.problem);
  BOOST_TEST(judgement.message_bytes == kMessage.size());
  BOOST_TEST(!judgement.message_offset.has_value());
}

BOOST_AUTO_TEST_CASE(what_holds_no_message_has_no_place) {
  const Judgement judgement = Judge("X-MS-Journal-Report:\r\n\r\nnothing\r\n");
  BOOST_TEST((judgement.report.kind == ReportKind::kMalformed));
  BOOST_TEST(!judgement.message_offset.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
