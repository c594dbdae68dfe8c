// SPDX-License-Identifier: Apache-2.0
// What persons ask over the socket, down to the ledger and its audit.
#include <boost/test/unit_test.hpp>
#include <fstream>

#include "retract/ledger/jobs.h"
#include "retract/sidecar/answers.h"
#include "retract/sidecar/answers_tenant.h"
#include "tests/retract/sidecar/bench_of_one.h"

namespace clawback {
namespace {

struct AskingBench : BenchOfOne {
  Result<std::string> Ask(std::string_view operation, const std::string& arguments) {
    ProtocolRequest request;
    request.operation = operation;
    request.arguments = arguments;
    return Answer(request, {ActorKind::kUser, 1000, "ana"},
                  {*ledger, [] { return SidecarStatus(); }, nullptr, [this] { ++woken; }});
  }
  std::int64_t Trace() { return Ok(ledger->Search({})).front().id; }
  int woken = 0;
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(by_hand, AskingBench)

BOOST_AUTO_TEST_CASE(requests_and_answers_come_back_as_they_went) {
  const auto retract = Ok(RetractRequestFromJson(
      ToJson(RetractRequest{{3, 5}, Action::kTrash, "\xff@contoso.example", "why"})));
  BOOST_TEST((retract.ids == std::vector<std::int64_t>{3, 5}));
  BOOST_TEST((retract.action == Action::kTrash));
  BOOST_TEST(retract.recipient == "\xff@contoso.example");
  BOOST_TEST(retract.reason == "why");
  const auto undo = Ok(UndoRequestFromJson(ToJson(UndoRequest{7, kAda, "why"})));
  BOOST_TEST(undo.id == 7);
  BOOST_TEST(undo.recipient == kAda);
  const auto answer = Ok(RetractAnswerFromJson(ToJson(RetractAnswer{{1}, 2, {{3, "no"}}})));
  BOOST_TEST((answer.armed == std::vector<std::int64_t>{1}));
  BOOST_TEST(answer.under_way == 2);
  BOOST_TEST(answer.refused.at(0).what == "no");
  const auto asked = Ok(AskedFromJson(ToJson(Asked{{1}, 0, 3, "note"})));
  BOOST_TEST(asked.called_off == 3);
  BOOST_TEST(asked.note == "note");
}

BOOST_AUTO_TEST_CASE(wrong_asking_is_told_what_was_expected) {
  for (const char* arguments :
       {R"({"ids":[],"action":"junk","reason":"x"})", R"({"ids":[1],"reason":"x"})",
        R"({"ids":["1"],"action":"junk","reason":"x"})", R"({"ids":[1],"action":"junk"})",
        R"({"ids":[1],"action":"none","reason":"x"})",
        R"({"ids":[1],"action":"junk","reason":" "})",
        R"({"ids":[1],"action":"junk","reason":"x","only":"ada"})"}) {
    const auto answer = Ask(kRetractByHand, arguments);
    BOOST_REQUIRE_MESSAGE(!answer.ok(), arguments);
    BOOST_TEST((answer.error().kind == ErrorKind::kInvalid), arguments);
  }
}

BOOST_AUTO_TEST_CASE(a_retraction_by_hand_is_armed_and_audited_at_once) {
  Arm(Action::kNone);
  const auto answer = Ok(RetractAnswerFromJson(
      Ok(Ask(kRetractByHand, ToJson(RetractRequest{{Trace(), 99}, Action::kJunk, "", "phish"})))));
  BOOST_TEST(answer.armed.size() == 1u);
  BOOST_TEST(answer.refused.at(0).id == 99);
  BOOST_TEST(woken == 1);
  const auto audit = Ok(ledger->FindAudit({}));
  BOOST_REQUIRE_EQUAL(audit.size(), 1u);
  BOOST_TEST(audit[0].note.what == "retraction.asked");
  BOOST_TEST(audit[0].note.who.uid == 1000);
  BOOST_TEST(audit[0].note.why == "phish");
  BOOST_TEST(audit[0].note.target == "trace " + std::to_string(Trace()));
}

BOOST_AUTO_TEST_CASE(what_is_under_way_is_not_armed_twice) {
  Arm(Action::kNone);
  const std::string asking = ToJson(RetractRequest{{Trace()}, Action::kJunk, "", "phish"});
  Ok(Ask(kRetractByHand, asking));
  const auto again = Ok(RetractAnswerFromJson(Ok(Ask(kRetractByHand, asking))));
  BOOST_TEST(again.armed.empty());
  BOOST_TEST(again.under_way == 1);
}

BOOST_AUTO_TEST_CASE(only_the_recipient_that_is_named_is_asked_for) {
  Arm(Action::kNone, Mode::kObserve, {kAda, "bob@contoso.example"});
  const auto answer = Ok(RetractAnswerFromJson(
      Ok(Ask(kRetractByHand,
             ToJson(RetractRequest{{Trace()}, Action::kJunk, "ADA@contoso.example", "x"})))));
  BOOST_TEST(answer.armed.size() == 1u);
  Advance(std::chrono::minutes(1));  // the asking went by the wall clock
  BOOST_TEST(Claim().recipient == kAda);
}

BOOST_AUTO_TEST_CASE(an_undo_of_what_was_never_retracted_is_not_found) {
  Arm(Action::kNone);
  const auto answer = Ask(kUndoByHand, ToJson(UndoRequest{Trace(), "", "x"}));
  BOOST_REQUIRE(!answer.ok());
  BOOST_TEST((answer.error().kind == ErrorKind::kNotFound));
}

BOOST_AUTO_TEST_CASE(a_hard_delete_is_refused_at_once_where_the_cloud_has_none) {
  Arm();
  const samples::TemporaryFolder files;
  const std::string tenant = Ok(ledger->Search({})).front().tenant;
  for (const std::string cloud : {"global", "gcc-high", "dod", "china"}) {
    std::ofstream(files / "t.yaml")
        << "name: " << tenant << "\ntenant_id: 7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1\n"
        << "domains: [contoso.example]\ngraph: {cloud: " << cloud
        << ", client_id: 0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e, client_secret: \"file:/x\"}\n";
    LiveSettings live(*ledger, files / "", files / "snapshot", "us");
    const AnswerSources sources{*ledger, [] { return SidecarStatus(); }, &live};
    const auto why = WhyNotInItsCloud(Trace(), Action::kHardDelete, sources);
    BOOST_TEST(why.has_value() == (cloud != "global"), cloud);
    BOOST_TEST(!WhyNotInItsCloud(Trace(), Action::kSoftDelete, sources));
    BOOST_TEST(!WhyNotInItsCloud(99, Action::kHardDelete, sources));
    // A list that can never be carried out does not wait for approval.
    ProtocolRequest preview;
    preview.operation = kJobPreview;
    preview.arguments = R"({"task":"retract","action":"hard-delete","reason":"x","ids":[1]})";
    BOOST_TEST(Answer(preview, {ActorKind::kUser, 1000, "ana"}, sources).ok() ==
               (cloud == "global"));
    const auto job = Ok(ledger->jobs().ListJobs("", 0, 1, clock.Now())).front();
    BOOST_TEST(ToString(job.state) == (cloud == "global" ? "prepared" : "cancelled"));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
