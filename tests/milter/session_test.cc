// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE milter
#include "milter/session.h"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/milter/world.h"

namespace clawback {
namespace {

using Kind = Answer::Kind;

BOOST_AUTO_TEST_SUITE(session)

BOOST_AUTO_TEST_CASE(an_address_never_issued_is_refused_for_good) {
  World world;
  Session session = world.Connect();
  session.Mail("<>", {});
  const Answer answer = session.Rcpt("<someone@relay.example>");
  BOOST_TEST((answer.kind == Kind::kReject));
  BOOST_TEST(answer.code == "550");
  BOOST_TEST(answer.enhanced == "5.1.1");
  BOOST_TEST(world.intake.counts.unknown_address == 1U);
}

// The folder of tenants was emptied or not yet filled: nobody's report may bounce for that.
BOOST_AUTO_TEST_CASE(without_any_tenant_every_address_waits) {
  World world;
  world.intake.tenants.Publish(TenantDirectory(std::vector<Tenant>()));
  Session session = world.Connect();
  session.Mail("<>", {});
  BOOST_TEST(session.Rcpt(kContoso).code == "451");
}

// Postfix takes "user@relay.example." for the same mailbox; so would the sender.
BOOST_AUTO_TEST_CASE(a_final_dot_behind_the_domain_names_no_other_address) {
  World world;
  const std::string dotted = std::string(kContoso.substr(0, kContoso.size() - 1)) + ".>";
  Session session = world.Connect();
  session.Mail("<>", {});
  BOOST_TEST((session.Rcpt(dotted).kind == Kind::kContinue));
  BOOST_TEST(world.intake.counts.unknown_address == 0U);
}

// A route and needless quotes (RFC 5321) are another way to write the same address.
BOOST_AUTO_TEST_CASE(a_route_and_quotes_name_no_other_address) {
  World world;
  const std::string bare(kContoso.substr(1, kContoso.size() - 2));
  const std::size_t at = bare.find('@');
  const std::string quoted = '"' + bare.substr(0, at) + '"' + bare.substr(at);
  for (const std::string& written :
       {"@a.example:" + bare, "@a.example,@b.example:" + bare, quoted, "@a.example:" + quoted}) {
    Session session = world.Connect();
    session.Mail("<>", {});
    BOOST_TEST((session.Rcpt('<' + written + '>').kind == Kind::kContinue), written);
  }
  BOOST_TEST(world.intake.counts.unknown_address == 0U);
  const std::string another = '"' + bare.substr(0, at) + "\\ \"" + bare.substr(at);
  for (const std::string& written :
       {another, "@" + bare, "\"\"" + bare.substr(at), std::string("\"@"), std::string("\""),
        std::string("@:"), std::string()}) {
    Session session = world.Connect();
    session.Mail("<>", {});
    BOOST_TEST((session.Rcpt('<' + written + '>').kind == Kind::kReject), written);
  }
}

BOOST_AUTO_TEST_CASE(an_address_is_refused_from_its_end_on_as_if_never_issued) {
  World world;
  const Time now = world.clock.Now();
  const std::chrono::hours hour(1);
  world.intake.tenants.Publish(TenantDirectory(
      {TenantNamed("contoso", {{"ended@relay.example", "us", now - hour, ""},
                               {"ends@relay.example", "us", now + hour, ""},
                               {"new@relay.example", "us", {}, "ends@relay.example"}})}));
  // Nobody else's settings can name it: it is ours.
  world.intake.settings_seen = false;
  Session session = world.Connect();
  session.Mail("<>", {});
  const Answer answer = session.Rcpt("<ended@relay.example>");
  BOOST_TEST((answer.kind == Kind::kReject));
  BOOST_TEST(answer.code == "550");
  BOOST_TEST(world.intake.counts.unknown_address == 1U);
  for (const std::string_view valid : {"<ends@relay.example>", "<new@relay.example>"}) {
    BOOST_TEST((session.Rcpt(valid).kind == Kind::kContinue), valid);
  }
}

// Exchange would bounce the report for good.
BOOST_AUTO_TEST_CASE(a_clock_that_was_set_ahead_ends_no_address) {
  World world;
  const Time now = world.clock.Now();
  const std::chrono::hours hour(1);
  world.intake.tenants.Publish(
      TenantDirectory({TenantNamed("contoso", {{"ended@relay.example", "us", now - hour, ""},
                                               {"ends@relay.example", "us", now + hour, ""}})}));
  world.clock.Set(now + 240 * hour);
  Session session = world.Connect();
  session.Mail("<>", {});
  BOOST_TEST(session.Rcpt("<ends@relay.example>").code == "451");
  BOOST_TEST(session.Rcpt("<ended@relay.example>").code == "550");
  world.clock.Set(now);
  BOOST_TEST((session.Rcpt("<ends@relay.example>").kind == Kind::kContinue));
  world.clock.Pass(2 * hour);
  BOOST_TEST(session.Rcpt("<ends@relay.example>").code == "550");
}

BOOST_AUTO_TEST_CASE(an_address_of_another_region_is_deferred_before_content_and_names_the_relays) {
  World world;
  Session session = world.Connect();
  session.Mail("<>", {});
  const Answer answer = session.Rcpt(kContosoEu);
  BOOST_TEST((answer.kind == Kind::kTempFail));
  BOOST_TEST(answer.code == "451");
  BOOST_TEST(answer.enhanced == "4.7.1");
  BOOST_TEST(answer.text.find("region eu") != std::string::npos);
  BOOST_TEST(answer.text.find("send to eu1.example.com, eu2.example.com:") != std::string::npos);
  BOOST_TEST(answer.text.find("us-east stands in region us") != std::string::npos);
  BOOST_TEST(answer.text.find("jrn-contoso") == std::string::npos);  // the secret part
  BOOST_TEST(world.intake.counts.other_region == 1U);
}

BOOST_AUTO_TEST_CASE(where_no_relay_is_known_the_domain_of_the_address_is_named) {
  World world;
  world.intake.relays.clear();
  Session session = world.Connect();
  session.Mail("<>", {});
  const Answer answer = session.Rcpt(kContosoEu);
  BOOST_TEST(answer.text.find("send to eu1.relay.example:") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_named_fallback_relay_takes_the_report_and_the_record_says_so) {
  World world;
  Session session = world.Connect();
  BOOST_TEST((World::Send(session, "x", kAdatumEu).kind == Kind::kDiscard));
  const DecisionRecord& record = world.queue.records.at(0);
  BOOST_TEST(record.relay == "us-east");
  BOOST_TEST(record.region == "us");
  BOOST_TEST(record.channel.address_region == "eu");
  BOOST_TEST((record.region_rule.policy == RegionPolicy::kPrimary));
  BOOST_TEST((record.region_rule.fallback_relays == std::vector<std::string>{"us-east"}));
  BOOST_TEST(world.intake.counts.fallback_region == 1U);
  BOOST_TEST(world.intake.counts.other_region == 0U);
  BOOST_TEST((World::Send(session, "y", kContoso).kind == Kind::kDiscard));
  BOOST_TEST(world.queue.records.at(1).channel.address_region == "us");
  BOOST_TEST((world.queue.records.at(1).region_rule.policy == RegionPolicy::kStrict));
}

BOOST_AUTO_TEST_CASE(another_relay_of_the_same_region_is_no_fallback) {
  World world;
  world.intake.relay.name = "us-west";
  Session session = world.Connect();
  BOOST_TEST(World::Send(session, "x", kAdatumEu).enhanced == "4.7.1");
  BOOST_TEST(world.queue.records.empty());
}

BOOST_AUTO_TEST_CASE(a_second_region_in_one_transaction_has_to_wait) {
  World world;
  Session session = world.Connect();
  session.Mail("<>", {});
  BOOST_TEST((session.Rcpt(kAdatum).kind == Kind::kContinue));
  const Answer answer = session.Rcpt(kAdatumEu);
  BOOST_TEST(answer.code == "452");
  BOOST_TEST(answer.enhanced == "4.5.3");
}

BOOST_AUTO_TEST_CASE(an_address_counts_whatever_its_case) {
  World world;
  Session session = world.Connect();
  session.Mail("<>", {});
  BOOST_TEST((session.Rcpt("<JRN-Contoso@Relay.Example>").kind == Kind::kContinue));
}

BOOST_AUTO_TEST_CASE(without_tls_no_report_is_taken) {
  World world;
  Session session(world.intake, "192.0.2.1", "");
  session.Helo({});
  session.Mail("<>", {});
  const Answer answer = session.Rcpt(kContoso);
  BOOST_TEST((answer.kind == Kind::kTempFail));
  BOOST_TEST(answer.code == "451");
  BOOST_TEST(world.intake.counts.unmet_demand == 1U);
}

BOOST_AUTO_TEST_CASE(the_greeting_after_starttls_replaces_the_first) {
  World world;
  Session session(world.intake, "192.0.2.1", "");
  session.Helo({});
  session.Helo({"TLSv1.2", "", ""});
  session.Mail("<>", {});
  BOOST_TEST((session.Rcpt(kContoso).kind == Kind::kContinue));
  session.Helo({});  // and a later one without TLS takes the proof away again
  session.Mail("<>", {});
  BOOST_TEST((session.Rcpt(kContoso).kind == Kind::kTempFail));
}

BOOST_AUTO_TEST_CASE(what_leaves_no_record_is_counted) {
  World world;
  Session session = world.Connect();
  session.Mail("<>", {});
  session.Rcpt("<someone@relay.example>");
  session.Rcpt(kContosoEu);
  session.Rcpt(kContoso);
  session.Rcpt(kFabrikam);
  Session strange(world.intake, "203.0.113.9", "");
  strange.Helo({"TLSv1.3", "", ""});
  strange.Mail("<>", {});
  strange.Rcpt(kContoso);
  strange.Rcpt(kContoso);
  World::Send(session, "same");
  World::Send(session, "same");
  const std::map<FlowKey, int> expected = {
      {{"", FlowKind::kUnknownAddress}, 1},
      {{"contoso", FlowKind::kOtherRegion}, 1},
      {{"fabrikam", FlowKind::kSecondTenant}, 1},
      {{"contoso", FlowKind::kUnmetDemand, "network"}, 2},
      {{"contoso", FlowKind::kRepeat}, 1},
  };
  BOOST_TEST((world.queue.counted == expected));
}

BOOST_AUTO_TEST_CASE(a_second_tenant_in_one_transaction_has_to_wait) {
  World world;
  Session session = world.Connect();
  session.Mail("<>", {});
  BOOST_TEST((session.Rcpt(kContoso).kind == Kind::kContinue));
  BOOST_TEST((session.Rcpt(kContosoNew).kind == Kind::kContinue));
  const Answer answer = session.Rcpt(kFabrikam);
  BOOST_TEST((answer.kind == Kind::kTempFail));
  BOOST_TEST(answer.code == "452");
  BOOST_TEST(answer.enhanced == "4.5.3");
  session.Header("Subject", " x");
  session.EndOfHeaders();
  BOOST_TEST((session.EndOfMessage("4XYZ").kind == Kind::kDiscard));
  BOOST_TEST(world.queue.records.at(0).tenant == "contoso");
}

BOOST_AUTO_TEST_CASE(the_judge_gets_the_bytes_that_were_sent) {
  World world;
  Session session = world.Connect();
  session.Mail("<>", {});
  session.Rcpt(kContoso);
  session.Header("Subject", " a\n\tfolded\r\n line");
  session.Header("X-No-Space", "x");
  session.Header("X-Empty", "");
  session.EndOfHeaders();
  session.Body("first\r\n.dot\r\n");
  session.Body(std::string_view("nul\0 and \xff\r\n", 12));
  BOOST_TEST((session.EndOfMessage("4XYZ").kind == Kind::kDiscard));
  const std::string sent =
      "Subject: a\r\n\tfolded\r\n line\r\nX-No-Space:x\r\nX-Empty:\r\n\r\n"
      "first\r\n.dot\r\n" +
      std::string("nul\0 and \xff\r\n", 12);
  BOOST_TEST(world.judged.at(0) == sent);
  BOOST_TEST((world.queue.records.at(0).report_digest == Sha256Of(sent)));
  BOOST_TEST(world.queue.records.at(0).report_bytes == sent.size());
}

BOOST_AUTO_TEST_CASE(wherever_the_body_is_cut_into_chunks_the_report_is_the_same) {
  const std::filesystem::path folder = CLAWBACK_SOURCE_DIR "/tests/data/journal";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string()[0] != 'm' || entry.file_size() > 6000) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string report{std::istreambuf_iterator<char>(file), {}};
    World world;
    Session session = world.Connect();
    for (std::size_t cut = 0; cut <= report.size(); ++cut) {
      session.Mail("<>", {});
      session.Rcpt(kContoso);
      session.Body(std::string_view(report).substr(0, cut));
      session.Body(std::string_view(report).substr(cut));
      BOOST_REQUIRE((session.EndOfMessage("4XYZ").kind == Kind::kDiscard));
    }
    // The first is judged; every other one has its digest, and is a repeat.
    BOOST_REQUIRE_EQUAL(world.judged.size(), 1U);
    BOOST_TEST(world.judged.front() == report);
    BOOST_TEST(world.intake.counts.repeated == report.size());
  }
}

BOOST_AUTO_TEST_CASE(a_report_of_headers_only_is_a_report) {
  World world;
  Session session = world.Connect();
  session.Mail("<>", {});
  session.Rcpt(kContoso);
  BOOST_TEST((session.EndOfMessage("4XYZ").kind == Kind::kDiscard));
  BOOST_TEST(world.judged.at(0).empty());
}

BOOST_AUTO_TEST_CASE(a_report_over_the_limit_is_deferred_and_the_next_is_taken) {
  MilterSettings settings;
  settings.max_report_bytes = 100;
  World world(settings);
  Session session = world.Connect();
  const Answer answer = World::Send(session, std::string(101, 'x'));
  BOOST_TEST((answer.kind == Kind::kTempFail));
  BOOST_TEST(answer.enhanced == "4.3.4");
  BOOST_TEST(world.judged.empty());
  BOOST_TEST((World::Send(session, "small").kind == Kind::kDiscard));
}

BOOST_AUTO_TEST_CASE(an_announced_size_over_the_limit_is_deferred_at_once) {
  World world;
  Session session = world.Connect();
  const std::string_view parameters[] = {"BODY=8BITMIME", "Size=167772161"};
  BOOST_TEST(session.Mail("<>", parameters).enhanced == "4.3.4");
  BOOST_TEST((session.Rcpt(kContoso).kind == Kind::kTempFail));
}

BOOST_AUTO_TEST_CASE(announced_bytes_are_held_from_the_recipient_on_and_given_back) {
  MilterSettings settings;
  settings.max_bytes_in_flight = 1000;
  World world(settings);
  Session first = world.Connect();
  Session second = world.Connect();
  const std::string_view parameters[] = {"SIZE=800"};
  first.Mail("<>", parameters);
  BOOST_TEST(world.intake.budget.used() == 0);
  first.Rcpt(kContoso);
  BOOST_TEST(world.intake.budget.used() == 800);
  second.Mail("<>", parameters);
  const Answer busy = second.Rcpt(kContoso);
  BOOST_TEST((busy.kind == Kind::kTempFail));
  BOOST_TEST(busy.enhanced == "4.3.1");
  first.Abort();
  BOOST_TEST((second.Rcpt(kContoso).kind == Kind::kContinue));
  BOOST_TEST((second.EndOfMessage("4XYZ").kind == Kind::kDiscard));
  BOOST_TEST(world.intake.budget.used() == 0);
}

BOOST_AUTO_TEST_CASE(bytes_beyond_what_all_sessions_may_hold_are_deferred) {
  MilterSettings settings;
  settings.max_bytes_in_flight = 1000;
  World world(settings);
  Session session = world.Connect();
  const Answer answer = World::Send(session, std::string(2000, 'x'));
  BOOST_TEST((answer.kind == Kind::kTempFail));
  BOOST_TEST(answer.enhanced == "4.3.1");
  BOOST_TEST(world.intake.budget.used() == 0);
}

BOOST_AUTO_TEST_CASE(an_abort_at_any_step_leaves_nothing_behind) {
  World world;
  Session session = world.Connect();
  const std::function<void()> steps[] = {
      [&] { session.Mail("<>", {}); },
      [&] { session.Rcpt(kContoso); },
      [&] { session.Header("Subject", " x"); },
      [&] { session.EndOfHeaders(); },
      [&] { session.Body("half"); },
  };
  for (size_t last = 0; last <= std::size(steps); ++last) {
    for (size_t step = 0; step < last; ++step) steps[step]();
    session.Abort();
    BOOST_TEST(world.intake.budget.used() == 0);
  }
  BOOST_TEST((World::Send(session, "whole").kind == Kind::kDiscard));
  BOOST_TEST(world.judged.size() == 1U);
  BOOST_TEST(world.judged.at(0) == "Subject: report\r\n\r\nwhole");
}

BOOST_AUTO_TEST_CASE(content_without_a_recipient_is_deferred) {
  World world;
  Session session = world.Connect();
  session.Mail("<>", {});
  session.Header("Subject", " x");
  BOOST_TEST((session.EndOfMessage("4XYZ").kind == Kind::kTempFail));
  BOOST_TEST((session.EndOfMessage("4XYZ").kind == Kind::kTempFail));
}

BOOST_AUTO_TEST_CASE(a_message_keeps_the_tenants_it_began_with) {
  World world;
  Session session = world.Connect();
  session.Mail("<>", {});
  session.Rcpt(kFabrikam);
  world.intake.tenants.Publish(TenantDirectory({TenantNamed("contoso", {})}));
  session.Header("Subject", " x");
  BOOST_TEST((session.EndOfMessage("4XYZ").kind == Kind::kDiscard));
  BOOST_TEST(world.queue.records.at(0).tenant == "fabrikam");
  session.Mail("<>", {});
  BOOST_TEST((session.Rcpt(kFabrikam).kind == Kind::kReject));
}

BOOST_AUTO_TEST_CASE(a_stop_waits_for_content_that_has_begun_and_lets_no_other_in) {
  World world;
  Session begun = world.Connect();
  Session waiting = world.Connect();
  begun.Mail("<>", {});
  begun.Rcpt(kContoso);
  begun.Header("Subject", " x");
  waiting.Mail("<>", {});
  waiting.Rcpt(kContoso);
  BOOST_TEST(!world.intake.drain.Finish(milliseconds(1)));
  waiting.Header("Subject", " y");
  BOOST_TEST(waiting.EndOfMessage("4ABC").enhanced == "4.3.2");
  BOOST_TEST(waiting.Mail("<>", {}).enhanced == "4.3.2");
  BOOST_TEST((begun.EndOfMessage("4XYZ").kind == Kind::kDiscard));
  BOOST_TEST(world.intake.drain.Finish(milliseconds(1)));
}

BOOST_AUTO_TEST_CASE(a_session_that_goes_in_the_middle_lets_a_stop_go_on) {
  World world;
  {
    Session session = world.Connect();
    session.Mail("<>", {});
    session.Rcpt(kContoso);
    session.Body("half");
  }
  BOOST_TEST(world.intake.drain.Finish(milliseconds(1)));
  BOOST_TEST(world.intake.budget.used() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
