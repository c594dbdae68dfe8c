// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

#include "policy/detect/detector.h"
#include "policy/message/parse/exchange_stamps.h"
#include "policy/message/parse/file_type.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

using std::string_view_literals::operator""sv;

// --- attachments ---------------------------------------------------------------------

std::string Attached(std::string_view name, std::string_view type, std::string_view content) {
  return "From: a@sender.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n"
         "See the attached file.\r\n--b\r\nContent-Type: " +
         std::string(type) +
         "\r\nContent-Transfer-Encoding: binary\r\nContent-Disposition: attachment;"
         " filename=\"" +
         std::string(name) + "\"\r\n\r\n" + std::string(content) + "\r\n--b--\r\n";
}

std::string Little(std::size_t value, int width) {
  std::string out;
  for (int i = 0; i < width; ++i, value >>= 8U) out += static_cast<char>(value & 0xFFU);
  return out;
}

std::string Program() {
  return "MZ" + std::string(58, '\0') + Little(64, 4) + std::string("PE\0\0\x4c\x01"sv) +
         std::string(200, '\0');
}

std::string Eicar() {
  return std::string("X5O!P%@AP[4\\PZX54(P^)7CC)7}$") + "EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
}

// A ZIP of one stored entry, listed so many times.
std::string Zip(std::string_view name, std::string_view content, bool encrypted = false,
                int times = 1) {
  const std::string sizes = Little(content.size(), 4) + Little(content.size(), 4);
  const std::string flags = Little(encrypted ? 1 : 0, 2);
  const std::string local = std::string("PK\x03\x04\x14\0"sv) + flags + std::string(10, '\0') +
                            sizes + Little(name.size(), 2) + Little(0, 2) + std::string(name) +
                            std::string(content);
  const std::string listed = std::string("PK\x01\x02\x14\0\x14\0"sv) + flags +
                             std::string(10, '\0') + sizes + Little(name.size(), 2) +
                             std::string(16, '\0') + std::string(name);
  std::string entry;
  for (int i = 0; i < times; ++i) entry += listed;
  return local + entry + std::string("PK\x05\x06\0\0\0\0\x01\0\x01\0"sv) + Little(entry.size(), 4) +
         Little(local.size(), 4) + Little(0, 2);
}

std::string Wide(std::string_view text) {
  std::string wide;
  for (const char c : text) wide += std::string{c, '\0'};
  return wide;
}

std::string Ole(std::string_view rest) {
  return "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1" + std::string(504, '\0') + std::string(rest);
}

std::string DispositionOf(std::string_view bytes) {
  return std::string(ToString(Judge(bytes).verdict.disposition));
}

BOOST_AUTO_TEST_SUITE(dangerous_attachment)

BOOST_AUTO_TEST_CASE(a_program_is_malicious_whatever_it_is_called) {
  for (const char* name : {"invoice.pdf", "setup.exe", "x", "picture.png"}) {
    const Judgement judgement = Judge(Attached(name, "application/octet-stream", Program()));
    BOOST_TEST(ToString(judgement.verdict.disposition) == "MALICIOUS", name);
    const Finding* finding = FindReason(judgement, "executable-attachment");
    BOOST_REQUIRE(finding != nullptr);
    BOOST_TEST(finding->place.find(name) != std::string::npos);
  }
  BOOST_TEST(DispositionOf(Attached("a", "text/plain",
                                    "\x7F"
                                    "ELF" +
                                        std::string(100, '\0'))) == "MALICIOUS");
  BOOST_TEST(DispositionOf(Attached("a", "text/plain",
                                    "\xCF\xFA\xED\xFE" + std::string(100, '\0'))) == "MALICIOUS");
}

BOOST_AUTO_TEST_CASE(a_lie_about_the_type_adds_a_finding) {
  const auto lie = Judge(Attached("invoice.pdf", "application/pdf", Program()));
  BOOST_TEST(FindReason(lie, "disguised-attachment") != nullptr);
  const auto honest = Judge(Attached("setup.exe", "application/octet-stream", Program()));
  BOOST_TEST(FindReason(honest, "disguised-attachment") == nullptr);
  const auto twice = Judge(Attached("invoice.pdf.exe", "application/octet-stream", Program()));
  BOOST_TEST(FindReason(twice, "disguised-attachment") != nullptr);
}

BOOST_AUTO_TEST_CASE(the_test_file_is_found_attached_zipped_and_forwarded) {
  BOOST_TEST(DispositionOf(Attached("a.txt", "text/plain", Eicar())) == "MALICIOUS");
  BOOST_TEST(DispositionOf(Attached("a.zip", "application/zip", Zip("a.txt", Eicar()))) ==
             "MALICIOUS");
  const std::string forwarded =
      "Content-Type: message/rfc822\r\n\r\n" + Attached("a.txt", "text/plain", Eicar());
  BOOST_TEST(DispositionOf(forwarded) == "MALICIOUS");
}

BOOST_AUTO_TEST_CASE(a_program_in_an_archive_is_found_by_content_and_by_name) {
  BOOST_TEST(DispositionOf(Attached("a.zip", "application/zip", Zip("readme.txt", Program()))) ==
             "MALICIOUS");
  BOOST_TEST(DispositionOf(Attached("a.zip", "application/zip", Zip("setup.exe", "12345", true))) ==
             "SUSPICIOUS");
}

BOOST_AUTO_TEST_CASE(scripts_shortcuts_and_images_of_disks_are_suspicious) {
  const std::string shortcut("\x4C\0\0\0\x01\x14\x02\0\0\0\0\0\xC0\0\0\0\0\0\0\x46"sv);
  BOOST_TEST(DispositionOf(Attached("a.lnk", "x/y", shortcut)) == "SUSPICIOUS");
  BOOST_TEST(DispositionOf(Attached(
                 "a.txt", "x/y", "var s = new ActiveXObject('WScript.Shell');")) == "SUSPICIOUS");
  BOOST_TEST(DispositionOf(Attached("a.js", "x/y", "eval(unescape('%61'))")) == "SUSPICIOUS");
  BOOST_TEST(DispositionOf(Attached("a.bat", "x/y", "@echo off\r\ndel *")) == "SUSPICIOUS");
  BOOST_TEST(DispositionOf(Attached("a.html", "text/html", "<html><HTA:APPLICATION id=x>")) ==
             "SUSPICIOUS");
  BOOST_TEST(DispositionOf(Attached("a.iso", "x/y", std::string(0x8001, '\0') + "CD001")) ==
             "SUSPICIOUS");
}

BOOST_AUTO_TEST_CASE(macros_weigh_little_unless_they_start_by_themselves) {
  const std::string macros = Wide("_VBA_PROJECT");
  BOOST_TEST(DispositionOf(Attached("a.doc", "application/msword", Ole(macros))) == "NONE");
  BOOST_TEST(DispositionOf(Attached("a.doc", "application/msword", Ole(macros + "AutoOpen"))) ==
             "MALICIOUS");
  BOOST_TEST(DispositionOf(Attached("a.docm", "x/y",
                                    Zip("word/vbaProject.bin", Ole(macros + "Document_Open")))) ==
             "MALICIOUS");
}

BOOST_AUTO_TEST_CASE(wanted_mail_stays_none) {
  const std::vector<std::string> wanted = {
      Attached("a.pdf", "application/pdf",
               "%PDF-1.4\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer\n<</Root 1 0 R>>\n%%EOF"),
      Attached("a.zip", "application/zip", Zip("notes.txt", "hello")),
      Attached("a.docx", "x/y", Zip("word/document.xml", "<xml/>")),
      Attached("a.doc", "application/msword", Ole("AutoOpen")),  // a word, no macros
      Attached("a.sh", "text/x-sh", "#!/bin/sh\necho hello\n"),
      Attached("a.py", "text/x-python", "#!/usr/bin/python3\nprint(1)\n"),
      Attached("mz.txt", "text/plain", "MZ is how programs begin." + std::string(100, ' ')),
      Attached("a.class", "x/y", std::string("\xCA\xFE\xBA\xBE\0\0\0\x34"sv) + "java"),
      Attached("a.txt", "text/plain", "The test file begins with " + Eicar()),
      Attached("a.html", "text/html", "<p>new ActiveXObject( is old</p>"),
      Attached("report.pdf.txt", "text/plain", "hello"),
      "Subject: x\r\n\r\n@echo off\r\nis the first line of a batch file\r\n",
      "Subject: x\r\n\r\nMZ\r\n",
  };
  for (const std::string& mail : wanted) {
    const Judgement judgement = Judge(mail);
    BOOST_TEST(ToString(judgement.verdict.disposition) == "NONE", mail);
  }
}

// Entries that overlap make a small archive as large as one likes: 5,000 times 1 MiB.
BOOST_AUTO_TEST_CASE(what_stands_once_in_an_archive_is_read_once) {
  const auto judged = [&](const std::string& project, int times) {
    return Judge(Attached("a.docm", "x/y", Zip("word/vbaProject.bin", project, false, times)));
  };
  const std::string macros = Ole(std::string((1UL << 20) - 4096, 'a'));
  BOOST_TEST(FindReason(judged(macros, 5'000), "archive-too-large") == nullptr);
  BOOST_TEST(FindReason(judged(macros + Wide("_VBA_PROJECT") + "AutoOpen", 5'000),
                        "auto-macro-document") != nullptr);
}

BOOST_AUTO_TEST_CASE(an_archive_that_cannot_be_listed_is_no_clean_one) {
  const std::string zip = Zip("a.txt", "hello");
  const auto cut = Judge(Attached("a.zip", "application/zip", zip.substr(0, zip.size() - 30)));
  BOOST_TEST(FindReason(cut, "archive-unreadable") != nullptr);
  BOOST_TEST(ToString(cut.verdict.disposition) == "UNSCANNABLE");
}

BOOST_AUTO_TEST_CASE(an_archive_may_end_or_lie_at_any_byte) {
  const std::string zip = Zip("setup.exe", Program());
  for (std::size_t i = 0; i < zip.size(); ++i) {
    for (const char byte : {'\0', '\xFF'}) {
      std::string changed = zip;
      changed[i] = byte;
      int entries = 0;
      ForEachZipEntry(changed, 10, [&](const ZipEntry&) { ++entries; });
      BOOST_REQUIRE(entries <= 10);
    }
    ForEachZipEntry(zip.substr(0, i), 10, [](const ZipEntry&) {});
  }
}

BOOST_AUTO_TEST_SUITE_END()

// --- what Exchange stamped -------------------------------------------------------------

const std::string kDoor =
    "Received: from a.example (192.0.2.1) by\r\n DB3PEPF0000885A.mail.protection.outlook.com "
    "(10.167.242.5) with Microsoft SMTP Server; Tue, 3 Nov 2026 09:14:18 +0000\r\n";

// A message as it stands in a report: results above the front door, the sender's
// own header, Exchange's block.
std::string Stamped(const std::string& above, const std::string& own, const std::string& block) {
  return above + kDoor + own +
         "From: a@sender.example\r\nMessage-ID: <1@sender.example>\r\n"
         "X-MS-Exchange-Organization-Id: 1\r\n" +
         block + "\r\nHello\r\n";
}

Judgement JudgeStamped(const std::string& above, const std::string& own, const std::string& block) {
  return Judge(ReportAbout(Stamped(above, own, block), "<1@sender.example>"));
}

std::string DispositionFor(const std::string& block) {
  return std::string(ToString(JudgeStamped("", "", block).verdict.disposition));
}

const std::string kFail =
    "Authentication-Results: spf=fail (sender IP is 192.0.2.1)\r\n smtp.mailfrom=d.example; "
    "dkim=none"
    " (message not signed)\r\n header.d=none;dmarc=fail action=oreject header.from=d.example;"
    "compauth=fail\r\n reason=000\r\n";
const std::string kSpoof =
    "X-Forefront-Antispam-Report: CIP:192.0.2.1;SCL:5;CAT:SPOOF;SFV:SPM;\r\n";

BOOST_AUTO_TEST_SUITE(exchange_stamps)

BOOST_AUTO_TEST_CASE(every_category_has_its_disposition) {
  const std::pair<const char*, const char*> expected[] = {
      {"MALW", "MALICIOUS"},  {"HPHISH", "SUSPICIOUS"}, {"HPHSH", "SUSPICIOUS"},
      {"PHSH", "SUSPICIOUS"}, {"UIMP", "SUSPICIOUS"},   {"DIMP", "SUSPICIOUS"},
      {"GIMP", "SUSPICIOUS"}, {"SPOOF", "SPOOF"},       {"HSPM", "SPAM"},
      {"SPM", "SPAM"},        {"BULK", "BULK"},         {"NONE", "NONE"},
      {"", "NONE"},           {"XPHSH", "NONE"}};
  for (const auto& [category, disposition] : expected) {
    const std::string block =
        "X-Forefront-Antispam-Report: SCL:1;CAT:" + std::string(category) + ";\r\n";
    BOOST_TEST(DispositionFor(block) == disposition, category);
  }
}

BOOST_AUTO_TEST_CASE(levels_count_from_their_threshold_on) {
  BOOST_TEST(DispositionFor("X-Forefront-Antispam-Report: SCL:5;\r\n") == "SPAM");
  BOOST_TEST(DispositionFor("X-Forefront-Antispam-Report: SCL:4;\r\n") == "NONE");
  BOOST_TEST(DispositionFor("X-Forefront-Antispam-Report: SCL:-1;SFV:SKN;\r\n") == "NONE");
  BOOST_TEST(DispositionFor("X-Forefront-Antispam-Report: SCL:99999999999999999999;\r\n") ==
             "NONE");
  BOOST_TEST(DispositionFor("X-Microsoft-Antispam: BCL:7;\r\n") == "BULK");
  BOOST_TEST(DispositionFor("X-Microsoft-Antispam: BCL:6;\r\n") == "NONE");
  BOOST_TEST(DispositionFor("X-MS-Exchange-Organization-SCL: 6\r\n") == "SPAM");
}

BOOST_AUTO_TEST_CASE(composite_authentication_that_fails_is_a_spoof) {
  BOOST_TEST(ToString(JudgeStamped(kFail, "", "").verdict.disposition) == "SPOOF");
}

BOOST_AUTO_TEST_CASE(dmarc_that_fails_behind_a_gateway_moves_nothing) {
  const auto judgement = JudgeStamped(
      "Authentication-Results: spf=softfail smtp.mailfrom=d.example; c.example; dkim=fail\r\n"
      " header.d=d.example;c.example; dmarc=fail action=none header.from=d.example;\r\n",
      "", "");
  BOOST_TEST(ToString(judgement.verdict.disposition) == "NONE");
  BOOST_TEST(FindReason(judgement, "sender-policy") != nullptr);
}

BOOST_AUTO_TEST_CASE(what_the_sender_wrote_is_never_taken) {
  // Below the front door, under a look-alike or another name, or with an authserv-id.
  BOOST_TEST(ToString(JudgeStamped("", kFail + kSpoof, "").verdict.disposition) == "NONE");
  for (const char* name : {"X-Forefront-Antispam-Report-Untrusted", "X-Forefront-Antispam-Report ",
                           "X-Forefront-Antispam-Report-Original"}) {
    BOOST_TEST(DispositionFor(std::string(name) + ": CAT:PHSH;SCL:9;\r\n") == "NONE", name);
  }
  BOOST_TEST(
      ToString(
          JudgeStamped("Authentication-Results: mx.x.example; spf=fail; compauth=fail\r\n", "", "")
              .verdict.disposition) == "NONE");
}

BOOST_AUTO_TEST_CASE(a_forged_pass_hides_nothing) {
  const std::string forged =
      "Authentication-Results: spf=pass; dkim=pass; dmarc=pass; compauth=pass reason=100\r\n"
      "X-Forefront-Antispam-Report: SCL:-1;SFV:SKN;CAT:NONE;\r\n"
      "X-MS-Exchange-Organization-AuthAs : Internal\r\n" +
      kDoor;
  BOOST_TEST(ToString(JudgeStamped(kFail, forged, kSpoof).verdict.disposition) == "SPOOF");
}

BOOST_AUTO_TEST_CASE(a_sender_is_authentic_only_by_exchanges_results_for_its_own_domain) {
  const auto results = [](const std::string& dmarc, const std::string& domain,
                          const std::string& composite) {
    return "Authentication-Results: spf=none smtp.mailfrom=x.example; dkim=none\r\n"
           " header.d=none;dmarc=" +
           dmarc + " action=none header.from=" + domain + ";" + composite + "\r\n";
  };
  const std::string pass = "compauth=pass reason=100";
  const auto authentic = [](const std::string& above, const std::string& own = "") {
    const Judgement judgement = JudgeStamped(above, own, "");
    BOOST_TEST(judgement.sender.address == "a@sender.example");
    return judgement.sender.authenticated;
  };
  BOOST_TEST(authentic(results("none", "sender.example", pass)));
  BOOST_TEST(authentic(results("pass", "sender.example", "")));
  BOOST_TEST(!authentic(results("pass", "sender.example", "compauth=fail reason=001")));
  BOOST_TEST(!authentic(results("none", "sender.example", "compauth=softpass reason=201")));
  BOOST_TEST(!authentic(results("pass", "other.example", pass)));
  BOOST_TEST(!authentic(""));
  // What the sender wrote itself, below the front door.
  BOOST_TEST(!authentic("", results("pass", "sender.example", pass)));
  // The same report over a channel that proves nothing.
  JudgeRequest request = ProvenRequest();
  request.trust = ChannelTrust::kUnproven;
  const std::string report =
      ReportAbout(Stamped(results("pass", "sender.example", pass), "", ""), "<1@sender.example>");
  BOOST_TEST(!JudgeBytes(report, request).sender.authenticated);
  const auto back = JudgementFromJson(ToJson(Judge(report)));
  BOOST_REQUIRE(back.ok());
  BOOST_TEST(back->sender.authenticated);
  BOOST_TEST(back->sender.address == "a@sender.example");
}

BOOST_AUTO_TEST_CASE(a_field_that_stands_twice_and_differs_is_unknown) {
  const std::vector<HeaderField> headers = {
      {"X-MS-Exchange-Organization-Id", "1"},
      {"X-MS-Exchange-Organization-AuthAs", "Anonymous"},
      {"X-MS-Exchange-Organization-AuthAs", "Internal"},
      {"X-Forefront-Antispam-Report", "SCL:1;SCL:1;CAT:NONE;DIR:INB;DIR:OUT"}};
  const ExchangeStamps stamps = ReadExchangeStamps(headers);
  BOOST_TEST(stamps.auth_as == "");
  BOOST_TEST(stamps.scl == "1");
  BOOST_TEST(stamps.direction == "");
}

BOOST_AUTO_TEST_CASE(a_plain_message_is_not_believed_even_over_a_proven_channel) {
  BOOST_TEST(ToString(Judge(Stamped(kFail, "", kSpoof)).verdict.disposition) == "NONE");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_CASE(detectors_give_only_the_reasons_that_they_declare) {
  std::set<std::string_view> names, reasons;
  for (const auto& detector : AllDetectors()) {
    BOOST_TEST(names.insert(detector->name()).second);
    for (const std::string_view reason : detector->reasons()) {
      BOOST_TEST(reasons.insert(reason).second, reason);
    }
  }
  for (const auto& mail : {Attached("a.pdf", "application/pdf", Program()),
                           ReportAbout(Stamped(kFail, "", kSpoof), "<1@sender.example>")}) {
    for (const Finding& finding : Judge(mail).verdict.findings) {
      BOOST_TEST(reasons.count(finding.reason) == 1U, finding.reason);
    }
  }
}

}  // namespace
}  // namespace clawback
