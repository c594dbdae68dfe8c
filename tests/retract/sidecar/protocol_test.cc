// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/protocol.h"

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/retract/sidecar/bench_of_one.h"

namespace clawback {
namespace {

using namespace std::chrono_literals;

const std::string kRawId = "<caf\xe9\xff@sender.example>";

TraceRow SampleRow() {
  return {17,
          samples::kMorning + 123ms,
          "contoso",
          "us-east",
          "us",
          std::string(64, 'a'),
          kRawId,
          "<>",
          "Rechnung f\xc3\xbcr \"Sie\"\n",
          Handling::kDecided,
          Disposition::kMalicious,
          0.1 + 0.2,
          "dangerous-attachment",
          3};
}

TraceStory SampleStory() {
  TraceStory story{SampleRow(), samples::Record(5), {}};
  story.record.judgement.report.message_id = kRawId;
  story.record.parked_bytes_kept = true;
  RetractionRow waiting{1,
                        "ada@contoso.example",
                        Action::kSoftDelete,
                        Mode::kObserve,
                        RetractionState::kArmed,
                        3,
                        samples::kMorning,
                        "no copy yet",
                        {}};
  RetractionRow ended = waiting;
  ended.state = RetractionState::kFinal;
  ended.outcome = Outcome{OutcomeKind::kAlreadyThere,
                          "detail",
                          "box",
                          "a,b",
                          "Inbox",
                          "f-inbox",
                          "Junk",
                          "request-id-1",
                          samples::kMorning};
  story.retractions = {waiting, ended};
  return story;
}

std::string ErrorOf(const auto& result) { return result.ok() ? "no error" : result.error().what; }

}  // namespace

BOOST_AUTO_TEST_SUITE(protocol)

BOOST_AUTO_TEST_CASE(a_row_comes_back_as_it_was) {
  const TraceRow row = SampleRow();
  const TraceRow back = Ok(TraceRowFromJson(ToJson(row)));
  BOOST_TEST(back.id == row.id);
  BOOST_TEST((back.received == row.received));
  BOOST_TEST(back.message_id == kRawId);
  BOOST_TEST(back.sender == row.sender);
  BOOST_TEST(back.subject == row.subject);
  BOOST_TEST((back.handling == row.handling));
  BOOST_TEST((back.disposition == row.disposition));
  BOOST_TEST(back.score == row.score);
  BOOST_TEST(back.recipients == row.recipients);
  BOOST_TEST(ToJson(back) == ToJson(row));
}

BOOST_AUTO_TEST_CASE(what_is_sent_is_one_line_of_utf8) {
  const std::string text = ToJson(SampleStory());
  BOOST_TEST(text.find('\n') == std::string::npos);
  boost::system::error_code error;
  boost::json::parse(text, error);  // refuses what is not UTF-8
  BOOST_TEST(!error);
}

BOOST_AUTO_TEST_CASE(a_story_comes_back_as_it_was) {
  const TraceStory story = SampleStory();
  const TraceStory back = Ok(TraceStoryFromJson(ToJson(story)));
  BOOST_TEST(ToJson(back) == ToJson(story));
  BOOST_TEST((back.record.report_digest == story.record.report_digest));
  BOOST_TEST((back.record.received == story.record.received));
  BOOST_TEST(back.record.report_bytes == story.record.report_bytes);
  BOOST_TEST(back.record.tenant == "contoso");
  BOOST_TEST(back.record.parked_bytes_kept);
  BOOST_TEST(back.record.judgement.report.message_id == kRawId);
  BOOST_TEST(back.record.channel.certificate_subject == story.record.channel.certificate_subject);
  BOOST_TEST(back.record.decision.recipients.size() == 1u);
  BOOST_REQUIRE_EQUAL(back.retractions.size(), 2u);
  BOOST_TEST((back.retractions[0].state == RetractionState::kArmed));
  BOOST_TEST(!back.retractions[0].outcome.has_value());
  BOOST_TEST((back.retractions[1].outcome->kind == OutcomeKind::kAlreadyThere));
  BOOST_TEST(back.retractions[1].outcome->request_id == "request-id-1");
}

BOOST_AUTO_TEST_CASE(a_query_comes_back_as_it_was) {
  TraceQuery query;
  query.message_id = kRawId;
  query.subject_part = "invoice";
  query.disposition = Disposition::kSpoof;
  query.handling = Handling::kParked;
  query.since = samples::kMorning;
  query.limit = 1000;
  query.before = 99;
  query.host = "evil.example";
  query.url = "https://evil.example/a";
  query.file = "aa";
  query.subject_key = "invoice #";
  query.like = 17;
  const TraceQuery back = Ok(TraceQueryFromJson(ToJson(query)));
  BOOST_TEST(back.message_id == kRawId);
  BOOST_TEST((back.since == query.since));
  BOOST_TEST(!back.until.has_value());
  BOOST_TEST(back.host == query.host);
  BOOST_TEST(back.url == query.url);
  BOOST_TEST(back.file == query.file);
  BOOST_TEST(back.subject_key == query.subject_key);
  BOOST_TEST(back.like == 17);
  BOOST_TEST(ToJson(back) == ToJson(query));
  BOOST_TEST(ToJson(Ok(TraceQueryFromJson("{}"))) == ToJson(TraceQuery{}));
}

BOOST_AUTO_TEST_CASE(a_query_that_is_not_understood_is_refused_with_its_place) {
  BOOST_TEST(ErrorOf(TraceQueryFromJson(R"({"recipent":"a@b"})")) ==
             "recipent: no such restriction");
  BOOST_TEST(ErrorOf(TraceQueryFromJson(R"({"limit":0})")) == "limit: expected 1 to 1000");
  BOOST_TEST(ErrorOf(TraceQueryFromJson(R"({"limit":1001})")) == "limit: expected 1 to 1000");
  BOOST_TEST(ErrorOf(TraceQueryFromJson(R"({"limit":"x"})")).starts_with("limit: "));
  BOOST_TEST(ErrorOf(TraceQueryFromJson(R"({"disposition":"EVIL"})")).starts_with("disposition: "));
  BOOST_TEST(ErrorOf(TraceQueryFromJson(R"({"since":"yesterday"})")).starts_with("since: "));
  BOOST_TEST(ErrorOf(TraceQueryFromJson(R"({"tenant":7})")).starts_with("tenant: "));
  BOOST_TEST(ErrorOf(TraceQueryFromJson("[]")) == "expected an object");
  BOOST_TEST(ErrorOf(TraceQueryFromJson("{")).starts_with("not JSON"));
  BOOST_TEST(ErrorOf(TraceIdFromArguments("{}")) == "id: is missing");
  BOOST_TEST(ErrorOf(TraceIdFromArguments(R"({"id":-1})")) == "id: expected the id of a row");
}

BOOST_AUTO_TEST_CASE(a_damaged_answer_is_an_error_and_no_crash) {
  const std::string whole = ToJson(SampleStory());
  for (std::size_t cut = 0; cut < whole.size(); cut += 7) {
    BOOST_TEST(!TraceStoryFromJson(whole.substr(0, cut)).ok());
  }
  for (const std::string text : {"null", "[]", "{}", R"({"row":1,"record":{},"retractions":[]})",
                                 R"({"row":{},"record":[],"retractions":{}})",
                                 R"({"row":{},"record":{},"retractions":[]})"}) {
    BOOST_TEST(!TraceStoryFromJson(text).ok());
  }
}

BOOST_AUTO_TEST_CASE(a_status_comes_back_as_it_was) {
  const SidecarStatus status{"us-east",
                             "us",
                             "0.1.0",
                             {10, 4, 3, 2, 1},
                             {"segment", 7},
                             "disk I/O error",
                             {{"contoso", "over 50 in 10 min", Time(milliseconds(1000)), 7}},
                             {{"clamd", 5, 1, 2, Time(milliseconds(3000)), Time{}}},
                             {std::chrono::hours(24 * 400), 9, 8, 7, Time(milliseconds(4000))}};
  const SidecarStatus back = Ok(SidecarStatusFromJson(ToJson(status)));
  BOOST_TEST(ToJson(back) == ToJson(status));
  BOOST_TEST(back.counts.held == 2);
  BOOST_TEST(back.tripped.at(0).held == 7);
  BOOST_TEST(back.engines.at(0).unavailable == 2);
  BOOST_TEST((back.pruned.retention == std::chrono::hours(24 * 400)));
  BOOST_TEST(back.pruned.messages == 9);
  BOOST_TEST(back.pruned.needed == 8);
  BOOST_TEST(back.pruned.unreadable == 7);
  BOOST_TEST((back.pruned.passed == Time(milliseconds(4000))));
  BOOST_TEST((back.engines.at(0).last_unavailable == Time{}));
  BOOST_TEST((back.followed_to == status.followed_to));
}

BOOST_AUTO_TEST_CASE(requests_and_answers_come_back_as_they_were) {
  const ProtocolRequest request = Ok(ProtocolRequestFromJson(
      ToJson(ProtocolRequest{1, std::string(kTraceStory), StoryArguments(17)})));
  BOOST_TEST(request.operation == kTraceStory);
  BOOST_TEST(Ok(TraceIdFromArguments(request.arguments)) == 17);
  BOOST_TEST(Ok(ProtocolRequestFromJson(R"({"version":1,"operation":"hello"})")).arguments == "{}");
  BOOST_TEST(ErrorOf(ProtocolRequestFromJson(R"({"operation":"hello"})")) ==
             "request: version: is missing");
  BOOST_TEST(Ok(ReadAnswerLine(AnswerLine(R"({"a":1})"))) == R"({"a":1})");
  const auto told = ReadAnswerLine(AnswerLine(Error{ErrorKind::kNotFound, "no row 17"}));
  BOOST_REQUIRE(!told.ok());
  BOOST_TEST((told.error().kind == ErrorKind::kNotFound));
  BOOST_TEST(told.error().what == "no row 17");
}

BOOST_AUTO_TEST_CASE(another_version_is_said_so) {
  const auto answer = ReadAnswerLine(R"({"version":2,"result":{}})");
  BOOST_REQUIRE(!answer.ok());
  BOOST_TEST((answer.error().kind == ErrorKind::kRefused));
  BOOST_TEST(answer.error().what ==
             "clawback-retractd speaks protocol version 2, this program version 1: install both of "
             "one release");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
