// SPDX-License-Identifier: Apache-2.0
// The built program: a file explained, and the policy tried on it.
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "retract/command/explanation.h"
#include "tests/retract/command/run_program.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::string_view kLookalike =
    "From: Accounts <pay@contoso-support.example>\r\nTo: ana@contoso.example\r\n"
    "Subject: Your account\r\nMessage-ID: <m@contoso-support.example>\r\n\r\nHello.\r\n";

constexpr std::string_view kTenant =
    "name: contoso\ntenant_id: 11111111-2222-3333-4444-555555555555\n"
    "domains: [contoso.example]\nmode: enforce\n"
    "service_addresses:\n  - address: j-0123456789abcdef0123456789abcdef@journal.example\n"
    "    region: us\n"
    "graph: {client_id: 11111111-2222-3333-4444-666666666666, client_secret: 'file:/nowhere'}\n"
    "actions: {SPAM: junk, SUSPICIOUS: junk}\n"
    "exempt_recipients: [ben@contoso.example]\nprotected_people: [ceo@contoso.example]\n"
    "blocked_senders: [bounce.example]\ntrusted_senders: [contoso-support.example]\n";

json::object Object(const Ran& ran) {
  BOOST_REQUIRE_MESSAGE(ran.exit == 0, ran.err);
  return json::parse(ran.out).as_object();
}

// The one recipient's decision.
json::object OnlyRecipient(const json::object& tested) {
  const json::array& recipients = tested.at("decision").at("recipients").as_array();
  BOOST_REQUIRE(recipients.size() == 1U);
  return recipients.front().as_object();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(explain)

BOOST_AUTO_TEST_CASE(a_file_is_explained_by_the_rule_that_held) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m.eml", kLookalike);
  const std::string tenant = scratch.Put("t.yaml", kTenant);
  const json::object told =
      Object(RunClawback({"explain", "--json", "--tenant-file", tenant, mail}));
  BOOST_TEST(told.at("disposition").as_string() == "SUSPICIOUS");
  BOOST_TEST(told.at("rule").as_string() == "likely-phishing");
  const json::object& finding = told.at("findings").as_array().at(0).as_object();
  BOOST_TEST(finding.at("place").as_string() == "header From");
  BOOST_TEST(told.at("versions").at("judged_with").at("request").as_string().size() == 64U);
  const Ran page = RunClawback({"explain", "--tenant-file", tenant, mail});
  BOOST_TEST(page.out.find("The rule that held: likely-phishing") != std::string::npos);
  BOOST_TEST(page.out.find("short") != std::string::npos);
  BOOST_TEST(page.out.find("      at header From\n      the domain ") != std::string::npos,
             page.out);
}

BOOST_AUTO_TEST_CASE(the_message_is_told_by_sender_subject_and_id) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m.eml", kLookalike);
  const json::object told = Object(RunClawback({"explain", "--json", mail}));
  BOOST_TEST(told.at("sender").as_string() == "pay@contoso-support.example");
  BOOST_TEST(told.at("authenticated").as_bool() == false);
  BOOST_TEST(told.at("subject").as_string() == "Your account");
  BOOST_TEST(told.at("message_id").as_string() == "<m@contoso-support.example>");
  const std::string page = RunClawback({"explain", mail}).out;
  BOOST_TEST(page.find("pay@contoso-support.example (not authenticated)") != std::string::npos);
  BOOST_TEST(page.find("Your account") != std::string::npos, page);
}

BOOST_AUTO_TEST_CASE(stamps_of_what_is_no_report_are_not_said_to_be_believed) {
  const Scratch scratch;
  const Ran ran = RunClawback({"explain", "--proven", scratch.Put("m.eml", kLookalike)});
  BOOST_TEST(
      ran.out.find("no journal report: Exchange's stamps are not believed\n") != std::string::npos,
      ran.out);
  const Ran report =
      RunClawback({"explain", "--proven",
                   CLAWBACK_SOURCE_DIR "/tests/data/journal/r02-exo-2018-dmarc-fail-inbound.eml"});
  BOOST_TEST(report.out.find("proven: Exchange's stamps are believed\n") != std::string::npos,
             report.out);
}

// 0.896 of 0.90 is short of it, and a number of reasons is a whole one.
BOOST_AUTO_TEST_CASE(what_falls_short_by_little_is_never_shown_as_nothing) {
  Explanation explanation;
  explanation.judgement.report.kind = ReportKind::kMessage;
  explanation.judgement.verdict = WeighFindings(
      {{"a", Indication::kPhishing, 0.8, "x"}, {"b", Indication::kPhishing, 0.485, "x"}});
  std::ostringstream page;
  PrintExplanation(explanation, page);
  BOOST_TEST(page.str().find("0.90 of 0.90, less than 0.01 short\n") != std::string::npos,
             page.str());
  BOOST_TEST(page.str().find(" 2 of 2\n") != std::string::npos, page.str());
}

BOOST_AUTO_TEST_CASE(wrong_arguments_are_told) {
  BOOST_TEST(RunClawback({"explain"}).exit == 2);
  BOOST_TEST(RunClawback({"explain", "a.eml", "--against", "b.eml"}).exit == 2);
  BOOST_TEST(RunClawback({"explain", "/nowhere/a.eml"}).exit == 1);
  BOOST_TEST(RunClawback({"policy", "test", "a.eml"}).exit == 2);
  BOOST_TEST(RunClawback({"policy", "a.eml", "--tenant", "x"}).exit == 2);
  for (const std::string option : {"--recipient=ada", "--from=eve"}) {
    const Ran ran = RunClawback({"policy", "test", "a.eml", "--tenant", "x", option});
    BOOST_TEST(ran.exit == 2);
    BOOST_TEST(ran.err.find("expected an address, local@domain") != std::string::npos, ran.err);
  }
}

BOOST_AUTO_TEST_CASE(the_list_that_wins_is_named_with_its_entry) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m.eml", kLookalike);
  const std::string tenant = scratch.Put("t.yaml", kTenant);
  const auto test = [&](const std::string& recipient, const std::string& from) {
    return Object(RunClawback({"policy", "test", mail, "--json", "--tenant-file", tenant,
                               "--recipient", recipient, "--from", from}));
  };
  const json::object plain = OnlyRecipient(test("ana@contoso.example", "a@b.example"));
  BOOST_TEST(plain.at("action").as_string() == "junk");
  BOOST_TEST(plain.at("reason").as_string() == "disposition");
  BOOST_TEST(plain.at("effect").as_string() == "retracted");
  const json::object exempt = OnlyRecipient(test("Ben@contoso.example", "a@b.example"));
  BOOST_TEST(exempt.at("reason").as_string() == "exempt-recipient");
  BOOST_TEST(exempt.at("entry").as_string() == "ben@contoso.example");
  const json::object held = OnlyRecipient(test("ceo@contoso.example", "a@b.example"));
  BOOST_TEST(held.at("effect").as_string() == "held for a person: the recipient is protected");
  // Named by both, and neither wins: not authenticated, and junk is done anyway.
  const json::object both = test("ana@contoso.example", "x@bounce.example");
  BOOST_TEST(both.at("lists").as_array().size() == 2U);
  BOOST_TEST(OnlyRecipient(both).at("reason").as_string() == "disposition");
}

// Blocked hosts and files are found by the judge, whether they change the decision or not.
BOOST_AUTO_TEST_CASE(lists_that_name_something_in_the_message_are_told) {
  const Scratch scratch;
  const std::string mail = scratch.Put(
      "m.eml", std::string(kLookalike) + "https://files.bad.example/a and hello again.\r\n");
  const std::string tenant =
      scratch.Put("t.yaml", std::string(kTenant) + "blocked_hosts: [bad.example]\n");
  const std::vector<std::string> test = {
      "policy", "test", mail, "--tenant-file", tenant, "--recipient", "ana@contoso.example"};
  const std::string page = RunClawback(test).out;
  BOOST_TEST(
      page.find("  blocked_hosts at part 0 text/plain > link\n      a link to "
                "files.bad.example, listed in blocked_hosts: bad.example\n") != std::string::npos,
      page);
  std::vector<std::string> machine = test;
  machine.push_back("--json");
  const json::array listed = Object(RunClawback(machine)).at("listed").as_array();
  BOOST_REQUIRE(listed.size() == 1U);
  BOOST_TEST(listed[0].at("list").as_string() == "blocked_hosts");
  // A blocked host says nothing of a sender there.
  scratch.Put("t.yaml", std::string(kTenant) + "blocked_hosts: [contoso-support.example]\n");
  const json::array names = Object(RunClawback(machine)).at("lists").as_array();
  BOOST_REQUIRE(names.size() == 1U);
  BOOST_TEST(names[0].at("list").as_string() == "trusted_senders");
  BOOST_TEST(listed[0].at("place").as_string() == "part 0 text/plain > link");
}

// As the milter looks them up: what the relay's own file lists counts for every tenant, and
// for mail of none.
BOOST_AUTO_TEST_CASE(the_relays_own_list_files_are_looked_up) {
  const Scratch scratch;
  const std::string mail =
      scratch.Put("m.eml", std::string(kLookalike) + "https://www.fresh.example/a\r\n");
  const std::string tenant = scratch.Put("t.yaml", kTenant);
  const std::string config = scratch.Put(
      "c.yaml", "relay: {name: us-east, region: us}\nlist_files: {new_domains: new.txt}\n");
  scratch.Put("new.txt", "fresh.example\n");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"explain", mail},
        {"explain", mail, "--tenant-file", tenant},
        {"policy", "test", mail, "--tenant-file", tenant, "--recipient", "ana@contoso.example"}}) {
    std::vector<std::string> arguments = command;
    arguments.insert(arguments.end(), {"--config", config});
    const Ran page = RunClawback(arguments);
    BOOST_TEST(page.err == "");
    BOOST_TEST(page.out.find("listed in new_domains: fresh.example") != std::string::npos,
               page.out);
    BOOST_TEST(page.out.find("relay's own   " + config) != std::string::npos, page.out);
    arguments.emplace_back("--json");
    const json::object told = Object(RunClawback(arguments));
    if (const json::value* versions = told.if_contains("versions")) {
      BOOST_TEST(versions->at("lists").as_array().size() == 1U);
      BOOST_TEST(versions->at("relay").as_string() == config);
    } else {
      BOOST_TEST(told.at("listed").at(0).at("list").as_string() == "new_domains");
      BOOST_TEST(told.at("relay").as_string() == config);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_list_or_a_relay_that_cannot_be_used_is_no_verdict) {
  const Scratch scratch;
  const std::string mail = scratch.Put("m.eml", kLookalike);
  const std::string config = scratch.Put(
      "c.yaml", "relay: {name: us-east, region: us}\nlist_files: {new_domains: new.txt}\n");
  scratch.Put("new.txt", "fresh.example\n?\n");
  const Ran bad = RunClawback({"explain", mail, "--config", config});
  BOOST_TEST(bad.exit == 1);
  BOOST_TEST(bad.out == "");
  BOOST_TEST(bad.err.find("new.txt:2:1: ") != std::string::npos, bad.err);
  const Ran none = RunClawback({"explain", mail, "--config", scratch.Path("none.yaml")});
  BOOST_TEST(none.exit == 1);
  BOOST_TEST(none.err.find("none.yaml") != std::string::npos, none.err);
}

BOOST_AUTO_TEST_CASE(a_message_without_report_needs_a_recipient) {
  const Scratch scratch;
  const Ran ran = RunClawback({"policy", "test", scratch.Put("m.eml", kLookalike), "--tenant-file",
                               scratch.Put("t.yaml", kTenant)});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.err.find("--recipient") != std::string::npos);
}

// What a repetition is compared by: each input and answer that may differ is named.
BOOST_AUTO_TEST_CASE(what_differs_is_named) {
  Judged recorded{JudgedWithOf({}), {}};
  recorded.judgement.verdict = WeighFindings({{"a", Indication::kSpam, 0.6, "x"}});
  Judged again = recorded;
  BOOST_TEST(InputsThatDiffer(recorded, again).empty());
  BOOST_TEST(AnswersThatDiffer(recorded.judgement.verdict, again.judgement.verdict).empty());
  again.judgement.model = "other";
  again.with = JudgedWithOf({.tenant = {"other", {}}});
  again.judgement.verdict = WeighFindings({{"b", Indication::kMalware, 0.9, "x"}});
  BOOST_TEST(InputsThatDiffer(recorded, again).size() == 2U);
  BOOST_TEST(AnswersThatDiffer(recorded.judgement.verdict, again.judgement.verdict).size() == 4U);
  again.judgement.verdict = recorded.judgement.verdict;
  again.judgement.verdict.findings[0].place = "header From";
  const auto differing = AnswersThatDiffer(recorded.judgement.verdict, again.judgement.verdict);
  BOOST_REQUIRE(differing.size() == 2U);
  BOOST_TEST(differing[1].find("header From: x") != std::string::npos, differing[1]);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
