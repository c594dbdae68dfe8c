// SPDX-License-Identifier: Apache-2.0
// What borrows the tenant's names, or shows one thing and does another. The tenant is
// contoso.example with Alice Moreau.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>

#include "policy/detect/domain_names.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

Judgement JudgeFor(const std::string& domain, const std::string& mail) {
  JudgeRequest request = ProvenRequest();
  request.tenant = {"tenant", {domain}, {{"Alice Moreau", {"alice@home.example"}}}};
  return JudgeBytes(mail, request);
}

Judgement From(const std::string& from, const std::string& domain = "contoso.example") {
  return JudgeFor(domain, "From: " + from + "\r\nSubject: x\r\n\r\nHello\r\n");
}

bool Gives(const Judgement& judgement, std::string_view reason) {
  return FindReason(judgement, reason) != nullptr;
}

// But that mail is the tenant's own, which moves nothing.
bool IsSilent(const Judgement& judgement) {
  const auto& findings = judgement.verdict.findings;
  return std::all_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.reason == "own-domain"; });
}

std::string Page(const std::string& body) {
  return "From: a@news.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<html>" + body +
         "</html>\r\n";
}

BOOST_AUTO_TEST_SUITE(display_name)

BOOST_AUTO_TEST_CASE(a_persons_name_from_a_strange_address_is_found) {
  for (const char* from :
       {"Alice Moreau <ceo@mail.test>", "\"MOREAU, Alice\" <ceo@mail.test>",
        "alice.moreau <ceo@mail.test>", "=?utf-8?Q?Alic=D0=B5_Moreau?= <ceo@mail.test>"}) {
    const Judgement judgement = From(from);
    BOOST_TEST(Gives(judgement, "display-name-person"), from);
    BOOST_TEST(ToString(judgement.verdict.disposition) == "SUSPICIOUS", from);
  }
  const Judgement judgement = From("Alice Moreau <ceo@mail.test>");
  BOOST_TEST(FindReason(judgement, "display-name-person")->evidence ==
             "\"Alice Moreau\" <ceo@mail.test> has the name of Alice Moreau");
}

BOOST_AUTO_TEST_CASE(her_own_addresses_and_other_names_are_silent) {
  for (const char* from :
       {"Alice Moreau <alice@contoso.example>", "Alice Moreau <alice@home.example>",
        "Alice <alice@mail.test>", "Alice Morel <a@mail.test>", "Alice Moreau Junior <a@mail.test>",
        "Bob Moreau <a@mail.test>", "alice.moreau@mail.test"}) {
    BOOST_TEST(IsSilent(From(from)), from);
  }
}

BOOST_AUTO_TEST_CASE(an_own_address_or_desk_as_the_name_of_another_is_found) {
  BOOST_TEST(Gives(From("\"bob@contoso.example\" <x@mail.test>"), "display-name-address"));
  BOOST_TEST(Gives(From("\"Bob (bob@contoso.example)\" <x@mail.test>"), "display-name-address"));
  BOOST_TEST(Gives(From("Contoso IT Support <x@mail.test>"), "display-name-domain"));
  BOOST_TEST(Gives(From("contoso.example <x@mail.test>"), "display-name-domain"));
  const Judgement list = From("\"bob@contoso.example via Users\" <users@lists.test>");
  BOOST_TEST(ToString(list.verdict.disposition) == "NONE");
  for (const char* from :
       {"\"bob@contoso.example.test\" <x@mail.test>", "Contoso <x@mail.test>",
        "IT Support <x@mail.test>", "\"bob@mail.test\" <x@mail.test>", "Contoso.it <x@mail.test>",
        "Contoso IT Support <help@mail.contoso.example>"}) {
    BOOST_TEST(IsSilent(From(from)), from);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(lookalike_domain)

BOOST_AUTO_TEST_CASE(each_way_of_looking_alike_has_its_reason) {
  const std::pair<const char*, const char*> cases[] = {
      {"a@c0ntoso.test", "lookalike-domain"},
      {"a@xn--cntoso-wqf.test", "lookalike-domain"},  // Cyrillic o
      {"a@contoso.test", "lookalike-other-suffix"},
      {"a@contoso-support.test", "lookalike-added-word"},
      {"a@logincontoso.test", "lookalike-added-word"},
      {"a@contosso.test", "lookalike-near-name"},
      {"a@cnotoso.test", "lookalike-near-name"},
      {"a@con-toso.test", "lookalike-near-name"},
      {"a@contoso.example.mail.test", "lookalike-subdomain"}};
  for (const auto& [from, reason] : cases) {
    const Judgement judgement = From(from);
    BOOST_TEST(Gives(judgement, reason), from << " " << reason);
    BOOST_REQUIRE_EQUAL(judgement.verdict.findings.size(), 1U);
    BOOST_TEST(judgement.verdict.findings[0].evidence.find("contoso.example") != std::string::npos);
  }
  BOOST_TEST(Gives(From("a@rnicrosoft.test", "microsoft.example"), "lookalike-domain"));
}

BOOST_AUTO_TEST_CASE(own_domains_and_honest_neighbours_are_silent) {
  for (const char* from :
       {"a@contoso.example", "a@mail.contoso.example", "a@contoso.onmicrosoft.com",
        "a@fabrikam.test", "a@contralto.test", "a@contosofabrikam.test", "a@con.test"}) {
    BOOST_TEST(IsSilent(From(from)), from);
  }
  for (const char* from : {"a@ibn.test", "a@ibm.test", "a@hbm.test", "a@ibm-partner.test"}) {
    BOOST_TEST(From(from, "ibm.example").verdict.findings.empty(), from);
  }
}

BOOST_AUTO_TEST_CASE(reply_to_counts_as_the_sender_does) {
  const Judgement judgement =
      JudgeFor("contoso.example", "From: a@b.test\r\nReply-To: a@c0ntoso.test\r\n\r\nHello\r\n");
  BOOST_REQUIRE(Gives(judgement, "lookalike-domain"));
  BOOST_TEST(FindReason(judgement, "lookalike-domain")->place == "header Reply-To");
}

BOOST_AUTO_TEST_CASE(hosts_are_read_as_browsers_read_them) {
  BOOST_TEST(HostOf("HTTPS://User@Www.A.Example:443/x?y#z") == "www.a.example");
  BOOST_TEST(HostOf("http:\\\\a.example\\b") == "a.example");
  BOOST_TEST(HostOf("http://good.example@evil.example./") == "evil.example");
  BOOST_TEST(HostOf("http://[::1]:80/") == "[::1]");
  BOOST_TEST(HostOf("mailto:a@b.example") == "");
  BOOST_TEST(HostOf("") == "");
  BOOST_TEST(OrganisationalDomain("www.bbc.co.uk") == "bbc.co.uk");
  BOOST_TEST(OrganisationalDomain("192.0.2.1") == "192.0.2.1");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(link_mismatch)

BOOST_AUTO_TEST_CASE(a_link_that_shows_another_host_is_found_and_weighs_little) {
  const auto link = [](const char* target, const char* text) {
    return JudgeFor("contoso.example",
                    Page(std::string("<a href=\"") + target + "\">" + text + "</a>"));
  };
  const Judgement mismatch = link("http://evil.test/a", "https://www.bank.com/login");
  BOOST_TEST(Gives(mismatch, "link-text-mismatch"));
  BOOST_TEST(ToString(mismatch.verdict.disposition) == "NONE");
  BOOST_TEST(Gives(link("http://evil.test/a", "bank.com"), "link-text-mismatch"));
  BOOST_TEST(Gives(link("http://192.0.2.1/a", "www.bank.com"), "link-text-hides-address"));
  BOOST_TEST(Gives(link("http://evil.test/", "login.contoso.com"), "link-text-mismatch"));
  for (const auto& [target, text] :
       {std::pair{"http://click.bank.com/x", "www.bank.com"},
        {"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.bank.com%2F",
         "www.bank.com"},
        {"http://track.news.example/x", "www.bank.com"},  // the sender's own
        {"http://evil.test/", "Click here"},
        {"http://evil.test/", "ASP.NET"},
        {"http://evil.test/", "readme.txt"},
        {"http://evil.test/", "someone@bank.com"},
        {"mailto:a@evil.test", "www.bank.com"}}) {
    const Judgement silent = link(target, text);
    BOOST_TEST(!Gives(silent, "link-text-mismatch"), target << " " << text);
    BOOST_TEST(!Gives(silent, "link-text-hides-address"), target << " " << text);
  }
}

BOOST_AUTO_TEST_CASE(the_tenants_own_name_as_text_weighs_more) {
  const std::string mail = Page("<a href='http://evil.test/'>https://portal.contoso.com/</a>");
  BOOST_TEST(Gives(JudgeFor("contoso.com", mail), "link-text-names-tenant"));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(html_smuggling)

BOOST_AUTO_TEST_CASE(a_script_that_builds_a_file_is_found) {
  const Judgement blob = Judge(
      Page("<script>var b=new Blob([Uint8Array.from(atob(d),f)]);a.href=URL.createObjectURL(b);"
           "a.click()</script>"));
  BOOST_TEST(Gives(blob, "html-smuggling"));
  BOOST_TEST(ToString(blob.verdict.disposition) == "SUSPICIOUS");
  BOOST_TEST(Gives(Judge(Page("<SCRIPT>navigator.msSaveOrOpenBlob(x,'" + std::string(1100, 'A') +
                              "')</SCRIPT>")),
                   "html-smuggling"));
  BOOST_TEST(
      Gives(Judge(Page("<script>document.write(atob('" + std::string(1100, 'A') + "'))</script>")),
            "script-with-payload"));
}

BOOST_AUTO_TEST_CASE(a_program_in_the_scripts_text_is_malicious) {
  const std::string program =  // MZ, where the header is, PE
      "TVoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      "AAAAAAAAAAAAAAAAAAAAQAAAAFBFAABMAQ==";
  const Judgement judgement = Judge(Page("<script>x=atob('" + program + "')</script>"));
  BOOST_TEST(Gives(judgement, "html-smuggled-file"));
  BOOST_TEST(ToString(judgement.verdict.disposition) == "MALICIOUS");
}

BOOST_AUTO_TEST_CASE(pages_without_such_scripts_are_silent) {
  for (const std::string& page :
       {std::string("<script>var tracker = escape(location);</script>"),
        "<img src='data:image/png;base64," + std::string(5000, 'A') + "'>",
        std::string("<p>call atob( and new Blob( in a script</p>"),
        std::string("<script type='application/ld+json'>{\"@type\":\"Order\"}</script>"),
        "<script>x='" + std::string(5000, 'A') + "'</script>",
        std::string("<script>x=atob('aGVsbG8=')</script>")}) {
    const Judgement silent = Judge(Page(page));
    BOOST_TEST(!Gives(silent, "html-smuggling"), page.substr(0, 80));
    BOOST_TEST(!Gives(silent, "html-smuggled-file"), page.substr(0, 80));
    BOOST_TEST(!Gives(silent, "script-with-payload"), page.substr(0, 80));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
