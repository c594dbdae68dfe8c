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

BOOST_AUTO_TEST_CASE(a_recipient_that_the_subject_names_on_one_line_is_refused) {
  // The wrapper's copy lost its line ends, the field part's did not.
  for (const char* copy :
       {"Hi Recipient: victim@contoso.example", "Hi  to:Victim@contoso.example, x",
        "Hi bcc: <victim@contoso.example>"}) {
    const auto unwrapped = Unwrap(
        Report(copy,
               "Sender: a@sender.example\r\nMessage-Id: <1@sender.example>\r\nSubject: Hi\r\n"
               "Recipient: victim@contoso.example\r\nRecipient: b@contoso.example"));
    BOOST_TEST(ToString(unwrapped.report.kind) == "malformed", copy);
  }
  // What only looks like it hides nobody: the text is whole, or names no recipient.
  for (const char* copy : {"About: victim@contoso.example", "auto:victim@contoso.example", "To"}) {
    const auto unwrapped = Unwrap(
        Report(copy,
               "Sender: a@sender.example\r\nMessage-Id: <1@sender.example>\r\nSubject: Hi\r\n"
               "Recipient: victim@contoso.example"));
    BOOST_TEST(ToString(unwrapped.report.kind) == "journal-report", copy);
  }
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

BOOST_AUTO_TEST_CASE(a_crowd_of_ids_does_not_hide_the_one_that_the_report_names) {
  std::string message;
  for (int i = 2; i < 900; ++i) message += "Message-ID: <" + std::to_string(i) + "@x.example>\r\n";
  message += "Message-ID:\r\n\t" + std::string(kId) + "\r\n\r\nx";
  const auto unwrapped = Unwrap(ReportAbout(message, kId));
  BOOST_TEST(ToString(unwrapped.report.kind) == "journal-report", unwrapped.report.problem);
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

// --- the field part in any charset and encoding ------------------------------------

// A report whose field part has its own type and encoding; text is encoded already.
std::string ReportIn(std::string_view type, std::string_view encoding, std::string_view text) {
  std::string report = Report("x", text);
  report = Replaced(report, "text/plain; charset=\"us-ascii\"", "text/plain; " + std::string(type));
  return Replaced(report, "Content-Transfer-Encoding: 7bit",
                  "Content-Transfer-Encoding: " + std::string(encoding));
}

std::string Base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0U;
    };
    const unsigned triple = byte(0) << 16U | byte(1) << 8U | byte(2);
    for (unsigned k = 0; k < 4; ++k) {
      const bool pad = i + k > bytes.size();
      out += pad ? '=' : kDigits[triple >> (18 - 6 * k) & 63U];
    }
    if (i % 57 == 54) out += "\r\n";
  }
  return out;
}

std::string Utf16(std::string_view ascii, bool little, bool mark) {
  std::string out = mark ? (little ? "\xFF\xFE" : "\xFE\xFF") : "";
  for (const char c : ascii) {
    out += little ? c : '\0';
    out += little ? '\0' : c;
  }
  return out;
}

const std::string kFields =
    "Sender: a@sender.example\r\nSubject: x\r\nMessage-Id: <1@sender.example>\r\n"
    "Recipient: b@contoso.example, Forwarded: c@contoso.example\r\n";

BOOST_AUTO_TEST_CASE(the_field_part_is_read_in_every_charset_and_encoding) {
  const std::string japanese = "Subject: \x1B$B@A5a=q\x1B(B";
  const std::string reports[] = {
      ReportIn("charset=utf-16", "base64", Base64(Utf16(kFields, true, true))),
      ReportIn("charset=utf-16", "base64", Base64(Utf16(kFields, false, true))),
      ReportIn("charset=utf-16le", "base64", Base64(Utf16(kFields, true, false))),
      ReportIn("charset=\"UTF-16BE\"", "binary", Utf16(kFields, false, false)),
      ReportIn("charset=utf-8", "quoted-printable",
               "Sender: a@sender.ex=\r\nample\r\nSubject: =C3=BC\r\nMessage-Id: <1@send=\r\n"
               "er.example>\r\nRecipient: b@contoso.example=2C Forwarded: c@contoso.example"),
      ReportIn("charset=iso-2022-jp", "7bit", Replaced(kFields, "Subject: x", japanese)),
      ReportIn("charset=utf-16", "7bit", kFields),  // lies
      ReportIn("charset=utf-7", "7bit", kFields),   // lies
      ReportIn("charset=x-unknown", "8bit", Replaced(kFields, "Subject: x", "Subject: \xFC")),
      ReportIn("format=flowed", "x-unknown", kFields),
      ReportIn("charset=utf-8", "base64", Base64("\xEF\xBB\xBF" + kFields)),
      ReportIn("charset=ibm037", "base64", Base64(kFields)),  // lies
  };
  for (const std::string& bytes : reports) {
    BOOST_TEST_CONTEXT(bytes.substr(bytes.find("text/plain"), 80)) {
      const JournalReport report = Unwrap(bytes).report;
      BOOST_TEST(ToString(report.kind) == "journal-report", report.problem);
      BOOST_TEST(report.sender == "a@sender.example");
      BOOST_REQUIRE_EQUAL(report.recipients.size(), 1U);
      BOOST_TEST(report.recipients[0].address == "b@contoso.example");
      BOOST_TEST(report.recipients[0].original == "c@contoso.example");
    }
  }
}

BOOST_AUTO_TEST_CASE(a_charset_makes_no_lines_of_a_senders_text) {
  const std::string hidden = Replaced(
      kFields, "Subject: x", "Subject: x+AA0ACg-Recipient: victim@contoso.example+AA0ACg- \xFC");
  for (const char* name : {"utf-7", "UTF_7", "unicode-1-1-utf-7", "scsu", "hz-gb-2312"}) {
    const auto unwrapped = Unwrap(ReportIn("charset=" + std::string(name), "8bit", hidden));
    BOOST_TEST(unwrapped.report.recipients.size() <= 1U, name);
    for (const Recipient& each : unwrapped.report.recipients) {
      BOOST_TEST(each.address == "b@contoso.example", name);
    }
  }
}

BOOST_AUTO_TEST_CASE(line_ends_of_unicode_and_lone_carriage_returns_end_no_line) {
  for (const char* end : {"\xE2\x80\xA8", "\xC2\x85", "\r", "\x0B", "\x0C"}) {
    const std::string bytes =
        ReportIn("charset=utf-8", "8bit",
                 Replaced(kFields, "Subject: x",
                          "Subject: x" + std::string(end) + "Recipient: victim@contoso.example"));
    const auto unwrapped = Unwrap(bytes);
    BOOST_REQUIRE_EQUAL(unwrapped.report.recipients.size(), 1U);
    BOOST_TEST(unwrapped.report.recipients[0].address == "b@contoso.example");
  }
}

// --- contradiction ---------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(each_pair_of_ids_that_disagrees_makes_the_report_malformed) {
  const std::string report = ReportAbout(kMessage, kId);
  const std::string parent = "Parent-Message-Id:\r\n\t<1@sender.example>";
  const std::string field = "Message-Id: <1@sender.example>";
  const std::string inner = "Message-ID: <1@sender.example>";
  for (const std::string& place : {parent, field, inner}) {
    const std::string other = Replaced(place, "<1@", "<2@");
    BOOST_TEST(ToString(KindOf(Replaced(report, place, other))) == "malformed", place);
  }
}

BOOST_AUTO_TEST_CASE(header_fields_that_stand_twice_and_differ_are_not_believed) {
  const std::string report = ReportAbout(kMessage, kId);
  const auto with = [&](std::string_view line) {
    return Unwrap(Replaced(report, "MIME-Version: 1.0\r\n",
                           "MIME-Version: 1.0\r\n" + std::string(line) + "\r\n"))
        .report;
  };
  BOOST_TEST(ToString(with("Content-Type: multipart/mixed; boundary=x").kind) == "malformed");
  BOOST_TEST(ToString(with("X-MS-Exchange-Parent-Message-Id: <2@x>").kind) == "malformed");
  const auto marks = with(
                         "X-OriginatorOrg: a.example\r\nX-OriginatorOrg: b.example\r\n"
                         "X-LD-Processed: 1,ExtAddr\r\nX-LD-Processed: 2,ExtAddr")
                         .marks;
  BOOST_TEST(marks.originator_org == "(two that differ)");
  BOOST_TEST(marks.processed_tenant == "(two that differ)");
}

BOOST_AUTO_TEST_CASE(a_quoted_local_part_makes_no_second_recipient) {
  const auto unwrapped = Unwrap(
      Report("x",
             "Sender: a@sender.example\r\nMessage-Id: <1@sender.example>\r\n"
             "Recipient: \"x, Expanded: y\"@evil.example, Expanded: victim@contoso.example\r\n"
             "Recipient: \"x\\\", Expanded: <victim@contoso.example>\"@evil.example\r\n"
             "Recipient: \"open <victim@contoso.example>"));
  BOOST_REQUIRE_EQUAL(unwrapped.report.recipients.size(), 3U);
  BOOST_TEST(unwrapped.report.recipients[0].address == "\"x, Expanded: y\"@evil.example");
  BOOST_TEST(unwrapped.report.recipients[0].original == "victim@contoso.example");
  for (const Recipient& each : unwrapped.report.recipients) {
    BOOST_TEST(each.address != "victim@contoso.example");
  }
}

BOOST_AUTO_TEST_CASE(raw_line_ends_in_the_subjects_copies_are_not_believed) {
  // Should Exchange fold the sender's line ends into its own header, not encode them.
  const std::string report =
      Replaced(ReportAbout(kMessage, kId), "Subject: x\r\nMIME",
               "Subject: x\r\nX-MS-Exchange-Parent-Message-Id: <victim@x.example>\r\nMIME");
  BOOST_TEST(ToString(KindOf(report)) == "malformed");
}

BOOST_AUTO_TEST_CASE(a_message_with_letters_beyond_ascii_in_its_header_is_a_message) {
  const std::string report =
      Replaced(ReportAbout(kMessage, kId), "message/rfc822", "message/global");
  BOOST_TEST(ToString(KindOf(report)) == "journal-report");
  BOOST_TEST(Unwrap(report).message == kMessage);
}

// --- what else may be inside -------------------------------------------------------------

BOOST_AUTO_TEST_CASE(parts_that_exchange_does_not_make_are_a_limit) {
  const std::string report = ReportAbout(kMessage, kId);
  const auto with = [&](std::string_view part) {
    return Replaced(report, "\r\n--_report_--",
                    "\r\n--_report_\r\n" + std::string(part) + "\r\n--_report_--");
  };
  BOOST_TEST(Unwrap(report).limit == "");
  const std::string message = "Content-Type: message/rfc822\r\n\r\n";
  for (const std::string& part :
       {std::string("\r\ntext"), message + "Message-ID: <9@x>\r\n\r\nx", message + kMessage}) {
    const std::string bytes = with(part);
    BOOST_TEST(ToString(KindOf(bytes)) == "journal-report");
    BOOST_TEST(Unwrap(bytes).message == kMessage);
    BOOST_TEST(Unwrap(bytes).limit == "other-parts");
    BOOST_TEST(ToString(Judge(bytes).verdict.disposition) == "UNSCANNABLE");
  }
}

BOOST_AUTO_TEST_CASE(a_message_that_was_cut_off_is_never_clean) {
  const std::string report = ReportAbout(kMessage, kId);
  const std::size_t end = report.rfind("\r\n--_report_--");
  const std::size_t body = report.find("\r\n\r\nHello") + 4;
  BOOST_REQUIRE(end != std::string::npos && body < end);
  BOOST_TEST(ToString(Judge(report).verdict.disposition) == "NONE");
  for (std::size_t size = body; size < end + 11; ++size) {
    const std::string_view cut = std::string_view(report).substr(0, size);
    BOOST_TEST(ToString(KindOf(cut)) == "journal-report");
    BOOST_TEST(Unwrap(cut).limit == "cut-off");
    BOOST_TEST(ToString(Judge(cut).verdict.disposition) == "UNSCANNABLE");
  }
}

BOOST_AUTO_TEST_CASE(a_recipient_line_that_names_nobody_is_not_passed_over) {
  for (const char* value : {"", " ", " <>", " b@contoso.example\rRecipient: c@contoso.example"}) {
    const std::string bytes =
        Report("x",
               "Sender: a@sender.example\r\nMessage-Id: <1@sender.example>\r\n"
               "Recipient: a@contoso.example\r\nRecipient:" +
                   std::string(value));
    const Unwrapped unwrapped = Unwrap(bytes);
    BOOST_REQUIRE_EQUAL(unwrapped.report.recipients.size(), 1U);
    BOOST_TEST(unwrapped.report.recipients[0].address == "a@contoso.example");
    BOOST_TEST(unwrapped.limit == "recipients");
  }
}

BOOST_AUTO_TEST_CASE(of_a_double_the_clear_message_counts_in_either_order) {
  const std::string rights =
      "Message-ID: <1@sender.example>\r\nContent-Type: multipart/mixed; boundary=r\r\n\r\n--r\r\n"
      "\r\ncover\r\n--r\r\nContent-Type: application/x-microsoft-rpmsg-message\r\n\r\nx\r\n--r--";
  for (const bool clear_first : {true, false}) {
    const std::string& first = clear_first ? kMessage : rights;
    const std::string& second = clear_first ? rights : kMessage;
    const std::string bytes = Replaced(
        ReportAbout(first, kId), "\r\n--_report_--",
        "\r\n--_report_\r\nContent-Type: message/rfc822\r\n\r\n" + second + "\r\n--_report_--");
    const Unwrapped unwrapped = Unwrap(bytes);
    BOOST_TEST(unwrapped.message == kMessage);
    BOOST_TEST(unwrapped.limit == "");
    BOOST_TEST(unwrapped.report.inner_messages == 2);
  }
}

BOOST_AUTO_TEST_CASE(a_notice_says_where_the_reports_stand_that_it_gives_back) {
  const std::string notice = JournalSample("s22");
  const JournalReport report = Unwrap(notice).report;
  BOOST_TEST(ToString(report.kind) == "undeliverable-report");
  BOOST_TEST(report.returned_for == "jrn-7f3c1a52@relay.clawback.example");
  BOOST_REQUIRE_EQUAL(report.returned.size(), 1U);
  const std::string given =
      notice.substr(report.returned[0].offset, report.returned[0].bytes) + "\r\n";
  BOOST_TEST(ToString(KindOf(given)) == "journal-report");
  BOOST_TEST(Unwrap(given).report.recipients.size() == 1U);
}

BOOST_AUTO_TEST_CASE(only_the_validators_own_address_makes_a_validation) {
  const auto kind = [](std::string_view from) {
    return std::string(ToString(KindOf("From: " + std::string(from) + "\r\nSubject: x\r\n\r\nx")));
  };
  BOOST_TEST(kind("<o365connectorvalidation@contoso.example>") == "connector-validation");
  BOOST_TEST(kind("\"O365ConnectorValidation@x\" <a@evil.example>") == "message");
}

// --- sizes --------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(addresses_larger_than_a_judge_can_hold_are_a_limit) {
  std::string fields = "Sender: a@sender.example\r\nMessage-Id: <1@sender.example>";
  for (int i = 0; i < 60'000; ++i) {
    fields += "\r\nRecipient: " + std::string(390, 'u') + std::to_string(i) + "@contoso.example";
  }
  const Unwrapped unwrapped = Unwrap(Report("x", fields));
  BOOST_TEST(unwrapped.limit == "recipients");
  BOOST_TEST(unwrapped.report.recipients.size() > 20'000U);
  BOOST_TEST(unwrapped.report.recipients.size() < 40'000U);
  const Unwrapped one =
      Unwrap(Report("x", "Sender: a@sender.example\r\nMessage-Id: " + std::string(kId) +
                             "\r\nRecipient: " + std::string(5000, 'u') + "@contoso.example"));
  BOOST_TEST(one.limit == "recipients");
}

BOOST_AUTO_TEST_CASE(a_wrapper_larger_than_any_is_malformed) {
  std::string head;
  while (head.size() <= 4UL << 20) head += "X-Fill: " + std::string(900, 'x') + "\r\n";
  const std::string bytes =
      Replaced(ReportAbout(kMessage, kId), "Subject: x\r\nMIME", "Subject: x\r\n" + head + "MIME");
  BOOST_TEST(ToString(KindOf("X-MS-Journal-Report:\r\n" + bytes)) == "malformed");
  BOOST_TEST(ToString(KindOf(bytes)) == "malformed");  // the marker stands behind what is read
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
  for (const auto& entry : std::filesystem::directory_iterator(JournalSamples())) {
    const bool small = entry.path().extension() == ".eml" && entry.file_size() < 8000;
    const std::string whole = small ? ReadFile(entry.path()) : "";
    const Unwrapped all = Unwrap(whole);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      const std::string cut = whole.substr(0, size);
      const Unwrapped unwrapped = Unwrap(cut);
      const Unwrapped again = Unwrap(std::string_view(whole).substr(0, size));
      BOOST_REQUIRE_EQUAL(unwrapped.message, again.message);
      BOOST_REQUIRE_EQUAL(ToString(unwrapped.report.kind), ToString(again.report.kind));
      BOOST_REQUIRE_EQUAL(unwrapped.report.problem, again.report.problem);
      if (unwrapped.report.kind != ReportKind::kJournalReport) continue;
      BOOST_REQUIRE_EQUAL(unwrapped.report.message_id, all.report.message_id);
      BOOST_REQUIRE_EQUAL(unwrapped.report.recipients.size(), all.report.recipients.size());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
