// SPDX-License-Identifier: Apache-2.0
// Reports that go on to an archive.
#include <boost/test/unit_test.hpp>

#include "milter/archive_headers.h"
#include "tests/milter/world.h"

namespace clawback {
namespace {

using Kind = Answer::Kind;

Session ConnectToEdit(World& world) {
  Session session(world.intake, "192.0.2.1", "client.example", true);
  session.Helo({"TLSv1.3", "mail.protection.outlook.com", "Some CA"});
  return session;
}

// "NAME#1" for a field taken out, "NAME: VALUE" for one put in.
std::vector<std::string> Told(const Answer& answer) {
  std::vector<std::string> told;
  for (const HeaderEdit& edit : answer.edits) {
    told.push_back(edit.index > 0 ? edit.name + "#" + std::to_string(edit.index)
                                  : edit.name + ": " + edit.value);
  }
  return told;
}

Decision Decided() {
  Decision decision;
  decision.handling = Handling::kDecided;
  return decision;
}

std::string FindingsOf(std::vector<Finding> findings) {
  return MarksOf(Decided(), {Disposition::kSpam, 0.5, std::move(findings)}).at(0).value;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(archive)

BOOST_AUTO_TEST_CASE(a_report_goes_on_marked_and_only_after_its_commit) {
  World world;
  Session session = ConnectToEdit(world);
  const Answer answer = World::Send(session, "body", kWoodgrove);
  BOOST_TEST((answer.kind == Kind::kAccept));
  BOOST_TEST(world.queue.records.size() == 1U);
  BOOST_TEST((Told(answer) == std::vector<std::string>{"X-Clawback-Findings: none",
                                                       "X-Clawback-Disposition: NONE"}));
  world.verdict = [&] {
    world.queue.failure = Error{ErrorKind::kTransient, "disk full"};
    return Result<Judgement>(UsableReport());
  };
  BOOST_TEST((World::Send(session, "another", kWoodgrove).kind == Kind::kTempFail));
}

BOOST_AUTO_TEST_CASE(what_came_in_under_our_names_is_taken_out_last_one_first) {
  World world;
  Session session = ConnectToEdit(world);
  session.Mail("<>", {});
  session.Rcpt(kWoodgrove);
  session.Header("X-Clawback-Disposition", " NONE");
  session.Header("Subject", " x");
  session.Header("x-CLAWBACK-disposition \t", " BULK");
  session.Header("X-Clawback-Findings", "none");
  session.Header("X-Clawback-Later", " x");
  session.Header("X-Clawbackless", " stays");
  session.EndOfHeaders();
  session.Body("X-Clawback-Findings: in the body\r\n");
  const Answer answer = session.EndOfMessage("4XYZ");
  BOOST_TEST((Told(answer) == std::vector<std::string>{
                                  "x-clawback-disposition#2", "x-clawback-disposition#1",
                                  "x-clawback-findings#1", "x-clawback-later#1",
                                  "X-Clawback-Findings: none", "X-Clawback-Disposition: NONE"}));
}

BOOST_AUTO_TEST_CASE(a_repeat_goes_on_again_with_the_same_marks) {
  World world;
  Session session = ConnectToEdit(world);
  const Answer first = World::Send(session, "body", kWoodgrove);
  const Answer again = World::Send(session, "body", kWoodgrove);
  BOOST_TEST((again.kind == Kind::kAccept));
  BOOST_TEST((Told(again) == Told(first)));
  BOOST_TEST(world.queue.records.size() == 1U);
  BOOST_TEST(world.intake.counts.repeated == 1U);
}

BOOST_AUTO_TEST_CASE(a_session_that_may_not_change_headers_waits_for_a_new_one) {
  World world;
  Session session = world.Connect();
  const Answer answer = World::Send(session, "body", kWoodgrove);
  BOOST_TEST((answer.kind == Kind::kTempFail));
  BOOST_TEST(answer.code == "451");
  BOOST_TEST(world.queue.records.empty());
  BOOST_TEST((World::Send(session, "body", kContoso).kind == Kind::kDiscard));
}

BOOST_AUTO_TEST_CASE(a_replayed_report_ends_here) {
  World world;
  Session session(world.intake, "", "replay");
  session.Helo({"", "", "", "root", false});
  BOOST_TEST((World::Send(session, "body", kWoodgrove).kind == Kind::kDiscard));
}

BOOST_AUTO_TEST_CASE(beyond_all_measure_the_report_is_recorded_and_goes_no_further) {
  World world;
  Session session = ConnectToEdit(world);
  session.Mail("<>", {});
  session.Rcpt(kWoodgrove);
  for (int i = 0; i <= ReservedHeaders::kMost; ++i) session.Header("X-Clawback-X", " y");
  session.EndOfHeaders();
  BOOST_TEST((session.EndOfMessage("4XYZ").kind == Kind::kDiscard));
  BOOST_TEST(world.queue.records.size() == 1U);
}

BOOST_AUTO_TEST_CASE(what_was_not_decided_is_never_marked_as_good) {
  World world;
  world.verdict = [] {
    Judgement judgement;
    judgement.report.problem = "no message inside";
    return Result<Judgement>(judgement);
  };
  Session session = ConnectToEdit(world);
  const Answer answer = World::Send(session, "broken", kWoodgrove);
  BOOST_TEST((answer.kind == Kind::kAccept));
  BOOST_TEST(Told(answer).back() == "X-Clawback-Disposition: malformed");
}

BOOST_AUTO_TEST_CASE(findings_are_words_with_weights_whatever_a_judge_says) {
  BOOST_TEST(FindingsOf({}) == "none");
  BOOST_TEST(FindingsOf({{"lookalike-domain", Indication::kPhishing, 0.9, "evil\r\nX: y"},
                         {"spf-fail", Indication::kSpoof, 0.4, ""}}) ==
             "lookalike-domain=0.90, spf-fail=0.40");
  BOOST_TEST(FindingsOf({{"a\r\nTo: b\xff%\0", Indication::kSpam, 7.0, ""}}) ==
             "a"
             "??"
             "To"
             "??"
             "b"
             "??"
             "=1.00");
  BOOST_TEST(FindingsOf({{"", Indication::kSpam, -1.0, ""}}) == "?=0.00");
}

BOOST_AUTO_TEST_CASE(findings_are_bounded_and_say_what_is_left_out) {
  const Finding one{std::string(500, 'a'), Indication::kSpam, 0.5, ""};
  const std::string text = FindingsOf(std::vector<Finding>(100, one));
  BOOST_TEST(text.size() <= 900U);
  BOOST_TEST(text.substr(text.rfind(',')) == ", and 88 more");
}

BOOST_AUTO_TEST_CASE(attributes_stand_in_a_field_of_their_own_where_there_are_any) {
  Verdict verdict{Disposition::kSpam, 0.5};
  BOOST_TEST(MarksOf(Decided(), verdict).size() == 2U);
  verdict.attributes = {Attribute::kBec, Attribute::kExecutable};
  const HeaderEdit mark = MarksOf(Decided(), verdict).back();
  BOOST_TEST(mark.name == "X-Clawback-Attributes");
  BOOST_TEST(mark.value == "bec, executable");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
