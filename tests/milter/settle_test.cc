// SPDX-License-Identifier: Apache-2.0
#include "milter/settle.h"

#include <boost/test/unit_test.hpp>

#include "tests/milter/world.h"

namespace clawback {
namespace {

using Kind = Answer::Kind;

BOOST_AUTO_TEST_SUITE(settle)

BOOST_AUTO_TEST_CASE(the_record_says_what_the_relay_saw) {
  World world;
  Session session = world.Connect();
  BOOST_TEST((World::Send(session, "body").kind == Kind::kDiscard));
  const DecisionRecord& record = world.queue.records.at(0);
  BOOST_TEST(record.relay == "us-east");
  BOOST_TEST(record.region == "us");
  BOOST_TEST(record.tenant == "contoso");
  BOOST_TEST(record.channel.queue_id == "4XYZ");
  BOOST_TEST(record.channel.client_address == "192.0.2.1");
  BOOST_TEST((record.channel.tls == TlsVersion::kTls13));
  BOOST_TEST(record.channel.certificate_subject == "mail.protection.outlook.com");
  BOOST_TEST(record.channel.service_address == "jrn-contoso@relay.example");
  BOOST_TEST((record.decision.handling == Handling::kDecided));
  BOOST_TEST(record.decision.recipients.size() == 1U);
}

BOOST_AUTO_TEST_CASE(each_check_of_the_source_stands_in_the_record) {
  World world;
  const auto checks_of = [&](ReportKind kind, std::string_view body, const Greeting& greeting) {
    world.verdict = [kind] {
      Judgement judgement = UsableReport();
      judgement.report.kind = kind;
      return Result<Judgement>(std::move(judgement));
    };
    Session session(world.intake, "192.0.2.1", "");
    session.Helo(greeting);
    World::Send(session, body);
    return world.queue.records.back().source;
  };
  const Greeting plain{"TLSv1.2", "", ""};
  const auto report = checks_of(ReportKind::kJournalReport, "one", plain);
  BOOST_TEST(report.size() == 9U);
  BOOST_TEST((report[0].proof == Proof::kTls && report[0].demanded && report[0].met));
  BOOST_TEST(report[0].seen == "TLSv1.2");
  // Not demanded, and recorded all the same.
  BOOST_TEST((report[1].proof == Proof::kCertificateSubject && !report[1].met));
  BOOST_TEST((!report[1].demanded && report[1].seen.empty()));
  BOOST_TEST((report[3].proof == Proof::kNetwork && report[3].demanded && report[3].met));
  // What is no report has no marks to look at.
  BOOST_TEST(checks_of(ReportKind::kConnectorValidation, "two", plain).size() == 5U);
  // Of a replayed one the connection is not demanded to prove anything.
  for (const SourceCheck& check :
       checks_of(ReportKind::kConnectorValidation, "three", {"", "", "", "root", false})) {
    BOOST_TEST(!check.demanded);
  }
}

BOOST_AUTO_TEST_CASE(the_judge_is_told_the_tenant_and_that_the_channel_is_proven) {
  World world;
  Session session = world.Connect();
  World::Send(session, "body");
  BOOST_TEST((world.requests.at(0).question == Question::kJudge));
  BOOST_TEST((world.requests.at(0).trust == ChannelTrust::kProven));
  BOOST_TEST((world.requests.at(0).tenant == TenantProfile{"contoso", {"contoso.example"}}));
  BOOST_TEST(world.waits.at(0).count() > 0);
  BOOST_TEST((world.waits.at(0) < world.intake.settings.answer_within));
}

BOOST_AUTO_TEST_CASE(a_replayed_report_proves_no_connection_and_is_recorded_as_replayed) {
  World world;
  for (const bool vouched : {false, true}) {
    Session session(world.intake, "", "replay");
    session.Helo({"", "", "", "root", vouched});
    BOOST_TEST((World::Send(session, vouched ? "one" : "two").kind == Kind::kDiscard));
    const DecisionRecord& record = world.queue.records.back();
    BOOST_TEST(record.channel.replayed_by == "root");
    BOOST_TEST((record.channel.tls == TlsVersion::kNone));
    BOOST_TEST((world.requests.back().trust ==
                (vouched ? ChannelTrust::kProven : ChannelTrust::kUnproven)));
    const auto read = DecisionRecordFromJson(ToJson(record));
    BOOST_REQUIRE(read.ok());
    BOOST_TEST(read->channel.replayed_by == "root");
    BOOST_TEST(read->channel.stamps_vouched_for == vouched);
  }
  Session session(world.intake, "", "replay");
  session.Helo({"", "", "", "root", false});
  BOOST_TEST(World::Send(session, "x", kContosoEu).enhanced == "4.7.1");  // its region counts
}

BOOST_AUTO_TEST_CASE(no_answer_but_451_without_a_commit) {
  World world;
  Session session = world.Connect();
  world.verdict = [&] {
    world.queue.failure = Error{ErrorKind::kTransient, "disk full"};
    return Result<Judgement>(UsableReport());
  };
  const Answer answer = World::Send(session, "body");
  BOOST_TEST((answer.kind == Kind::kTempFail));
  BOOST_TEST(answer.code == "451");
  BOOST_TEST(answer.text.find("disk") == std::string::npos);
  world.queue.failure.reset();
  world.verdict = [] { return Result<Judgement>(UsableReport()); };
  BOOST_TEST((World::Send(session, "body").kind == Kind::kDiscard));
  BOOST_TEST(world.queue.records.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_queue_that_cannot_be_asked_means_451_and_no_judging) {
  World world;
  Session session = world.Connect();
  world.queue.failure = Error{ErrorKind::kTransient, "disk away"};
  BOOST_TEST((World::Send(session, "body").kind == Kind::kTempFail));
  BOOST_TEST(world.judged.empty());
}

BOOST_AUTO_TEST_CASE(a_repeat_is_taken_without_being_judged_again) {
  World world;
  Session session = world.Connect();
  BOOST_TEST((World::Send(session, "body").kind == Kind::kDiscard));
  BOOST_TEST((World::Send(session, "body").kind == Kind::kDiscard));
  BOOST_TEST(world.judged.size() == 1U);
  BOOST_TEST(world.queue.records.size() == 1U);
  BOOST_TEST(world.intake.counts.repeated == 1U);
}

BOOST_AUTO_TEST_CASE(a_report_that_judges_die_of_is_parked_the_third_time) {
  World world;
  Session session = world.Connect();
  world.verdict = [] {
    return Result<Judgement>(Error{ErrorKind::kRefused, "judge killed: cpu time over 1 s"});
  };
  BOOST_TEST((World::Send(session, "poison").kind == Kind::kTempFail));
  BOOST_TEST((World::Send(session, "poison").kind == Kind::kTempFail));
  BOOST_TEST((World::Send(session, "other").kind == Kind::kTempFail));
  BOOST_TEST(world.queue.records.empty());
  BOOST_TEST((World::Send(session, "poison").kind == Kind::kDiscard));
  BOOST_TEST(world.queue.parked.at(0) == "Subject: report\r\n\r\npoison");
  const DecisionRecord& record = world.queue.records.at(0);
  BOOST_TEST((record.decision.handling == Handling::kParked));
  BOOST_TEST((record.judgement.verdict.disposition == Disposition::kUnscannable));
  BOOST_TEST(record.decision.recipients.empty());
  BOOST_TEST(record.parked_bytes_kept);
  BOOST_TEST((World::Send(session, "poison").kind == Kind::kDiscard));
  BOOST_TEST(world.judged.size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_judge_that_was_not_to_be_had_is_no_strike) {
  World world;
  Session session = world.Connect();
  world.verdict = [] {
    return Result<Judgement>(Error{ErrorKind::kTransient, "no judge was free"});
  };
  for (int i = 0; i < 5; ++i) {
    BOOST_TEST((World::Send(session, "body").kind == Kind::kTempFail));
  }
  world.verdict = [] { return Result<Judgement>(UsableReport()); };
  BOOST_TEST((World::Send(session, "body").kind == Kind::kDiscard));
  BOOST_TEST(world.queue.parked.empty());
}

BOOST_AUTO_TEST_CASE(a_malformed_report_is_taken_and_its_bytes_are_parked) {
  World world;
  Session session = world.Connect();
  world.verdict = [] {
    Judgement judgement;
    judgement.report.problem = "no message inside";
    return Result<Judgement>(judgement);
  };
  BOOST_TEST((World::Send(session, "broken").kind == Kind::kDiscard));
  BOOST_TEST(world.queue.parked.size() == 1U);
  BOOST_TEST((world.queue.records.at(0).decision.handling == Handling::kMalformed));
  BOOST_TEST(world.queue.records.at(0).parked_bytes_kept);
}

// The judgement of a report about something of that disposition.
Result<Judgement> Of(Disposition disposition) {
  Judgement judgement = UsableReport();
  judgement.verdict.disposition = disposition;
  return judgement;
}

TenantDirectory ContosoKeeping(KeepBodies keep) {
  Tenant contoso = TenantNamed("contoso", {{"jrn-contoso@relay.example", "us"}});
  contoso.keep_bodies = keep;
  return TenantDirectory({contoso});
}

BOOST_AUTO_TEST_CASE(bodies_are_kept_of_detections_and_only_where_the_tenant_says_so) {
  const auto kept = [](KeepBodies keep, Disposition disposition) {
    World world;
    world.intake.tenants.Publish(ContosoKeeping(keep));
    Session session = world.Connect();
    world.verdict = [disposition] { return Of(disposition); };
    BOOST_TEST((World::Send(session, "body").kind == Kind::kDiscard));
    const bool said = world.queue.records.at(0).body_kept;
    BOOST_TEST(said == !world.queue.bodies.empty());
    return said;
  };
  for (const Disposition disposition : kAllDispositions) {
    BOOST_TEST(!kept(KeepBodies::kNone, disposition));
    BOOST_TEST(kept(KeepBodies::kDetections, disposition) == IsDetection(disposition));
  }
  BOOST_TEST(!IsDetection(Disposition::kNone));
  BOOST_TEST(!IsDetection(Disposition::kUnscannable));
  BOOST_TEST(IsDetection(Disposition::kMalicious));
}

BOOST_AUTO_TEST_CASE(a_body_that_cannot_be_kept_costs_no_decision) {
  World world;
  world.intake.tenants.Publish(ContosoKeeping(KeepBodies::kDetections));
  world.queue.body_fault = Error{ErrorKind::kTransient, "no space left"};
  Session session = world.Connect();
  world.verdict = [] { return Of(Disposition::kMalicious); };
  BOOST_TEST((World::Send(session, "body").kind == Kind::kDiscard));
  BOOST_TEST((world.queue.records.at(0).decision.handling == Handling::kDecided));
  BOOST_TEST(!world.queue.records.at(0).body_kept);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
