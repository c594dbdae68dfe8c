// SPDX-License-Identifier: Apache-2.0
// What is kept of a message for later hunts, from its bytes on.
#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "policy/base/digest.h"
#include "policy/detect/file_digests.h"
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

using Files = std::vector<std::pair<std::string, std::string>>;

// What ar(1) makes of them.
std::string ArchiveOf(const Files& files) {
  std::string archive = "!<arch>\n";
  for (const auto& [name, content] : files) {
    archive += fmt::format("{:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", name + '/', 0, 0, 0, "100644",
                           content.size());
    archive += content + (content.size() % 2 == 0 ? "" : "\n");
  }
  return archive;
}

HuntFeatures HuntOfFile(const std::string& content) {
  return HuntOf(
      "Subject: x\r\nContent-Type: application/octet-stream; name=a.a\r\n"
      "Content-Transfer-Encoding: binary\r\n\r\n" +
      content);
}

bool HasFile(const HuntFeatures& hunt, std::string_view content) {
  return std::ranges::count(hunt.files, ToHex(Sha256Of(content))) == 1;
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

BOOST_AUTO_TEST_CASE(files_in_archives_and_in_archives_in_them_are_kept) {
  const std::string program = "MZ" + std::string(100'000, 'x');
  const std::string inner = ArchiveOf({{"setup.exe", program}, {"b.txt", "b"}});
  const HuntFeatures hunt = HuntOfFile(ArchiveOf({{"inner.a", inner}, {"a.txt", "a"}}));
  for (const std::string& file : {program, std::string("a"), std::string("b"), inner}) {
    BOOST_TEST(HasFile(hunt, file));
  }
  BOOST_TEST(hunt.files.size() == 4U);
  BOOST_TEST(!hunt.more);
}

BOOST_AUTO_TEST_CASE(what_documents_are_full_of_is_not_kept) {
  const std::string picture = "\x89PNG\r\n\x1A\n and so on";
  const Files files = {{"document.xml", "<?xml version='1.0'?><a/>"},
                       {"document.rels", "<Relationships/>"},
                       {"image1.png", picture},
                       {"image1.exe", picture},
                       {"empty.bin", ""},
                       {"ole1.bin", "\xD0\xCF\x11\xE0"},
                       {"picture.svg", "<?xml version='1.0'?><svg/>"},
                       {"notes.xml", "no XML"}};
  const HuntFeatures hunt = HuntOfFile(ArchiveOf(files));
  BOOST_TEST(hunt.files.size() == 3U);
  for (const std::size_t kept : {5U, 6U, 7U}) BOOST_TEST(HasFile(hunt, files[kept].second));
  BOOST_TEST(!hunt.more);
}

BOOST_AUTO_TEST_CASE(a_long_file_in_an_archive_is_kept_and_what_is_too_long_is_said) {
  const std::string text(20UL << 20, 'x');
  const HuntFeatures one = HuntOfFile(ArchiveOf({{"long.bin", text}}));
  BOOST_TEST(HasFile(one, text));
  BOOST_TEST(!one.more);
  const HuntFeatures four = HuntOfFile(ArchiveOf(
      {{"1.bin", text}, {"2.bin", text + '2'}, {"3.bin", text + '3'}, {"4.bin", text + '4'}}));
  BOOST_TEST(HasFile(four, text + '3'));
  BOOST_TEST(!HasFile(four, text + '4'));
  BOOST_TEST(four.more);
}

BOOST_AUTO_TEST_CASE(of_any_number_of_files_in_archives_a_bounded_number_is_kept) {
  Files files;
  for (std::size_t i = 0; i < kMostArchivedDigests; ++i) {
    files.emplace_back("f", std::to_string(i));
  }
  const HuntFeatures all = HuntOfFile(ArchiveOf(files));
  BOOST_TEST(all.files.size() == kMostArchivedDigests);
  BOOST_TEST(!all.more);
  files.emplace_back("f", "one more");
  const HuntFeatures most = HuntOfFile(ArchiveOf(files));
  BOOST_TEST(most.files == all.files, boost::test_tools::per_element());
  BOOST_TEST(most.more);
}

// What is looked up in the lists of blocked files is more than what is kept.
BOOST_AUTO_TEST_CASE(lists_of_files_change_nothing_of_what_is_kept) {
  const std::string mail = std::string(kHead) +
                           "Content-Type: application/octet-stream; name=a.a\r\n"
                           "Content-Transfer-Encoding: binary\r\n\r\n" +
                           ArchiveOf({{"a.xml", "<a/>"}, {"a.txt", "a"}});
  ListEntries entries;
  entries[static_cast<std::size_t>(ListKind::kBlockedHashes)] = {ToHex(Sha256Of("<a/>"))};
  JudgeRequest request = ProvenRequest();
  request.lists = {*ShareLists(entries)};
  const Judgement judgement = JudgeBytes(mail, request);
  BOOST_TEST(FindReason(judgement, "blocked-hash") != nullptr);
  BOOST_TEST((judgement.hunt == Judge(mail).hunt));
  BOOST_TEST(judgement.hunt.files.size() == 1U);
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
