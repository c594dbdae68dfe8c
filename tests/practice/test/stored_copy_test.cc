// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/stored_copy.h"

#include <boost/test/unit_test.hpp>
#include <functional>

#include "tests/practice/gmime_handle.h"
#include "tests/practice/journal_report_builder.h"
#include "tests/practice/message_summary.h"
#include "tests/practice/opened_report.h"
#include "tests/practice/raw_headers.h"

using namespace clawback::practice;  // NOLINT(google-build-using-namespace): its own test

namespace {

const std::string kMessage =
    "Received: from a by b; Tue, 03 Nov 2026 09:00:00 +0000\r\n"
    "Message-ID: <1@evil.example>\r\n"
    "X-Mailer: something with a value long enough to be folded anew when it is written out "
    "again\r\n"
    "Subject: =?iso-8859-1?Q?Gr=FC=DFe?=\r\n"
    "From: \"Mallory\" <mallory@evil.example>\r\n"
    "X-MS-Exchange-Organization-SCL: 1\r\n"
    "X-MS-Exchange-Forest-Language: en\r\n"
    "To: alice@contoso.example\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=\"outer\"\r\n"
    "\r\n"
    "--outer\r\n"
    "Content-Type: multipart/alternative; boundary=inner\r\n\r\n"
    "--inner\r\n"
    "Content-Type: text/plain; charset=iso-8859-1\r\n"
    "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    "Gr=FC=DFe, see http://evil.example/?a=3D1&b=3D2 now.\r\n.\r\nFrom here on\r\n"
    "--inner\r\n"
    "Content-Type: text/html; charset=iso-8859-1\r\n\r\n"
    "<html><body class=x><a "
    "href=\"http://evil.example/?a=1&b=2\">http://bank.example/</a></body></html>\r\n"
    "--inner--\r\n"
    "--outer\r\n"
    "Content-Type: application/octet-stream; name=a.bin\r\n"
    "Content-Disposition: attachment; filename=a.bin\r\n"
    "Content-Transfer-Encoding: base64\r\n\r\n"
    "AAECAwQF\r\n"
    "--outer--\r\n";

// Every leaf's type and decoded content.
std::vector<std::pair<std::string, std::string>> Leaves(const std::string& mime) {
  std::vector<std::pair<std::string, std::string>> leaves;
  const auto message = ParseMessage(mime);
  const std::function<void(GMimeObject*)> walk = [&](GMimeObject* object) {
    if (GMIME_IS_MULTIPART(object)) {
      for (int i = 0; i < g_mime_multipart_get_count(GMIME_MULTIPART(object)); ++i) {
        walk(g_mime_multipart_get_part(GMIME_MULTIPART(object), i));
      }
    } else if (GMIME_IS_PART(object)) {
      leaves.emplace_back(
          g_mime_content_type_get_media_subtype(g_mime_object_get_content_type(object)),
          DecodedContent(GMIME_PART(object)));
    }
  };
  walk(g_mime_message_get_mime_part(message.get()));
  return leaves;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stored_copy)

BOOST_AUTO_TEST_CASE(internal_headers_never_reach_a_mailbox) {
  const std::string copy = StoredCopy(kMessage, {});
  BOOST_TEST(copy.find("X-MS-Exchange-Organization-") == copy.npos);
  BOOST_TEST(copy.find("X-MS-Exchange-Forest-") == copy.npos);
  const size_t cut = copy.find("\r\n\r\n");
  BOOST_TEST(copy.substr(cut) == kMessage.substr(kMessage.find("\r\n\r\n")));
}

BOOST_AUTO_TEST_CASE(each_change_changes_the_bytes_and_leaves_the_message_readable) {
  const MessageSummary before = Summarise(kMessage);
  const std::string plain = StoredCopy(kMessage, {});
  for (const std::string& name : CopyChangeNames()) {
    const auto changes = CopyChangesFrom({name});
    BOOST_REQUIRE(changes.ok());
    const std::string copy = StoredCopy(kMessage, *changes);
    BOOST_TEST((copy != plain) == (name != "strip-internal-headers"), name);
    const MessageSummary after = Summarise(copy);
    BOOST_TEST(after.internet_message_id == before.internet_message_id, name);
    BOOST_TEST(after.subject == before.subject, name);
    BOOST_TEST(after.from.front().address == "mallory@evil.example", name);
    const auto leaves = Leaves(copy);
    BOOST_REQUIRE_EQUAL(leaves.size(), 3U);
    BOOST_TEST(leaves[2].second == std::string("\0\1\2\3\4\5", 6), name);
  }
}

BOOST_AUTO_TEST_CASE(reencoding_keeps_every_byte_of_the_content) {
  const auto copy =
      StoredCopy(kMessage, {CopyChange::kReencodeTransfer, CopyChange::kNewBoundaries});
  BOOST_TEST((Leaves(copy) == Leaves(kMessage)));
  BOOST_TEST(copy.find("--outer") == copy.npos);
  BOOST_TEST(copy.find("--inner") == copy.npos);
}

BOOST_AUTO_TEST_CASE(text_becomes_utf8) {
  const auto leaves = Leaves(StoredCopy(kMessage, {CopyChange::kTextToUtf8}));
  BOOST_TEST(
      leaves[0].second.starts_with("Gr\xC3\xBC\xC3\x9F"
                                   "e,"));
}

BOOST_AUTO_TEST_CASE(links_are_rewritten_where_a_click_goes) {
  const auto leaves = Leaves(StoredCopy(kMessage, {CopyChange::kRewriteLinks}));
  BOOST_TEST(leaves[0].second.find("?url=http%3A%2F%2Fevil.example%2F%3Fa%3D1%26b%3D2&data=") !=
             std::string::npos);
  BOOST_TEST(leaves[1].second.find(">http://bank.example/</a>") != std::string::npos);
  BOOST_TEST(leaves[1].second.find("href=\"https://nam11.safelinks") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(signed_mail_stays_as_it_was_signed) {
  const std::string body =
      "\r\n--s\r\nContent-Type: text/plain\r\n\r\nsigned http://x.example/\r\n"
      "--s\r\nContent-Type: application/pkcs7-signature\r\n\r\nabc\r\n--s--\r\n";
  const std::string mail =
      "Message-ID: <s@x>\r\nContent-Type: multipart/signed; "
      "protocol=\"application/pkcs7-signature\"; boundary=s\r\n" +
      body;
  const auto changes = CopyChangesFrom(CopyChangeNames());
  BOOST_TEST(StoredCopy(mail, *changes).ends_with(body));
}

BOOST_AUTO_TEST_CASE(an_unknown_change_is_named) {
  const auto changes = CopyChangesFrom({"disclaimer", "nosuch"});
  BOOST_REQUIRE(!changes.ok());
  BOOST_TEST(changes.error().what.find("nosuch") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(mail_that_is_no_mail_is_stored_too) {
  const auto changes = CopyChangesFrom(CopyChangeNames());
  for (const std::string& mail : {std::string(), std::string("\r\n"), std::string(1000, '\0'),
                                  std::string("no header\r\n\r\nbody"), std::string("A: b")}) {
    StoredCopy(mail, *changes);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(journal_report)

BOOST_AUTO_TEST_CASE(a_report_opens_to_its_message_and_recipients) {
  JournaledMail mail;
  mail.tenant_id = "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1";
  mail.initial_domain = "contosotest.onmicrosoft.com";
  mail.mail_from = "mallory@evil.example";
  mail.recipients = {{"Recipient", "a@x.example", "", ""},
                     {"Cc", "b@x.example", "Expanded", "all@x.example"}};
  mail.message = kMessage;
  const std::string internal_form = InternalForm(mail);
  const OpenedReport opened = OpenReport(BuildJournalReport(mail, internal_form));
  BOOST_TEST(opened.message.find("X-MS-Exchange-Organization-Id: " + mail.tenant_id) !=
             std::string::npos);
  BOOST_TEST((opened.recipients == std::vector<std::string>{"a@x.example", "b@x.example"}));
}

BOOST_AUTO_TEST_CASE(what_a_sender_claims_does_not_pass_the_firewall) {
  JournaledMail mail;
  mail.message =
      "X-MS-Exchange-Organization-SCL: -1\r\nX-Forefront-Antispam-Report: CAT:NONE;\r\n"
      "Authentication-Results: spf=pass\r\nFrom: a@b.example\r\n\r\nx\r\n";
  mail.mail_from = "a@b.example";
  const std::string out = InternalForm(mail);
  BOOST_TEST(out.find("Organization-SCL: -1") == out.npos);
  BOOST_TEST(out.find("X-Forefront-Antispam-Report-Untrusted: CAT:NONE;") != out.npos);
  BOOST_TEST(out.find("Authentication-Results-Original: spf=pass") != out.npos);
  const RawMessage message = SplitHeaders(out);
  BOOST_TEST(FindField(message, "Message-ID") != nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
