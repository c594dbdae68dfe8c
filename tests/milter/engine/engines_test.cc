// SPDX-License-Identifier: Apache-2.0
#include "milter/engine/engines.h"

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tests/milter/engine/faults.h"
#include "tests/support/fake_engines.h"

namespace clawback {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

EngineSettings At(const std::string& socket) {
  EngineSettings settings;
  settings.socket = socket;
  return settings;
}

// Says the same of everything, and remembers what it was asked.
class Fixed final : public Engine {
 public:
  explicit Fixed(EngineAnswer answer, bool unpacks = true)
      : answer_(std::move(answer)), unpacks_(unpacks) {}
  std::string_view name() const override { return answer_.engine; }
  bool unpacks_reports() const override { return unpacks_; }
  EngineAnswer Ask(std::string_view bytes, EngineDeadline deadline) const override {
    asked = bytes;
    until = deadline;
    return answer_;
  }
  mutable std::string asked;
  mutable EngineDeadline until{};

 private:
  const EngineAnswer answer_;
  const bool unpacks_;
};

// What no engine may be: it waits for ever, or calls clean what nobody looked at.
class Deaf final : public Engine {
 public:
  std::string_view name() const override { return kClamd; }
  bool unpacks_reports() const override { return true; }
  EngineAnswer Ask(std::string_view, EngineDeadline deadline) const override {
    std::this_thread::sleep_until(deadline + seconds(6));
    return {.engine = std::string(kClamd)};
  }
};

EngineAnswer Answer(std::string_view engine, EngineOutcome outcome) {
  EngineAnswer answer{.engine = std::string(engine), .outcome = outcome};
  answer.detail = outcome == EngineOutcome::kAnswered ? "" : "why";
  return answer;
}

Judgement JudgementOf(std::optional<std::uint64_t> offset, std::uint64_t bytes) {
  Judgement judgement;
  judgement.report.kind = ReportKind::kJournalReport;
  judgement.message_offset = offset;
  judgement.message_bytes = bytes;
  return judgement;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engines)

BOOST_AUTO_TEST_CASE(clamd_bears_every_fault) {
  for (const EngineFault& fault : ClamdFaults()) {
    const LocalServer server(fault.serve);
    const std::string wrong = WrongWith(*MakeClamd(At(server.path())), fault.expected);
    BOOST_TEST(wrong.empty(), fault.name << ": " << wrong);
  }
}

BOOST_AUTO_TEST_CASE(rspamd_bears_every_fault) {
  for (const EngineFault& fault : RspamdFaults()) {
    const LocalServer server(fault.serve);
    const std::string wrong = WrongWith(*MakeRspamd(At(server.path())), fault.expected);
    BOOST_TEST(wrong.empty(), fault.name << ": " << wrong);
  }
}

// The check itself: engines that are wrong must be found wrong.
BOOST_AUTO_TEST_CASE(a_planted_fault_is_found) {
  BOOST_TEST(!WrongWith(Deaf(), EngineOutcome::kUnavailable).empty());
  BOOST_TEST(
      !WrongWith(Fixed(Answer(kClamd, EngineOutcome::kAnswered)), EngineOutcome::kUnavailable)
           .empty());
}

BOOST_AUTO_TEST_CASE(an_engine_that_is_not_there_says_so_at_once) {
  for (const auto& engine :
       {MakeClamd(At("/nonexistent/socket")), MakeRspamd(At("/nonexistent/socket"))}) {
    const EngineAnswer answer = engine->Ask("x", std::chrono::steady_clock::now() + seconds(60));
    BOOST_TEST((answer.outcome == EngineOutcome::kUnavailable));
    BOOST_TEST(answer.detail.find("No such file") != std::string::npos, answer.detail);
  }
}

BOOST_AUTO_TEST_CASE(rspamd_is_asked_on_loopback_only) {
  EngineSettings settings;
  settings.address = "192.0.2.1:11333";
  const EngineAnswer answer =
      MakeRspamd(settings)->Ask("x", std::chrono::steady_clock::now() + seconds(60));
  BOOST_TEST((answer.outcome == EngineOutcome::kUnavailable));
  BOOST_TEST(answer.detail.find("no loopback address") != std::string::npos, answer.detail);
}

BOOST_AUTO_TEST_CASE(rspamd_is_told_which_settings_to_use) {
  std::string head;
  const LocalServer server([&](const LocalServer::Connection& connection) {
    head = connection.ReadUntil("\r\n\r\n");
    connection.Write(HttpAnswer(R"({"action":"no action"})"));
  });
  EngineSettings settings = At(server.path());
  settings.settings_id = "clawback";
  const EngineAnswer answer =
      MakeRspamd(settings)->Ask("", std::chrono::steady_clock::now() + seconds(60));
  BOOST_TEST((answer.outcome == EngineOutcome::kAnswered), answer.detail);
  BOOST_TEST(answer.version == "rspamd/0.0");
  BOOST_TEST(head.find("\r\nSettings-ID: clawback\r\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_message_is_asked_about_and_not_its_report) {
  Engines engines;
  auto clamd = std::make_unique<Fixed>(Answer(kClamd, EngineOutcome::kAnswered));
  auto rspamd = std::make_unique<Fixed>(Answer(kRspamd, EngineOutcome::kAnswered), false);
  const Fixed &a = *clamd, &b = *rspamd;
  engines.Add(std::move(clamd), seconds(60), false);
  engines.Add(std::move(rspamd), seconds(60), false);
  Judgement judgement = JudgementOf(7, 7);
  engines.Consult("report[message]", seconds(60), &judgement);
  BOOST_TEST(a.asked == "message");
  BOOST_TEST(b.asked == "message");
  BOOST_REQUIRE_EQUAL(judgement.engines.size(), 2U);
  BOOST_TEST(judgement.engines[0].engine == kClamd);
  BOOST_TEST(judgement.engines[1].engine == kRspamd);
}

// Encoded in the report, or told by a judge that lies: the whole report, or not at all.
BOOST_AUTO_TEST_CASE(where_the_message_cannot_be_had_only_who_unpacks_is_asked) {
  const std::pair<std::optional<std::uint64_t>, std::uint64_t> places[] = {
      {std::nullopt, 3}, {5, 2}, {0, 7}, {~0ULL, 1}, {1, ~0ULL}};
  for (const auto& [offset, bytes] : places) {
    Engines engines;
    auto clamd = std::make_unique<Fixed>(Answer(kClamd, EngineOutcome::kAnswered));
    auto rspamd = std::make_unique<Fixed>(Answer(kRspamd, EngineOutcome::kAnswered), false);
    const Fixed &a = *clamd, &b = *rspamd;
    engines.Add(std::move(clamd), seconds(60), false);
    engines.Add(std::move(rspamd), seconds(60), true);
    Judgement judgement = JudgementOf(offset, bytes);
    engines.Consult("report", seconds(60), &judgement);
    BOOST_TEST(a.asked == "report");
    BOOST_TEST(b.asked.empty());
    BOOST_TEST((judgement.engines.at(1).outcome == EngineOutcome::kRefused));
    BOOST_TEST((judgement.verdict.disposition == Disposition::kUnscannable));
  }
}

BOOST_AUTO_TEST_CASE(what_holds_no_message_is_not_asked_about) {
  for (const ReportKind kind : {ReportKind::kMalformed, ReportKind::kConnectorValidation,
                                ReportKind::kUndeliverableReport, ReportKind::kUnsupported}) {
    Engines engines;
    engines.Add(std::make_unique<Fixed>(Answer(kClamd, EngineOutcome::kAnswered)), seconds(60),
                true);
    Judgement judgement = JudgementOf(0, 1);
    judgement.report.kind = kind;
    engines.Consult("report", seconds(60), &judgement);
    BOOST_TEST(judgement.engines.empty());
    BOOST_TEST(engines.counts(kClamd).answered == 0U);
  }
}

BOOST_AUTO_TEST_CASE(nobody_gets_more_time_than_is_left) {
  Engines engines;
  auto clamd = std::make_unique<Fixed>(Answer(kClamd, EngineOutcome::kAnswered));
  const Fixed& asked = *clamd;
  engines.Add(std::move(clamd), seconds(60), false);
  Judgement judgement = JudgementOf(0, 1);
  engines.Consult("r", milliseconds(50), &judgement);
  BOOST_TEST((asked.until <= std::chrono::steady_clock::now() + milliseconds(50)));
}

BOOST_AUTO_TEST_CASE(answers_are_counted_and_none_is_a_limit_where_it_is_required) {
  for (const bool required : {false, true}) {
    Engines engines;
    engines.Add(std::make_unique<Fixed>(Answer(kClamd, EngineOutcome::kUnavailable)), seconds(60),
                required);
    for (int i = 0; i < 3; ++i) {
      Judgement judgement = JudgementOf(0, 1);
      engines.Consult("r", seconds(60), &judgement);
      BOOST_TEST(judgement.engines.front().required == required);
      BOOST_TEST((judgement.verdict.disposition ==
                  (required ? Disposition::kUnscannable : Disposition::kNone)));
    }
    BOOST_TEST(engines.counts(kClamd).unavailable == 3U);
    BOOST_TEST(engines.counts(kRspamd).unavailable == 0U);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
