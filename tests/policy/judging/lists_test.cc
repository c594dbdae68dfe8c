// SPDX-License-Identifier: Apache-2.0
// What is listed, the tenant's own names, answers to nothing, hidden text, requests for
// money: each case is a small message and the reason that it must give, or must not.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "policy/base/digest.h"
#include "policy/detect/bec_phrases.h"
#include "policy/message/parse/html_text.h"
#include "policy/message/parse/page_colours.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

JudgeRequest Asking(ListKind kind, const std::vector<std::string>& entries) {
  ListEntries lists;
  lists[static_cast<std::size_t>(kind)] = entries;
  JudgeRequest request = ProvenRequest();
  request.tenant = {"contoso", {"contoso.example"}};
  Result<JudgeLists> shared = ShareLists(lists);
  if (!shared) throw std::runtime_error(shared.error().what);
  request.lists = {*shared};
  return request;
}

bool Gives(const std::string& mail, const JudgeRequest& request, std::string_view reason) {
  return FindReason(JudgeBytes(mail, request), reason) != nullptr;
}

std::string Mail(const std::string& fields, const std::string& text) {
  return fields + "Content-Type: text/plain; charset=utf-8\r\n\r\n" + text + "\r\n";
}

std::string Page(const std::string& html, const std::string& from = "Shop <a@shop.example>") {
  return "From: " + from + "\r\nTo: bob@company.example\r\nSubject: x\r\n" +
         "Content-Type: text/html; charset=utf-8\r\n\r\n<html>" + html + "</html>\r\n";
}

std::string LinkTo(const std::string& target) {
  return Page("<p>Some words to read here.</p><a href=\"" + target + "\">here</a>");
}

std::string Attached(const std::string& content, const std::string& name) {
  std::string mail =
      "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nHi\r\n"
      "--x\r\nContent-Type: application/octet-stream; name=\"" +
      name + "\"\r\nContent-Disposition: attachment; filename=\"" + name +
      "\"\r\nContent-Transfer-Encoding: binary\r\n\r\n";
  return mail + content + "\r\n--x--\r\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(listed)

BOOST_AUTO_TEST_CASE(a_blocked_host_is_found_behind_rewriters_and_below_its_name) {
  const JudgeRequest request = Asking(
      ListKind::kBlockedHosts, {"evil.example", "files.shared.example", "xn--bcher-kva.example"});
  for (const char* target :
       {"https://evil.example/", "http://a.b.EVIL.example:8080/x", "https://b\u00fccher.example/",
        "https://ev%69l.example/", "https://xn--bcher-kva.example/",
        "https://files.shared.example/1",
        "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fevil.example%2Fx",
        "https://www.google.com/url?q=https%3A%2F%2Fevil.example%2F"}) {
    BOOST_TEST(Gives(LinkTo(target), request, "blocked-host"), target);
  }
  for (const char* target :
       {"https://notevil.example/", "https://evil.example.org/", "https://shared.example/",
        "https://other.example/?u=evil.example", "https://other.shared.example/"}) {
    BOOST_TEST(!Gives(LinkTo(target), request, "blocked-host"), target);
  }
  const Judgement judgement = JudgeBytes(LinkTo("https://a.evil.example/"), request);
  BOOST_TEST(ToString(judgement.verdict.disposition) == "SUSPICIOUS");
  BOOST_TEST(FindReason(judgement, "blocked-host")->evidence ==
             "a link to a.evil.example, listed in blocked_hosts: evil.example");
  BOOST_TEST(FindReason(judgement, "blocked-host")->place == "part 0 text/html > link");
  BOOST_TEST(!Gives(LinkTo("https://evil.example/"), ProvenRequest(), "blocked-host"));
}

BOOST_AUTO_TEST_CASE(a_blocked_host_is_not_hidden_by_what_stands_around_it) {
  const JudgeRequest request = Asking(ListKind::kBlockedHosts, {"evil.example"});
  std::string deep = "https://", many;
  for (int i = 0; i < 60; ++i) deep += "a.";
  for (int i = 0; i < 1000; ++i) {
    many += "<a href=\"https://h" + std::to_string(i) + ".shop.example/\">x</a>";
  }
  for (const std::string& html :
       {LinkTo(deep + "evil.example/"), LinkTo("https://evil%2Eexample%2e/"),
        LinkTo("https://evil.example\u3002/"),
        LinkTo("https://" + std::string(5000, 'u') + "@evil.example/"),
        LinkTo("https://" + std::string(9000, 'u') + "@evil.example/"),
        Page(many + "<a href=\"https://evil.example/\">x</a>")}) {
    BOOST_TEST(Gives(html, request, "blocked-host"), html.substr(0, 300));
  }
  const JudgeRequest deeper = Asking(ListKind::kBlockedHosts, {deep.substr(8) + "evil.example"});
  BOOST_TEST(Gives(LinkTo(deep + "evil.example/"), deeper, "blocked-host"));
  BOOST_TEST(!Gives(LinkTo("https://a." + deep.substr(10) + "org/"), deeper, "blocked-host"));
}

BOOST_AUTO_TEST_CASE(new_domains_are_attributes_and_alone_never_bad) {
  const JudgeRequest request = Asking(ListKind::kNewDomains, {"fresh.example"});
  const Judgement link = JudgeBytes(
      Mail("From: a@b.example\r\nSubject: x\r\n", "See https://www.fresh.example/"), request);
  BOOST_TEST(link.verdict.Has(Attribute::kNewDomainLink));
  BOOST_TEST(!link.verdict.Has(Attribute::kNewDomainSender));
  BOOST_TEST(ToString(link.verdict.disposition) == "NONE");
  const Judgement sender =
      JudgeBytes(Mail("From: a@mail.fresh.example\r\nSubject: x\r\n", "Hello"), request);
  BOOST_TEST(sender.verdict.Has(Attribute::kNewDomainSender));
  BOOST_TEST(!sender.verdict.Has(Attribute::kNewDomainLink));
  BOOST_TEST(ToString(sender.verdict.disposition) == "NONE");
  BOOST_TEST(
      JudgeBytes(Mail("From: a@b.example\r\nReply-To: c@fresh.example\r\n", "Hello"), request)
          .verdict.Has(Attribute::kNewDomainSender));
  const Judgement old = JudgeBytes(LinkTo("https://refresh.example/"), request);
  BOOST_TEST(old.verdict.attributes.empty());
  BOOST_TEST(old.lists.at(0) == request.lists[0].index.version());
}

BOOST_AUTO_TEST_CASE(a_blocked_file_is_found_attached_and_in_archives) {
  const std::string text = "quarterly figures";
  const JudgeRequest request = Asking(ListKind::kBlockedHashes, {ToHex(Sha256Of(text))});
  const Judgement judgement = JudgeBytes(Attached(text, "a.txt"), request);
  BOOST_TEST(ToString(judgement.verdict.disposition) == "MALICIOUS");
  BOOST_TEST(!Gives(Attached(text + ".", "a.txt"), request, "blocked-hash"));
  BOOST_TEST(!Gives(Attached(text, "a.txt"), ProvenRequest(), "blocked-hash"));
  BOOST_TEST(!Gives(Mail("From: a@b.example\r\n", "Hello"),
                    Asking(ListKind::kBlockedHashes, {ToHex(Sha256Of("Hello\r\n"))}),
                    "blocked-hash"));  // a letter is no file
}

BOOST_AUTO_TEST_CASE(a_message_that_its_reader_must_decrypt_is_no_clean_one) {
  const std::string pgp = "-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----";
  const Judgement encrypted = Judge(Mail("From: a@b.example\r\n", pgp));
  BOOST_TEST(encrypted.verdict.Has(Attribute::kEncrypted));
  BOOST_TEST(ToString(encrypted.verdict.disposition) == "UNSCANNABLE");
  BOOST_TEST(Judge("From: a@b.example\r\nContent-Type: multipart/encrypted; boundary=x\r\n\r\n"
                   "--x\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--x--\r\n")
                 .verdict.Has(Attribute::kEncrypted));
  BOOST_TEST(Judge("From: a@b.example\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n"
                   "Content-Transfer-Encoding: base64\r\n\r\nMIIBpQYJKoZIhvcNAQcDoIIBljCC\r\n")
                 .verdict.Has(Attribute::kEncrypted));
  // Signed, and one who writes about it.
  BOOST_TEST(!Judge("From: a@b.example\r\nContent-Type: application/pkcs7-mime; name=smime.p7m\r\n"
                    "Content-Transfer-Encoding: base64\r\n\r\nMIIBpQYJKoZIhvcNAQcCoIIBljCC\r\n")
                  .verdict.Has(Attribute::kEncrypted));
  BOOST_TEST(!Judge(Mail("From: a@b.example\r\n", "It begins with " + pgp))
                  .verdict.Has(Attribute::kEncrypted));
}

BOOST_AUTO_TEST_CASE(what_runs_and_what_is_the_tenants_own_is_said_beside_the_disposition) {
  BOOST_TEST(Judge(Attached("MZ" + std::string(62, '\0') + "PE", "a.exe"))
                 .verdict.Has(Attribute::kExecutable) ==
             (FindReason(Judge(Attached("MZ" + std::string(62, '\0') + "PE", "a.exe")),
                         "executable-attachment") != nullptr));
  const JudgeRequest request = Asking(ListKind::kBlockedHosts, {"evil.example"});
  const Judgement own = JudgeBytes(Mail("From: a@contoso.example\r\n", "Hello"), request);
  BOOST_TEST(own.verdict.Has(Attribute::kOwnDomain));
  BOOST_TEST(ToString(own.verdict.disposition) == "NONE");
  for (const char* from : {"a@contoso.example.test", "a@sub.contoso.example", "a@b.example"}) {
    BOOST_TEST(!JudgeBytes(Mail(std::string("From: ") + from + "\r\n", "Hello"), request)
                    .verdict.Has(Attribute::kOwnDomain),
               from);
  }
}

BOOST_AUTO_TEST_CASE(a_tenants_thresholds_are_those_that_its_judges_weigh_with) {
  JudgeRequest request = Asking(ListKind::kBlockedHosts, {"evil.example"});
  request.tenant.thresholds.suspicious = 70;
  const Judgement judgement =
      JudgeBytes(Mail("From: a@b.example\r\nSubject: x\r\n", "See https://evil.example/"), request);
  BOOST_TEST(ToString(judgement.verdict.disposition) == "SPAM");
  BOOST_TEST(judgement.verdict.thresholds.suspicious == 70);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(own_names)

BOOST_AUTO_TEST_CASE(a_brand_of_the_tenant_is_found_where_it_does_not_belong) {
  JudgeRequest request = ProvenRequest();
  request.tenant = {"contoso", {"contoso.example"}, {}, {{"Contoso Pay", {"contosopay.example"}}}};
  const auto gives = [&](const std::string& from) {
    return Gives(Mail("From: " + from + "\r\nSubject: x\r\n", "Hello"), request, "tenant-brand");
  };
  for (const char* from : {"Contoso Pay <a@mail.test>", "Service of Contoso Pay <a@mail.test>",
                           "\"CONTOSO  PAY Support\" <a@mail.test>", "C0ntoso Pay <a@mail.test>"}) {
    BOOST_TEST(gives(from), from);
  }
  for (const char* from :
       {"Contoso Pay <a@contosopay.example>", "Contoso Pay <a@news.contosopay.example>",
        "Contoso Pay <a@contoso.example>", "Contoso <a@mail.test>", "Pay Contoso <a@mail.test>",
        "Contoso Payroll <a@mail.test>", "Ann via Contoso Pay <a@mail.test>"}) {
    BOOST_TEST(!gives(from), from);
  }
}

BOOST_AUTO_TEST_CASE(a_typing_error_of_a_short_name_is_likelier_meant) {
  JudgeRequest request = ProvenRequest();
  request.tenant = {"tenant", {"fabri.example"}};
  const auto gives = [&](const std::string& domain) {
    return Gives(Mail("From: a@" + domain + "\r\nSubject: x\r\n", "Hello"), request,
                 "lookalike-typing-error");
  };
  for (const char* domain :
       {"fabru.test", "gabri.test", "fanri.test", "fabrri.test", "favri.test"}) {
    BOOST_TEST(gives(domain), domain);
  }
  for (const char* domain :
       {"fabra.test", "fabri.example", "fabric.test", "fari.test", "zabri.test", "fabrikam.test"}) {
    BOOST_TEST(!gives(domain), domain);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(conversation)

BOOST_AUTO_TEST_CASE(an_answer_to_nothing_counts_beside_other_signs_only) {
  const std::string answer =
      "From: Ann <ann@shop.example>\r\nReply-To: ann@other.example\r\nSubject: Re: our offer\r\n";
  const auto gives = [](const std::string& mail) {
    return FindReason(Judge(mail), "reply-to-nothing") != nullptr;
  };
  BOOST_TEST(gives(Mail(answer, "As agreed")));
  BOOST_TEST(gives(Mail(answer + "Message-ID: <1@strange.example>\r\n", "As agreed")));
  BOOST_TEST(gives(Mail("From: a@shop.example\r\nReply-To: a@x.example\r\nSubject: offer\r\n",
                        "See below\r\n-----Original Message-----\r\nFrom: bob@company.example")));
  // An answer to something, a list's, one of an old program, one that goes back to its writer.
  BOOST_TEST(!gives(Mail(answer + "In-Reply-To: <1@company.example>\r\n", "As agreed")));
  BOOST_TEST(!gives(Mail(answer + "References: <1@company.example>\r\n", "As agreed")));
  BOOST_TEST(!gives(Mail(answer + "List-Id: <users.lists.example>\r\n", "As agreed")));
  BOOST_TEST(!gives(Mail(answer + "Precedence: list\r\n", "As agreed")));
  BOOST_TEST(!gives(Mail(answer + "Message-ID: <1@mail.shop.example>\r\n", "As agreed")));
  BOOST_TEST(!gives(Mail("From: ann@shop.example\r\nSubject: Re: our offer\r\n", "As agreed")));
  BOOST_TEST(!gives(Mail(
      "From: a@shop.example\r\nReply-To: b@sub.shop.example\r\nSubject: AW: x\r\n", "As agreed")));
  BOOST_TEST(!gives(
      Mail("From: a@shop.example\r\nReply-To: b@x.example\r\nSubject: Reply: x\r\n", "As agreed")));
}

BOOST_AUTO_TEST_CASE(a_quoted_letter_of_our_people_from_a_stranger_is_found) {
  JudgeRequest request = ProvenRequest();
  request.tenant = {"contoso", {"contoso.example"}};
  const std::string quoted =
      "Please see our new terms.\r\n-----Original Message-----\r\nFrom: Bob "
      "<bob@contoso.example>\r\n";
  const auto gives = [&](const std::string& fields, const std::string& text) {
    return Gives(Mail(fields, text), request, "reply-quotes-own-people");
  };
  BOOST_TEST(gives("From: supplier@gmail.com\r\nSubject: Re: terms\r\n", quoted));
  BOOST_TEST(gives("From: a@b.example\r\nReply-To: a@c.example\r\nSubject: Re: terms\r\n", quoted));
  BOOST_TEST(!gives("From: a@supplier.example\r\nSubject: Re: terms\r\n", quoted));
  BOOST_TEST(
      !gives("From: supplier@gmail.com\r\nIn-Reply-To: <1@x>\r\nSubject: Re: t\r\n", quoted));
  BOOST_TEST(
      !gives("From: bob@contoso.example\r\nReply-To: b@gmail.com\r\nSubject: Re: t\r\n", quoted));
  BOOST_TEST(
      !gives("From: supplier@gmail.com\r\nSubject: Re: terms\r\n", "bob@contoso.example wrote"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(hidden_text)

BOOST_AUTO_TEST_CASE(much_more_hidden_than_seen_is_found) {
  std::string words;
  for (int i = 0; i < 200; ++i) words += "meadow ";
  const auto gives = [](const std::string& html) {
    return FindReason(Judge(Page(html)), "text-hidden") != nullptr;
  };
  for (const char* hidden :
       {"<div style='display:none'>", "<div style='font-size:0px'>", "<font color=white>",
        "<div style='color:#fff;background:#FFFFFF'>",
        "<p style='position:absolute; left:-9999px'>", "<div style='opacity:0;'>",
        "<td bgcolor=#102030><span style='color:rgb(16,32,48)'>"}) {
    const std::string html = std::string("<p>Win now</p>") + hidden + words;
    BOOST_TEST(gives(html), hidden);
  }
}

BOOST_AUTO_TEST_CASE(paragraphs_beside_the_page_are_found) {
  std::string words;
  for (int i = 0; i < 40; ++i) words += "meadow ";
  const auto gives = [&](const std::string& style, const std::string& inside) {
    const std::string html = "<p>" + words + words + "</p><div style='" + style + "'>" + inside;
    return FindReason(Judge(Page(html + "</div>")), "text-off-page") != nullptr;
  };
  for (const char* away :
       {"position:absolute; left:-9999px; top:-9999px", "POSITION: FIXED; TOP: -500em",
        "transform: translateX(-9999px) scale(0); display:block", "transform: scale(0); height:0",
        "transform:scale(0.01)", "transform:translate(-5000px,0)", "text-indent:-9999px",
        "z-index:-999; position:relative; line-height:0", "position:absolute;clip:rect(0 0 0 0)",
        "font-size:12px;line-height:0;max-height:0;overflow:hidden", "width:1px;overflow:hidden"}) {
    BOOST_TEST(gives(away, words), away);
    BOOST_TEST(!gives(away, "Skip to the contents of this page"), away);  // for screen readers
  }
  for (const char* there :
       {"left:-9999px", "position:relative;left:-9999px", "position:absolute;left:-20px",
        "transform:scale(0.5)", "transform:translateX(-50%)", "text-indent:-20px", "z-index:1",
        "overflow:hidden;line-height:0", "overflow:hidden;max-height:100px", "height:0",
        "margin-left:-9999px", "max-width:0;overflow:auto"}) {
    BOOST_TEST(!gives(there, words), there);
  }
}

BOOST_AUTO_TEST_CASE(previews_second_layouts_and_coloured_bars_are_silent) {
  std::string words, padding;
  for (int i = 0; i < 120; ++i) words += "meadow ";
  for (int i = 0; i < 400; ++i) padding += "&nbsp;&zwnj;&#8203;";
  const auto gives = [](const std::string& html) {
    return FindReason(Judge(Page(html)), "text-hidden") != nullptr;
  };
  BOOST_TEST(
      !gives("<div style='display:none'>A line for the preview " + padding + "</div><p>Hi</p>"));
  BOOST_TEST(!gives("<p>" + words + "</p><div style='display:none'>" + words + "</div>"));
  BOOST_TEST(!gives("<td bgcolor=#000000><font color=white>" + words + "</font></td>"));
  BOOST_TEST(!gives("<div style='background-color:navy'><p style='color:#fff'>" + words));
  BOOST_TEST(
      !gives("<style>.bar{background:#000}</style><div class=bar><p style='color:#fff'>" + words));
  BOOST_TEST(!gives("<table background=sky.png><p style='color:#fff'>" + words));
  BOOST_TEST(!gives("<div style='color:white'><div style='color:black'>" + words));
  BOOST_TEST(!gives("<div style='border-color:#fff'>" + words));
  BOOST_TEST(!gives("<div style='opacity:0.9;font-size:0.9em'>" + words));
}

BOOST_AUTO_TEST_CASE(what_is_in_its_grounds_colour_counts_and_stays_in_the_text) {
  const HtmlText html = ReadHtml("<p>seen</p><font color='#FFFFFF'>ghost</font><p>again</p>", 0);
  BOOST_TEST(html.hidden_letters == 5U);
  BOOST_TEST(html.seen_letters == 9U);
  BOOST_TEST(ReadHtml("<p>caf\u00e9 \u4f60\u597d &nbsp;&zwnj;\u200b</p>", 0).seen_letters == 6U);
  BOOST_TEST(html.text.find("ghost") != std::string::npos);
  BOOST_TEST(ColourOf("rgb( 255 ,0,0)").empty());
  BOOST_TEST(ColourOf("RGB(255,0,0)") == "#ff0000");
  BOOST_TEST(ColourOf("#Abc") == "#aabbcc");
  BOOST_TEST(ColourOf("#abcd").empty());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(bec)

BOOST_AUTO_TEST_CASE(phrases_are_found_whatever_their_language) {
  for (const char* phrase : {"are you at your desk", "neue bankverbindung", "cartes cadeaux",
                             "hacer una transferencia", "novos dados bancários", "nuovo iban",
                             "nieuwe bankgegevens", "a task for you", "überweisung veranlassen"}) {
    BOOST_TEST(BecPhraseOf(phrase).kind.has_value(), phrase);
  }
  BOOST_TEST(!BecPhraseOf("gift cards").kind);
}

BOOST_AUTO_TEST_CASE(a_request_for_money_without_link_or_file_is_found) {
  const auto gives = [](const std::string& fields, const std::string& text) {
    const Judgement judgement = Judge(Mail(fields, text));
    BOOST_TEST(judgement.verdict.Has(Attribute::kBec) ==
               (FindReason(judgement, "bec-request") != nullptr));
    return judgement.verdict.Has(Attribute::kBec);
  };
  const std::string boss = "From: Bob Boss <bob.boss.ceo@gmail.com>\r\nSubject: Quick task\r\n";
  const std::string card =
      "I'm in a meeting and can't talk. Get some gift cards and send me pictures of the codes.";
  BOOST_TEST(gives(boss, card));
  BOOST_TEST(gives(boss, "Are you at your desk?\r\n\r\nSent from my phone"));
  BOOST_TEST(
      gives("From: a@b.example\r\nSubject: Payroll\r\n",
            "I would like to change my direct deposit information before the next payroll."));
  BOOST_TEST(gives("From: a@b.example\r\nSubject: Rechnung\r\n",
                   "Unsere Bankverbindung hat sich geändert. Es eilt."));
  BOOST_TEST(gives("From: a@b.example\r\nReply-To: c@d.example\r\nSubject: x\r\n",
                   "Je suis en réunion. Il faut effectuer un virement aujourd'hui même."));
  // A letter with a link or file, a list's, one inside of a longer text, half of a request.
  BOOST_TEST(!gives(boss, card + " https://cards.example/buy"));
  BOOST_TEST(!gives(boss + "List-Id: <a.example>\r\n", card));
  BOOST_TEST(!gives(boss, card + std::string(3000, 'x')));
  BOOST_TEST(!gives("From: a@b.example\r\nSubject: Lunch\r\n", "Thanks for the gift cards!"));
  BOOST_TEST(!gives("From: a@b.example\r\nSubject: x\r\n", "We got new bank details from you."));
  BOOST_TEST(!gives("From: a@b.example\r\nSubject: x\r\n", "He is in a meeting, this is urgent."));
}

BOOST_AUTO_TEST_CASE(words_alone_never_suffice) {
  const Judgement judgement =
      Judge(Mail("From: Bob Boss <bob@partner.example>\r\nSubject: Are you available\r\n",
                 "I'm in a meeting. We have new bank details, make a wire transfer today."));
  BOOST_REQUIRE(FindReason(judgement, "bec-request") != nullptr);
  BOOST_TEST(FindReason(judgement, "bec-request")->weight < 0.5);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
