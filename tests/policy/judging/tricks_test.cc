// SPDX-License-Identifier: Apache-2.0
// Detectors of links, senders, brands, pages, text and bulk mail: each case is a small
// message and the one reason that it must give, or must not: the near misses.
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "policy/detect/brands.h"
#include "policy/detect/known_hosts.h"
#include "policy/detect/lure_phrases.h"
#include "policy/detect/unwrap_link.h"
#include "policy/message/message.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

struct Case {
  std::string reason;
  bool given;
  std::string mail;
};

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

std::string From(const std::string& from, const std::string& more = "") {
  return Mail("From: " + from + "\r\n" + more, "Hello");
}

void Check(const std::vector<Case>& cases) {
  for (const Case& one : cases) {
    BOOST_TEST_CONTEXT(one.reason << (one.given ? "" : " not") << " in " << one.mail) {
      BOOST_TEST((FindReason(Judge(one.mail), one.reason) != nullptr) == one.given);
    }
  }
}

BOOST_AUTO_TEST_SUITE(tricks)

BOOST_AUTO_TEST_CASE(risky_links) {
  Check({{"link-free-hosting", true, LinkTo("https://storage.googleapis.com/a/b.html")},
         {"link-free-hosting", true, LinkTo("https://x-1.a.run.app/")},
         {"link-free-hosting", false, LinkTo("https://www.googleapis.example/")},
         {"link-free-hosting", false, LinkTo("https://web.app.shop.example/")},
         {"link-shortener", true, LinkTo("https://bit.ly/3abc")},
         {"link-shortener", false, LinkTo("https://notbit.ly.example/3abc")},
         {"link-shortener", false, LinkTo("https://rabbit.ly/3abc")},
         {"link-cheap-suffix", true, LinkTo("http://win.prizes.click/a")},
         {"link-cheap-suffix", false, LinkTo("http://click.prizes.example/a")},
         {"link-cheap-suffix", false, Page("<a href=\"http://my.click/\">x</a>", "A <a@my.click>")},
         {"link-redirect", true, LinkTo("https://www.google.com/url?q=https%3A%2F%2Fevil.test%2F")},
         {"link-redirect", true, LinkTo("https://www.google.com/amp/s/evil.test/x")},
         {"link-redirect", true, LinkTo("https://vk.com/away.php?to=https%3A%2F%2Fevil.test")},
         {"link-redirect", false, LinkTo("https://www.google.com/search?q=clawback")},
         {"link-redirect", false, LinkTo("https://www.google.com/url?q=https://maps.google.com/")},
         {"link-redirect", false,
          LinkTo("https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fshop.example")},
         {"link-to-address", true, LinkTo("http://203.0.113.7/login")},
         {"link-to-address", true, LinkTo("http://3405803783/login")},
         {"link-to-address", true, LinkTo("http://0xcb007107/login")},
         {"link-to-address", false, LinkTo("http://192.168.1.10:8080/")},
         {"link-to-address", false, LinkTo("http://172.20.0.2/")},
         {"link-to-address", true, LinkTo("http://172.40.0.2/")},
         {"link-to-address", false, LinkTo("http://163.com/")},
         {"link-script", true, LinkTo("data:text/html;base64,AAAA")},
         {"link-script", true, LinkTo("javascript:location='x'")},
         {"link-script", false, LinkTo("data:image/png;base64,AAAA")},
         {"link-user-name", true, LinkTo("https://paypal.com@evil.test/")},
         {"link-user-name", false, LinkTo("https://evil.test/@paypal.com")},
         {"link-user-name", false, LinkTo("https://bob@files.test/")},
         {"link-recipient", true, LinkTo("https://evil.test/#bob@company.example")},
         {"link-recipient", false, LinkTo("https://news.test/?u=bob@company.example#top")}});
}

BOOST_AUTO_TEST_CASE(links_are_followed_through_their_wrappers) {
  const auto target = [](std::string_view url) { return UnwrapLink(url).target; };
  BOOST_TEST(
      target(
          "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fa.test%2Fb&data=1") ==
      "https://a.test/b");
  BOOST_TEST(target("https://urldefense.proofpoint.com/v2/url?u=https-3A__a.test_b&d=x") ==
             "https://a.test/b");
  BOOST_TEST(target("https://urldefense.com/v3/__https://a.test/b__;!!x") == "https://a.test/b");
  BOOST_TEST(target("https://www.google.com/"
                    "url?q=https%3A%2F%2Fvk.com%2Faway.php%3Fto%3Dhttps%253A%252F%252Fa.test") ==
             "https://a.test");
  BOOST_TEST(UnwrapLink("https://www.google.com/url?q=https://a.test").redirects ==
             "www.google.com");
  BOOST_TEST(UnwrapLink("https://a.test/url?q=https://b.test").redirects == "");
  BOOST_TEST(target("https://www.google.com/url?q=") == "https://www.google.com/url?q=");
  BOOST_TEST(target("") == "");
  std::string deep = "https://a.test";
  for (int i = 0; i < 50; ++i) deep = "https://www.google.com/url?q=" + deep;
  BOOST_TEST(!UnwrapLink(deep).target.empty());
  BOOST_TEST(DecodePercent("%41%2f%zz%4") == "A/%zz%4");
}

BOOST_AUTO_TEST_CASE(senders) {
  Check({{"reply-to-free-mailbox", true,
          From("Ceo <ceo@company.test>", "Reply-To: ceo.office@gmail.com\r\n")},
         {"reply-to-free-mailbox", false,
          From("Bob <bob@gmail.com>", "Reply-To: bob.two@gmail.com\r\n")},
         {"reply-to-free-mailbox", false,
          From("Bob <bob@company.test>", "Reply-To: desk@company.test\r\n")},
         {"reply-to-free-mailbox", false,
          From("Bob <b@c.test>", "Reply-To: b@gmail.com\r\nList-Post: <mailto:l@c.test>\r\n")},
         {"name-shows-address", true, From("\"info@bank.com\" <x@other.net>")},
         {"name-shows-address", false, From("\"info@bank.com\" <news@mail.bank.com>")},
         {"name-shows-address", false, From("\"bob@bank.com via List\" <list@lists.net>")},
         {"name-padded", true, From("Prize Team  ,_<x@y.example>")},
         {"name-padded", true, From("\"Blinds          now\" <x@y.example>")},
         {"name-padded", false, From("\"Moreau, Alice\" <x@y.example>")},
         {"name-padded", false, From("Alice  Moreau <x@y.example>")},
         {"sender-is-no-address", true, From("Nobody")},
         {"sender-is-no-address", false, From("a@b.example")},
         {"several-senders", true, From("a@b.example, c@d.example")},
         {"several-senders", false, From("a@b.example, c@d.example", "Sender: a@b.example\r\n")}});
}

BOOST_AUTO_TEST_CASE(brands) {
  Check({{"brand-name", true, From("PayPal Service <x@secure-desk.net>")},
         {"brand-name", true, From("\"Banco do Brasil\" <x@promo.net>")},
         {"brand-name", false, From("PayPal <service@paypal.de>")},
         {"brand-name", false, From("PayPal <service@mail.paypal.co.uk>")},
         {"brand-name", false, From("Kurier (via Amazon) <x@post.net>")},
         {"brand-name", false, From("Amazonia Tours <x@tours.net>")},
         {"brand-name", false, From("Alice Moreau <alice@net.net>")},
         {"brand-name-free-mailbox", true, From("Netflix Billing <netflix.bill@gmail.com>")},
         {"brand-name-free-mailbox", false, From("My Netflix Club <club@gmail.com>")}});
  BOOST_TEST(FindBrand("paypal") != nullptr);
  BOOST_TEST(FindBrand("pay") == nullptr);
  BOOST_TEST(FindBrand("") == nullptr);
}

BOOST_AUTO_TEST_CASE(pages) {
  const std::string words(200, 'w');
  Check({{"form-asks-password", true,
          Page("<form action=\"http://a.test\"><input type=\"password\"></form>")},
         {"form-asks-password", false, Page("<p>Your password</p><input type=\"text\">")},
         {"form-in-mail", true, Page("<form action=\"http://a.test\"><input></form>")},
         {"form-in-mail", false, Page("<p>Fill in the form</p>")},
         {"meta-refresh", true, Page("<meta http-equiv=refresh content=\"0;url=http://a.test\">")},
         {"meta-refresh", false,
          Page("<meta http-equiv=content-type content=\"text/html\"><p>refresh")},
         {"picture-for-text", true,
          Page("<a href=\"http://a.test\"><img src=\"http://a.test/i\"></a>")},
         {"picture-for-text", false,
          Page("<a href=\"http://a.test\"><img src=\"http://a.test/i\"></a>" + words)},
         {"picture-for-text", false, Page("<img src=\"http://a.test/i\">")}});
}

BOOST_AUTO_TEST_CASE(disguised_text) {
  const std::string styled = "𝐘𝐨𝐮𝐫 𝐚𝐜𝐜𝐨𝐮𝐧𝐭 𝐢𝐬 𝐨𝐯𝐞𝐫";
  Check(
      {{"invisible-in-words", true, Mail("From: a@b.example\r\nSubject: Pass\u200Bword\r\n", "x")},
       {"invisible-in-words", true, Mail("Subject: Fa\u0337lha na entre\u0337ga\r\n", "x")},
       {"invisible-in-words", false, Mail("From: a@b.example\r\nSubject: Aus\u00ADkunft\r\n", "x")},
       {"invisible-in-words", false,
        Page("Preview \u200C \u200C \u034F \u200C \u200C \u200C \u200C \u200C \u200C \u200C text")},
       {"invisible-in-words", false, Mail("Subject: x\r\n", "می\u200Cخواهم کتاب\u200Cها")},
       {"invisible-in-words", true,
        Mail("Subject: R\u00ADe\u00ADa\u00ADl\u00AD W\u00ADe\u00ADi\u00ADg\u00ADh\u00ADt\r\n",
             "x")},
       {"invisible-in-words", false,
        Mail("Subject: Ide\u00ADa\u00ADlis\u00ADmus, a\u00ADber E\u00ADu\u00ADle\r\n", "x")},
       {"mixed-alphabets", true, From("=?utf-8?Q?P=D0=B0yPal?= <a@b.example>")},
       {"mixed-alphabets", false,
        From("=?utf-8?B?0JDQvdC90LAg0J/QtdGC0YDQvtCy0LA=?= <a@b.example>")},
       {"mathematical-letters", true,
        Mail("From: a@b.example\r\nSubject: \U0001D401\U0001D400\U0001D413\r\n", "x")},
       {"mathematical-letters", false, Mail("From: a@b.example\r\nSubject: e = mc\u00B2\r\n", "x")},
       {"mathematical-letters", true, Mail("Subject: x\r\n", styled + " in plain words")},
       {"mathematical-letters", false,
        Mail("Subject: x\r\n", styled + ": the figures of the northern office are here")},
       {"disguised-word", true, From("C0NSUMER REWARDS <a@b.example>")},
       {"disguised-word", true, Mail("Subject: your PayPa1 balance\r\n", "x")},
       {"disguised-word", true, From("Greetings WaImart <a@b.example>")},
       {"disguised-word", true, Mail("Subject: Scan your Iedger now\r\n", "x")},
       {"disguised-word", false, From("Rob McIntosh, McINTOSH Ltd <a@b.example>")},
       {"disguised-word", false,
        Mail("Subject: FINAL NOTICE of the AAI, PayPal, iPhone15, In Italy, Important\r\n", "x")},
       {"disguised-word", false,
        Mail("Subject: Order 50115, Office365 C0FFEE 1nvo1ce5x service2\r\n", "x")},
       {"random-words", true,
        Mail("From: a@b.example\r\n",
             "ialozfapprnttjwkcgzdvio dkusggodswwhcbmqgznoko nmieudzbnxpkrshxqneyntx")},
       {"random-words", false,
        Mail("From: a@b.example\r\n",
             "Rechtsschutzversicherungsgesellschaften Donaudampfschiffahrt "
             "Selbstverständlichkeit internationalisation")}});
}

BOOST_AUTO_TEST_CASE(lures) {
  const std::string scam =
      "I am a barrister. My late client left the sum of ten million dollars, strictly "
      "confidential; "
      "you are the beneficiary.";
  Check(
      {{"lure-credentials", true,
        Mail("From: a@b.example\r\n", "Unusual activity: verify your identity within 24 hours.")},
       {"lure-credentials", false, Mail("From: a@b.example\r\n", "Please verify your identity.")},
       {"lure-credentials", false,
        Mail("From: a@b.example\r\n", "The activity was unusual for you.")},
       {"lure-advance-fee", true, Mail("From: a@b.example\r\n", scam)},
       {"lure-advance-fee", false,
        Mail("From: a@b.example\r\n", "The fund pays a confidential sum.")},
       {"lure-delivery", true,
        Mail("From: a@b.example\r\n",
             "Your parcel could not be delivered: a failed delivery. Confirm your address.")},
       {"lure-prize", true,
        Mail("From: a@b.example\r\n", "Herzlichen Glückwunsch! Sie sind Gewinner im Gewinnspiel.")},
       {"lure-romance", false, Mail("From: a@b.example\r\n", "The girls went dating fossils.")}});
  BOOST_TEST(LureOf("verify your account").kind.has_value());
  BOOST_TEST(!LureOf("verify your").kind);
}

BOOST_AUTO_TEST_CASE(a_lure_weighs_less_where_links_go_to_the_sender) {
  const std::string text = "<p>Congratulations, you have won a gift card</p>";
  const Judgement own = Judge(Page(text + "<a href=\"https://www.shop.example/\">shop</a>"));
  const Judgement other = Judge(Page(text + "<a href=\"https://www.else.test/\">shop</a>"));
  BOOST_REQUIRE(FindReason(own, "lure-prize") != nullptr);
  BOOST_TEST(FindReason(own, "lure-prize")->weight < FindReason(other, "lure-prize")->weight);
}

BOOST_AUTO_TEST_CASE(foreign_links) {
  const std::string button = "<a href=\"https://www.else.test/x\">Open</a>";
  Check({{"links-lead-elsewhere", true, Page(button)},
         {"links-lead-elsewhere", false, Page(button + "<a href=\"https://shop.example/\">us</a>")},
         {"links-lead-elsewhere", false, Page("<a href=\"https://shop-news.test/x\">Open</a>")},
         {"links-lead-elsewhere", false, Page("<a href=\"https://ctrk.klclick.com/x\">Open</a>")},
         {"links-lead-elsewhere", false,
          Page("<a href=\"https://else.test/x\">https://else.test/x</a>")},
         {"links-lead-elsewhere", false, Page(button, "Bob <bob@gmail.com>")},
         {"links-lead-elsewhere", false, "Feedback-ID: 1:x\r\n" + Page(button)},
         {"links-lead-elsewhere", false, "List-Post: <mailto:l@x.test>\r\n" + Page(button)}});
}

BOOST_AUTO_TEST_CASE(recipients_as_names_and_urgency) {
  const std::string to = "From: a@b.example\r\nTo: bob@company.example\r\n";
  Check(
      {{"recipient-in-subject", true, Mail(to + "Subject: bob@company.example: act now\r\n", "x")},
       {"recipient-in-subject", false, Mail(to + "Subject: For bob\r\n", "x")},
       {"recipient-greeted", true, Mail(to, "Dear bob@company.example, your box is full")},
       {"recipient-greeted", false, Mail(to, "To: bob@company.example\r\nquoted")},
       {"recipient-greeted", false, Mail(to, "Dear Bob, your box is full")},
       {"marked-urgent", true, Mail(to + "X-Priority: 1 (Highest)\r\n", "x")},
       {"marked-urgent", true, Mail(to + "Importance: High\r\n", "x")},
       {"marked-urgent", false, Mail(to + "X-Priority: 3\r\nImportance: normal\r\n", "x")}});
}

BOOST_AUTO_TEST_CASE(bulk_mail) {
  const std::string leave = "List-Unsubscribe: <https://shop.example/u>\r\n";
  Check({{"bulk-unsubscribe", true, leave + Page("x")},
         {"bulk-unsubscribe", false, leave + "List-Post: <mailto:l@shop.example>\r\n" + Page("x")},
         {"bulk-unsubscribe", false, leave + "Precedence: list\r\n" + Page("x")},
         {"bulk-precedence", true, "Precedence: bulk\r\n" + Page("x")},
         {"bulk-platform", true, "Return-Path: <b@u1.sendgrid.net>\r\n" + Page("x")},
         {"bulk-platform", false, "Return-Path: <b@shop.example>\r\n" + Page("x")},
         {"bulk-link", true, Page("<a href=\"https://shop.example/u\">Abmelden</a>")},
         {"bulk-link", false, Page("<a href=\"https://shop.example/\">Anmelden</a>")}});
  const Judgement news =
      Judge(leave + Page("<a href=\"https://shop.example/unsubscribe\">leave</a>"));
  BOOST_TEST(ToString(news.verdict.disposition) == "BULK");
}

BOOST_AUTO_TEST_CASE(known_hosts_hold_their_order) {
  // A name out of order would not be found: the first and last of each list are.
  for (const char* host : {"000webhostapp.com", "yolasite.com", "zapto.org"})
    BOOST_TEST(IsFreeHosting(host), host);
  for (const char* domain : {"126.com", "gmail.com", "ziggo.nl", "zoho.com"})
    BOOST_TEST(IsFreeMailbox(domain), domain);
  for (const char* host : {"1url.com", "x.co", "www.bit.ly"}) BOOST_TEST(IsShortener(host), host);
  for (const char* host : {"a.accountant", "a.zip", "a.sa.com"})
    BOOST_TEST(IsCheapSuffix(host), host);
  for (const char* domain : {"e.acemsrvc.com", "zohocampaigns.com"})
    BOOST_TEST(IsSendingPlatform(domain), domain);
  BOOST_TEST(!IsCheapSuffix("click"));
  BOOST_TEST(!IsFreeHosting(""));
}

BOOST_AUTO_TEST_CASE(text_in_a_cell_without_size_is_read_where_it_has_one) {
  const Message message = ParseMessage(
      Page("<td style=\"font-size:0px;padding:4px\"><i>unseen</i><a href=\"https://a.test/\">"
           "<span style=\"font-size:14px\">Unlock it</span></a></td><p>after</p>"));
  BOOST_TEST(message.html_text.find("Unlock it") != std::string::npos);
  BOOST_TEST(message.html_text.find("unseen") == std::string::npos);
  BOOST_TEST(message.html_text.find("after") != std::string::npos);
  BOOST_REQUIRE_EQUAL(message.links.size(), 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
