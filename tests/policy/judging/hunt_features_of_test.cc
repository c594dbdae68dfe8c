// SPDX-License-Identifier: Apache-2.0
// What is kept of a message for later hunts, from its bytes on.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/digest.h"
#include "policy/message/hunt_features.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

constexpr std::string_view kHead =
    "From: a@sender.example\r\nMessage-ID: <m@sender.example>\r\nMIME-Version: 1.0\r\n";

HuntFeatures HuntOf(std::string_view rest) { return Judge(std::string(kHead).append(rest)).hunt; }
HuntFeatures HuntOfText(std::string_view text) {
  return HuntOf("Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" +
                std::string(text) + "\r\n");
}
std::uint64_t Url(std::string_view normal) { return HuntKey(HuntKind::kUrl, normal); }
bool Has(const std::vector<std::uint64_t>& urls, std::string_view normal) {
  return std::find(urls.begin(), urls.end(), Url(normal)) != urls.end();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(hunt_features_of)

BOOST_AUTO_TEST_CASE(hosts_domains_and_addresses_of_links_are_kept) {
  const HuntFeatures hunt = HuntOfText(
      "See https://www.News.example/a?b#c and HTTPS://u@www.news.example:443/a?b\r\n"
      "or http://shop.example.co.uk/.");
  const std::vector<std::string> hosts = {"shop.example.co.uk", "www.news.example"};
  const std::vector<std::string> domains = {"example.co.uk", "news.example"};
  BOOST_TEST(hunt.hosts == hosts, boost::test_tools::per_element());
  BOOST_TEST(hunt.domains == domains, boost::test_tools::per_element());
  BOOST_TEST(hunt.urls.size() == 2U);
  BOOST_TEST(Has(hunt.urls, "www.news.example/a?b"));
  BOOST_TEST(!hunt.more);
}

BOOST_AUTO_TEST_CASE(a_rewritten_link_is_kept_as_both) {
  const HuntFeatures hunt = HuntOfText(
      "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2Fx&data=1");
  BOOST_TEST(Has(hunt.urls, "evil.example/x"));
  const std::vector<std::string> hosts = {"eur01.safelinks.protection.outlook.com", "evil.example"};
  BOOST_TEST(hunt.hosts == hosts, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_host_is_kept_as_a_resolver_is_asked_for_it) {
  const HuntFeatures hunt = HuntOf(
      "Subject: x\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
      "<a href=\"https://b\xC3\xBC"
      "cher.example/\">x</a><a href=\"http://ev%69l.example/\">y</a>\r\n");
  const std::vector<std::string> hosts = {"evil.example", "xn--bcher-kva.example"};
  BOOST_TEST(hunt.hosts == hosts, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(the_key_of_the_subject_is_of_its_folded_form) {
  const auto key = [](const std::string& subject) {
    return HuntOf("Subject: " + subject + "\r\n\r\nx\r\n").subject_key;
  };
  BOOST_TEST(key("RE: [EXT] AW: Invoice  4711") == "invoice #");
  BOOST_TEST(key("=?utf-8?Q?Re=EF=BC=9A_=C3=9CBERWEISUNG_=EF=BC=91=EF=BC=92?=") ==
             "\xC3\xBC"
             "berweisung #");
  BOOST_TEST(key("=?utf-8?Q?=FF=FE?=").size() <= 200U);
}

BOOST_AUTO_TEST_CASE(a_text_file_has_the_digest_of_its_own_bytes) {
  const std::string page = "<html>\xE9</html>\r\n\r\n";
  const Judgement judgement =
      Judge(std::string(kHead) +
            "Subject: x\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee\r\n"
            "--b\r\nContent-Type: text/html; charset=iso-8859-1; name=a.html\r\n"
            "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; "
            "filename=a.html\r\n\r\n"
            "PGh0bWw+6TwvaHRtbD4NCg0K\r\n--b--\r\n");
  const std::string digest = ToHex(Sha256Of(page));
  BOOST_REQUIRE_EQUAL(judgement.hunt.files.size(), 1U);
  BOOST_TEST(judgement.hunt.files[0] == digest);
  // Exchange makes another text of it: the fingerprint has another digest.
  BOOST_REQUIRE_EQUAL(judgement.fingerprint.attachments.size(), 1U);
  BOOST_TEST(judgement.fingerprint.attachments[0] != digest);
}

BOOST_AUTO_TEST_CASE(of_any_number_of_links_a_bounded_number_is_kept) {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "https://h" + std::to_string(i) + ".example/p\r\n";
  const HuntFeatures hunt = HuntOfText(text);
  BOOST_TEST(hunt.hosts.size() == kMostHuntHosts);
  BOOST_TEST(hunt.urls.size() <= kMostHuntUrls);
  BOOST_TEST(hunt.domains.size() <= kMostHuntHosts);
  BOOST_TEST(hunt.more);
}

BOOST_AUTO_TEST_CASE(hosts_of_no_resolver_are_not_kept) {
  for (const std::string& host : {std::string(5000, 'a') + ".example", std::string("a%00b.example"),
                                  std::string("%ff.example"), std::string("a%22%3e.example"),
                                  std::string("a%2fb.example"), std::string("%e2%80%ae.example")}) {
    const HuntFeatures hunt = HuntOfText("https://" + host + "/x");
    BOOST_TEST(hunt.hosts.empty(), host);
    BOOST_TEST(hunt.urls.empty(), host);
  }
}

// Whatever bytes a message has: its judgement is JSON that is read back the same.
BOOST_AUTO_TEST_CASE(features_of_any_bytes_come_back) {
  const Judgement judgement = Judge(std::string(kHead) +
                                    "Subject: \xFF\xFE\x01 =?utf-8?Q?=C3=28=00?=\r\n"
                                    "Content-Type: text/html\r\n\r\n"
                                    "<a href='http://\xFF\xC3.example/\xFE?\x01'>x</a>"
                                    "<a href='http://ok.example/\xFE?\x01'>x</a>\r\n");
  const Result<Judgement> back = JudgementFromJson(ToJson(judgement));
  BOOST_REQUIRE(back.ok());
  BOOST_TEST((back->hunt == judgement.hunt));
  BOOST_TEST(!back->hunt.hosts.empty());
}

BOOST_AUTO_TEST_CASE(wanted_mail_and_the_report_about_it_keep_the_same) {
  const std::string message =
      std::string(kHead) + "Subject: Lunch 1\r\n\r\nSee https://menu.example/today at noon.\r\n";
  const Judgement bare = Judge(message);
  BOOST_TEST((bare.verdict.disposition == Disposition::kNone));
  BOOST_TEST(!bare.hunt.empty());
  BOOST_TEST((Judge(ReportAbout(message, "<m@sender.example>")).hunt == bare.hunt));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
