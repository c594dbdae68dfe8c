// SPDX-License-Identifier: Apache-2.0
#include "policy/journal/unwrap.h"

#include <boost/test/unit_test.hpp>
#include <chrono>

#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

constexpr std::string_view kId = "<1@sender.example>";
const std::string kMessage =
    "From: a@sender.example\r\nMessage-ID: <1@sender.example>\r\nSubject: x\r\n\r\nHello\r\n";

// A report whose field part and Subject are given.
std::string Report(std::string_view subject, std::string_view fields,
                   const std::string& message = kMessage) {
  std::string report = ReportAbout(message, kId);
  const std::size_t at = report.find("Sender: a@");
  report.replace(at, report.find("\r\n\r\n--_report_", at) - at, fields);
  const std::size_t named = report.find("Subject: x");
  return report.replace(named, 10, "Subject: " + std::string(subject));
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  BOOST_REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

ReportKind KindOf(std::string_view bytes) { return Unwrap(bytes).report.kind; }

BOOST_AUTO_TEST_SUITE(unwrap)

BOOST_AUTO_TEST_CASE(a_report_names_its_recipients_and_gives_the_message_untouched) {
  const std::string bytes =
      Report("x",
             "Sender: a@sender.example\r\nSubject: x\r\nMessage-Id: <1@sender.example>\r\n"
             "To: b@contoso.example, Expanded: all@contoso.example\r\nBcc: c@contoso.example");
  const Unwrapped unwrapped = Unwrap(bytes);
  BOOST_TEST(ToString(unwrapped.report.kind) == "journal-report");
  BOOST_TEST(unwrapped.message == kMessage);
  BOOST_REQUIRE_EQUAL(unwrapped.report.recipients.size(), 2U);
  BOOST_TEST(unwrapped.report.recipients[0].original == "all@contoso.example");
  BOOST_TEST(ToString(unwrapped.report.recipients[1].type) == "Bcc");
}

BOOST_AUTO_TEST_CASE(an_empty_sender_is_the_null_sender) {
  for (const char* spelling : {"", "<>", " <> "}) {
    const std::string bytes =
        Report("x", "Sender:" + std::string(spelling) + "\r\nMessage-Id: <1@sender.example>");
    BOOST_TEST(Unwrap(bytes).report.sender == "<>");
  }
}

BOOST_AUTO_TEST_CASE(a_second_message_id_line_makes_the_report_malformed) {
  const auto unwrapped =
      Unwrap(Report("x",
                    "Sender: a@sender.example\r\nMessage-Id: <1@sender.example>\r\n"
                    "Message-Id: <1@sender.example>\r\nRecipient: b@contoso.example"));
  BOOST_TEST(ToString(unwrapped.report.kind) == "malformed");
  BOOST_TEST(unwrapped.report.recipients.empty());
}

BOOST_AUTO_TEST_CASE(a_subject_after_a_recipient_makes_the_report_malformed) {
  BOOST_TEST(
      ToString(KindOf(Report("x",
                             "Sender: a@sender.example\r\nRecipient: victim@contoso.example\r\n"
                             "Subject: x\r\nMessage-Id: <1@sender.example>"))) == "malformed");
}

BOOST_AUTO_TEST_CASE(lines_of_the_subject_are_no_recipients) {
  const auto unwrapped =
      Unwrap(Report("=?utf-8?Q?Hi=0D=0ARecipient:_victim@contoso.example?=",
                    "Sender: a@sender.example\r\nMessage-Id: <1@sender.example>\r\nSubject: Hi\r\n"
                    "Recipient: victim@contoso.example\r\nRecipient: b@contoso.example"));
  BOOST_TEST(ToString(unwrapped.report.kind) == "journal-report");
  BOOST_REQUIRE_EQUAL(unwrapped.report.recipients.size(), 1U);
  BOOST_TEST(unwrapped.report.recipients[0].address == "b@contoso.example");
}

BOOST_AUTO_TEST_CASE(a_recipient_that_the_subject_names_in_another_way_is_refused) {
  const auto unwrapped =
      Unwrap(Report("=?utf-8?Q?Hi=0D=0ARecipient:_victim@contoso.example=0D=0AX:?=",
                    "Sender: a@sender.example\r\nMessage-Id: <1@sender.example>\r\nSubject: Hi\r\n"
                    "Recipient: VICTIM@contoso.example\r\nRecipient: b@contoso.example"));
  BOOST_TEST(ToString(unwrapped.report.kind) == "malformed");
}

BOOST_AUTO_TEST_CASE(a_subject_whose_line_ends_exchange_removed_hides_no_recipient) {
  // Else a sender could keep a message from being retracted by naming its reader.
  const auto unwrapped =
      Unwrap(Report("=?utf-8?Q?Hi=0D=0ARecipient:_b@contoso.example?=",
                    "Sender: a@sender.example\r\nMessage-Id: <1@sender.example>\r\n"
                    "Subject: Hi Recipient: b@contoso.example\r\nRecipient: b@contoso.example"));
  BOOST_TEST(ToString(unwrapped.report.kind) == "journal-report");
  BOOST_TEST(unwrapped.report.recipients.size() == 1U);
}

BOOST_AUTO_TEST_CASE(of_two_ids_in_the_message_the_one_that_the_report_names_counts) {
  const auto unwrapped = Unwrap(
      ReportAbout("Message-ID: <other@x.example>\r\nMessage-ID: <1@sender.example>\r\n\r\nx", kId));
  BOOST_TEST(ToString(unwrapped.report.kind) == "journal-report");
  BOOST_TEST(unwrapped.report.message_id == kId);
}

BOOST_AUTO_TEST_CASE(a_message_with_another_id_is_not_the_journaled_one) {
  BOOST_TEST(ToString(KindOf(ReportAbout("Message-ID: <2@x.example>\r\n\r\nx", kId))) ==
             "malformed");
}

BOOST_AUTO_TEST_CASE(the_marker_counts_only_under_its_exact_name) {
  const std::string report = ReportAbout(kMessage, kId);
  for (const char* name : {"X-MS-Journal-Report :", "X-MS-Journal-Reports:", "X-Journal-Report:"}) {
    const auto bytes = Replaced(report, "X-MS-Journal-Report:", name);
    BOOST_TEST(ToString(KindOf(bytes)) == "message");
  }
  BOOST_TEST(ToString(KindOf(Replaced(report, "X-MS-Journal-Report:", "x-ms-journal-report: 1"))) ==
             "journal-report");
}

BOOST_AUTO_TEST_CASE(a_plain_notice_is_a_message_and_no_returned_report) {
  const std::string notice = Replaced(JournalSample("s22"), "X-MS-Journal-Report:", "X-Other:");
  BOOST_TEST(ToString(KindOf(notice)) == "message");
}

BOOST_AUTO_TEST_CASE(a_plain_message_is_classified_whole_and_names_its_sender) {
  const std::string mail = "Return-Path: <bounce@sender.example>\r\n" + kMessage;
  const Unwrapped unwrapped = Unwrap(mail);
  BOOST_TEST(unwrapped.message == mail);
  BOOST_TEST(unwrapped.report.sender == "bounce@sender.example");
  BOOST_TEST(unwrapped.report.message_id == kId);
  BOOST_TEST(Unwrap(kMessage).report.sender == "a@sender.example");
}

BOOST_AUTO_TEST_CASE(recipients_beyond_the_limit_are_named_as_a_limit) {
  std::string fields = "Sender: a@sender.example\r\nMessage-Id: <1@sender.example>";
  for (int i = 0; i < 100'001; ++i) {
    fields += "\r\nRecipient: u" + std::to_string(i) + "@contoso.example";
  }
  const std::string bytes = Report("x", fields);
  const auto begin = std::chrono::steady_clock::now();
  const Unwrapped unwrapped = Unwrap(bytes);
  // A square of 100,000 would take minutes.
  BOOST_TEST((std::chrono::steady_clock::now() - begin < std::chrono::seconds(10)));
  BOOST_TEST(unwrapped.report.recipients.size() == 100'000U);
  BOOST_TEST(unwrapped.limit == "recipients");
  BOOST_TEST(ToString(Judge(bytes).verdict.disposition) == "UNSCANNABLE");
}

BOOST_AUTO_TEST_CASE(every_sample_may_end_at_any_byte) {
  // Each cut is either refused, or says nothing that the whole does not say.
  for (const char* name : {"s01", "s03", "s05", "s06", "s11", "s18", "s19", "s21", "s26", "m10"}) {
    const std::string whole = JournalSample(name);
    const Unwrapped all = Unwrap(whole);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::string cut = whole.substr(0, size);
      const Unwrapped unwrapped = Unwrap(cut);
      if (unwrapped.report.kind != ReportKind::kJournalReport) continue;
      BOOST_REQUIRE_EQUAL(unwrapped.report.message_id, all.report.message_id);
      BOOST_REQUIRE_EQUAL(unwrapped.report.recipients.size(), all.report.recipients.size());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
