// SPDX-License-Identifier: Apache-2.0
// The built program against a sidecar that answers what the test says.
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "retract/command/in_order.h"
#include "retract/command/json_text.h"
#include "retract/command/trace_query.h"
#include "retract/command/trace_story.h"
#include "retract/sidecar/protocol.h"
#include "tests/retract/command/run_program.h"

namespace clawback {
namespace {

// Serves one connection: answers hello, and everything else with one line.
class FakeSidecar {
 public:
  explicit FakeSidecar(std::string answer) : answer_(std::move(answer)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path().c_str(), sizeof address.sun_path - 1);
    listener_.Reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    BOOST_REQUIRE(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) ==
                  0);
    BOOST_REQUIRE(::listen(listener_.get(), 1) == 0);
    server_ = std::thread([this] { Serve(); });
  }
  ~FakeSidecar() { asked(); }
  FakeSidecar(const FakeSidecar&) = delete;
  FakeSidecar& operator=(const FakeSidecar&) = delete;

  std::string path() const { return scratch_.Path("s"); }
  // What was asked after hello; once the program has ended.
  const ProtocolRequest& asked() {
    if (server_.joinable()) server_.join();
    return asked_;
  }

 private:
  void Serve() {
    pollfd waiting{listener_.get(), POLLIN, 0};
    if (::poll(&waiting, 1, 30'000) != 1) return;
    const FileDescriptor peer(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    std::string received;
    char piece[4096];
    for (ssize_t got; (got = ::recv(peer.get(), piece, sizeof piece, 0)) > 0;) {
      received.append(piece, static_cast<std::size_t>(got));
      const std::size_t end = received.find('\n');
      if (end == std::string::npos) continue;
      Answer(peer.get(), received.substr(0, end));
      received.erase(0, end + 1);
    }
  }
  void Answer(int peer, const std::string& line) {
    const Result<ProtocolRequest> request = ProtocolRequestFromJson(line);
    if (!request) return;
    const bool hello = request->operation == kHello;
    if (!hello) asked_ = *request;
    const std::string answer =
        (hello ? AnswerLine(R"({"protocol":1,"program":"clawback-retractd","release":"0.1.0"})")
               : answer_) +
        "\n";
    ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
  }

  Scratch scratch_;
  std::string answer_;
  FileDescriptor listener_;
  ProtocolRequest asked_;
  std::thread server_;
};

Time At(std::string_view text) { return ParseTime(text).value(); }

TraceRow Row() {
  TraceRow row;
  row.id = 17;
  row.received = At("2026-11-03T09:14:22.123Z");
  row.tenant = "contoso";
  row.relay = "us-east";
  row.region = "us";
  row.message_id = "<m1@sender.example>";
  row.sender = "eve@sender.example";
  row.subject = "Pay\x1b[2J now";
  row.disposition = Disposition::kMalicious;
  row.score = 0.98;
  row.main_reason = "lookalike-domain";
  row.recipients = 2;
  return row;
}

TraceStory Story() {
  TraceStory story;
  story.row = Row();
  DecisionRecord& record = story.record;
  record.received = story.row.received;
  record.tenant = "contoso";
  record.relay = "us-east";
  record.region = "us";
  record.channel.client_address = "40.92.0.7";
  record.channel.address_region = "eu";
  record.region_rule = {RegionPolicy::kPrimary, {"us-east"}};
  record.channel.tls_version = "TLSv1.3";
  JournalReport& report = record.judgement.report;
  report.kind = ReportKind::kJournalReport;
  report.message_id = story.row.message_id;
  report.sender = story.row.sender;
  report.subject = story.row.subject;
  report.recipients = {
      {RecipientType::kBcc, "ben@contoso.example", Redirect::kExpanded, "all@contoso.example"}};
  record.judgement.verdict = {
      Disposition::kMalicious,
      0.98,
      {{"lookalike-domain", Indication::kPhishing, 0.9, "contosso.example"}}};
  record.decision.handling = Handling::kDecided;
  record.decision.recipients = {{"ben@contoso.example", Action::kSoftDelete, "disposition"}};
  RetractionRow retraction;
  retraction.recipient = "ben@contoso.example";
  retraction.action = Action::kSoftDelete;
  retraction.mode = Mode::kEnforce;
  retraction.state = RetractionState::kFinal;
  Outcome& outcome = retraction.outcome.emplace();
  outcome.kind = OutcomeKind::kMoved;
  outcome.folder_before = "Inbox";
  outcome.folder_after = "recoverableitemsdeletions";
  outcome.at = At("2026-11-03T09:14:23.000Z");
  story.retractions.push_back(retraction);
  return story;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(region)

BOOST_AUTO_TEST_CASE(a_proof_that_fails_ends_with_1_and_names_what_was_wrong) {
  const std::string rows =
      R"("rows":[{"tenant":"contoso","relay":"us-east","region":"us","address_region":"eu",)"
      R"("region_policy":"strict","standing":"violation","reports":1}])";
  const std::string violations =
      R"("violations":[{"id":17,"received":"2026-11-03T09:14:22.123Z","tenant":"contoso",)"
      R"("relay":"us-east","region":"us","address_region":"eu","message_id":"<m\u001b@x>"}])";
  for (const bool proven : {false, true}) {
    FakeSidecar sidecar(AnswerLine(
        R"({"month":"2026-11","ended":true,"ledger_of":"us-east","in_region":7,"fallback":0,)"
        R"("violation":1,"unproven":0,"proven":)" +
        std::string(proven ? "true" : "false") + "," + rows + "," + violations + "}"));
    const Ran ran = RunClawback({"region", "report", "--month", "2026-11", "--tenant", "contoso",
                                 "--socket", sidecar.path()});
    BOOST_TEST(ran.exit == (proven ? 0 : 1));
    BOOST_TEST(sidecar.asked().operation == kRegionReport);
    BOOST_TEST(sidecar.asked().arguments == R"({"month":"2026-11","tenant":"contoso"})");
    BOOST_TEST((ran.out.find("NOT proven for 2026-11:") == std::string::npos) == proven);
    BOOST_TEST(ran.out.find("\nviolations\n") != std::string::npos);
    BOOST_TEST(ran.out.find('\x1b') == std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(trace)

BOOST_AUTO_TEST_CASE(a_search_asks_for_what_the_options_say) {
  FakeSidecar sidecar(AnswerLine(ToJson(std::vector<TraceRow>{Row()})));
  const Ran ran = RunClawback({"trace",        "--socket",
                               sidecar.path(), "--message-id",
                               "<m@x>",        "--sender",
                               "<>",           "--recipient",
                               "a@b",          "--tenant",
                               "contoso",      "--disposition",
                               "malicious",    "--subject",
                               "pay",          "--since",
                               "2026-11-03",   "--until=2026-11-04T00:00:00Z",
                               "--limit",      "7"});
  BOOST_TEST(ran.exit == 0);
  BOOST_TEST(sidecar.asked().operation == kTraceSearch);
  const Result<TraceQuery> query = TraceQueryFromJson(sidecar.asked().arguments);
  BOOST_REQUIRE(query.ok());
  BOOST_TEST(query->message_id == "<m@x>");
  BOOST_TEST(query->sender == "<>");
  BOOST_TEST(query->recipient == "a@b");
  BOOST_TEST(query->tenant == "contoso");
  BOOST_TEST((query->disposition == Disposition::kMalicious));
  BOOST_TEST(query->subject_part == "pay");
  BOOST_TEST((query->since == At("2026-11-03T00:00:00Z")));
  BOOST_TEST((query->until == At("2026-11-04T00:00:00Z")));
  BOOST_TEST(query->limit == 7);
}

BOOST_AUTO_TEST_CASE(a_hunt_asks_for_what_messages_have_in_common) {
  const std::string digest(64, 'a');
  FakeSidecar sidecar(AnswerLine(ToJson(std::vector<TraceRow>{Row()})));
  const Ran ran = RunClawback({"trace", "--socket", sidecar.path(), "--host", "evil.example",
                               "--url", "https://evil.example/a", "--file-digest", digest,
                               "--subject-key", "pay", "--like", "17"});
  BOOST_TEST(ran.exit == 0);
  const Result<TraceQuery> query = TraceQueryFromJson(sidecar.asked().arguments);
  BOOST_REQUIRE(query.ok());
  BOOST_TEST(query->host == "evil.example");
  BOOST_TEST(query->url == "https://evil.example/a");
  BOOST_TEST(query->file == digest);
  BOOST_TEST(query->subject_key == "pay");
  BOOST_TEST(query->like == 17);
  const Ran wrong = RunClawback({"trace", "--socket", sidecar.path(), "--like", "x"});
  BOOST_TEST(wrong.exit == 2);
  BOOST_TEST(wrong.err.find("--like: expected the ID of a row") != std::string::npos, wrong.err);
  const Ran file = RunClawback({"trace", "--socket", sidecar.path(), "--file-digest", "abc"});
  BOOST_TEST(file.exit == 2);
  BOOST_TEST(file.err.find("--file-digest: expected the SHA-256 of a file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(rows_for_people_are_a_table_without_control_characters) {
  FakeSidecar sidecar(AnswerLine(ToJson(std::vector<TraceRow>{Row()})));
  const Ran ran = RunClawback({"trace", "--socket", sidecar.path()});
  const auto lines = Lines(ran.out);
  BOOST_REQUIRE(lines.size() == 2U);
  BOOST_TEST(lines[0].find("ID") == 0U);
  for (const std::string text :
       {"17", "2026-11-03T09:14:22.123Z", "MALICIOUS", "lookalike-domain", "<m1@sender.example>"}) {
    BOOST_TEST(lines[1].find(text) != std::string::npos, text);
  }
  BOOST_TEST(ran.out.find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(rows_for_programs_are_an_object_a_line) {
  FakeSidecar sidecar(AnswerLine(ToJson(std::vector<TraceRow>{Row(), Row()})));
  const Ran ran = RunClawback({"trace", "--json", "--socket", sidecar.path()});
  const auto lines = Lines(ran.out);
  BOOST_REQUIRE(lines.size() == 2U);
  BOOST_TEST(lines[0] == PlainNumbers(ToJson(Row())));
  BOOST_TEST(lines[0].find("\"score\":0.98,") != std::string::npos, lines[0]);
}

BOOST_AUTO_TEST_CASE(an_id_asks_for_the_story) {
  FakeSidecar sidecar(AnswerLine(ToJson(Story())));
  const Ran ran = RunClawback({"trace", "17", "--socket", sidecar.path()});
  BOOST_TEST(ran.exit == 0);
  BOOST_TEST(sidecar.asked().operation == kTraceStory);
  BOOST_TEST(TraceIdFromArguments(sidecar.asked().arguments).value() == 17);
  BOOST_TEST(ran.out.find("Trace 17\n") == 0U);
}

BOOST_AUTO_TEST_CASE(a_story_tells_arrival_verdict_decision_and_outcome) {
  std::ostringstream out;
  PrintStory(Story(), out);
  for (const std::string text :
       {"message id    <m1@sender.example>", "us-east (region us)", "TLSv1.3",
        "address of region eu, policy primary: fallback",
        "Bcc: ben@contoso.example (Expanded from all@contoso.example)",
        "Verdict: MALICIOUS, score 0.98", "lookalike-domain (phishing, weight 0.90)",
        "contosso.example", "Decision: decided", "ben@contoso.example: soft-delete (disposition)",
        "ben@contoso.example: soft-delete (enforce), moved at 2026-11-03T09:14:23.000Z",
        "folder Inbox -> recoverableitemsdeletions"}) {
    BOOST_TEST(out.str().find(text) != std::string::npos, text);
  }
  BOOST_TEST(out.str().find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_the_sidecar_refuses_is_said_and_ends_with_1) {
  FakeSidecar sidecar(AnswerLine(Error{ErrorKind::kNotFound, "there is no trace 99"}));
  const Ran ran = RunClawback({"trace", "99", "--socket", sidecar.path()});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.err.find("there is no trace 99") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_sidecar_that_is_not_there_is_said_and_ends_with_1) {
  const Scratch scratch;
  for (const std::string subcommand : {"trace", "status"}) {
    const Ran ran = RunClawback({subcommand, "--socket", scratch.Path("none")});
    BOOST_TEST(ran.exit == 1);
    BOOST_TEST(ran.err.find(scratch.Path("none")) != std::string::npos, ran.err);
  }
}

BOOST_AUTO_TEST_CASE(wrong_searches_end_with_2) {
  for (const std::string option :
       {"--limit=0", "--limit=1001", "--since=yesterday", "--disposition=BAD", "x17"}) {
    const Ran ran = RunClawback({"trace", option});
    BOOST_TEST(ran.exit == 2);
    BOOST_TEST(ran.err.find("expected") != std::string::npos, ran.err);
  }
}

// --host "$HOST" with a variable that is not set would find, and retract, every message.
BOOST_AUTO_TEST_CASE(an_option_with_an_empty_value_is_no_search) {
  for (const std::vector<std::string>& empty :
       std::vector<std::vector<std::string>>{{"--host", ""}, {"--host="}, {"--sender", ""}}) {
    std::vector<std::string> arguments = {"retract", "--action", "junk", "--reason", "x", "--yes"};
    arguments.insert(arguments.end(), empty.begin(), empty.end());
    const Ran ran = RunClawback(arguments);
    BOOST_TEST(ran.exit == 2);
    BOOST_TEST(ran.err.find(": empty, expected ") != std::string::npos, ran.err);
  }
}

BOOST_AUTO_TEST_CASE(wrong_words_of_a_verb_are_told_what_that_verb_takes) {
  const Ran set = RunClawback({"tenant", "set", "contoso"});
  BOOST_TEST(set.exit == 2);
  BOOST_TEST(set.err.find("expected set NAME KEY VALUE;") != std::string::npos, set.err);
  const Ran none = RunClawback({"tenant", "sett", "contoso"});
  BOOST_TEST(none.err.find("expected one of list, show NAME, ") != std::string::npos, none.err);
}

BOOST_AUTO_TEST_CASE(what_was_asked_by_hand_is_told_to_programs_as_one_object) {
  const RetractAnswer answer{{4}, 1, {{99, "no trace 99"}}};
  for (const bool refused : {true, false}) {
    RetractAnswer one = answer;
    if (!refused) one.refused.clear();
    FakeSidecar sidecar(AnswerLine(ToJson(one)));
    const Ran ran = RunClawback({"retract", "--json", "--action", "junk", "--reason", "x", "17",
                                 "99", "--socket", sidecar.path()});
    BOOST_TEST(ran.exit == (refused ? 1 : 0));
    BOOST_TEST(ran.out == ToJson(one) + "\n");
    BOOST_TEST(ran.err.empty());
  }
  FakeSidecar found(AnswerLine(ToJson(std::vector<TraceRow>{Row()})));
  BOOST_TEST(RunClawback({"retract", "--json", "--action", "junk", "--reason", "x", "--subject",
                          "pay", "--socket", found.path()})
                 .out == "{\"found\":1}\n");
  const Asked asked{{5}, 0, 0, "run this"};
  FakeSidecar undo(AnswerLine(ToJson(asked)));
  const Ran ran = RunClawback({"undo", "--json", "--reason", "x", "17", "--socket", undo.path()});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.out == ToJson(asked) + "\n");
}

BOOST_AUTO_TEST_CASE(status_is_asked_and_told) {
  SidecarStatus status;
  status.relay = "us-east";
  status.region = "us";
  status.counts.held = 3;
  status.pruned = {std::chrono::hours(24 * 400), 12, 3, 0, At("2026-11-03T12:00:00Z")};
  status.tripped = {{"contoso", "over 50 in 10 min", At("2026-11-03T12:00:00Z"), 3}};
  FakeSidecar sidecar(AnswerLine(ToJson(status)));
  const Ran ran = RunClawback({"status", "--socket", sidecar.path()});
  BOOST_TEST(ran.exit == 0);
  BOOST_TEST(sidecar.asked().operation == kStatus);
  BOOST_TEST(ran.out.find("us-east (region us)") != std::string::npos);
  BOOST_TEST(ran.out.find("3 held") != std::string::npos);
  BOOST_TEST(
      ran.out.find("retention       400d: 12 messages pruned since the start, last pass over at"
                   " 2026-11-03T12:00:00.000Z; 3 older ones are still needed\n") !=
      std::string::npos);
  BOOST_TEST(ran.out.find("clawback breaker release contoso") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(times_are_points_days_or_ages) {
  const Time now = At("2026-11-03T12:00:00Z");
  BOOST_TEST((ReadTime("2026-11-03T09:14:22Z", now) == At("2026-11-03T09:14:22Z")));
  BOOST_TEST((ReadTime("2026-11-03", now) == At("2026-11-03T00:00:00Z")));
  BOOST_TEST((ReadTime("90m", now) == At("2026-11-03T10:30:00Z")));
  BOOST_TEST((ReadTime("2d", now) == At("2026-11-01T12:00:00Z")));
  for (const std::string_view wrong :
       {"", "d", "-2d", "2w", "2026-13-01", "99999999999999999999d"}) {
    BOOST_TEST((ReadTime(wrong, now) == std::nullopt), std::string(wrong));
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(in_order)

BOOST_AUTO_TEST_CASE(results_keep_the_order_of_inputs_however_long_each_takes) {
  int next = 0;
  std::vector<std::string> results;
  InOrder<std::string>::Run(
      4,
      [&]() -> std::optional<std::string> {
        return next == 500 ? std::nullopt : std::optional(std::to_string(next++));
      },
      [](std::string input) {
        if (input.back() == '0') std::this_thread::sleep_for(milliseconds(1));
        return input;
      },
      [&](std::string result) { results.push_back(std::move(result)); });
  BOOST_REQUIRE(results.size() == 500U);
  for (std::size_t i = 0; i < results.size(); ++i) BOOST_REQUIRE(results[i] == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(following_prints_rows_and_outcomes_as_they_come) {
  LedgerChange row{6, ChangeKind::kRow, "contoso", Row()};
  LedgerChange outcome{8, ChangeKind::kOutcome, "contoso",
                       OutcomeChange{Story().retractions.front(), Row()}};
  FakeSidecar sidecar(AnswerLine(SubscribedJson(5, std::chrono::seconds(10))) + "\n" +
                      EventLine(row, "") + "\n" + HeartbeatLine(7) + "\n" + EventLine(outcome, ""));
  const Ran ran = RunClawback({"trace", "--follow", "--limit", "2", "--sender",
                               "eve@sender.example", "--socket", sidecar.path()});
  BOOST_TEST(ran.exit == 0);
  const auto lines = Lines(ran.out);
  BOOST_REQUIRE_EQUAL(lines.size(), 2U);
  BOOST_TEST(lines[0].find("  17  us-east (us)  contoso  MALICIOUS  lookalike-domain") !=
             std::string::npos);
  BOOST_TEST(lines[0].find('\x1b') == std::string::npos);
  BOOST_TEST(lines[1].find("ben@contoso.example: soft-delete: moved, Inbox -> ") !=
             std::string::npos);
  const auto asked = SubscribeRequestFromJson(sidecar.asked().arguments);
  BOOST_REQUIRE(asked.ok());
  BOOST_TEST(sidecar.asked().operation == kSubscribe);
  BOOST_TEST(asked->matching.value().sender == "eve@sender.example");
  BOOST_TEST(!asked->after.has_value());
}

BOOST_AUTO_TEST_CASE(following_passes_the_events_on_as_json) {
  const LedgerChange row{6, ChangeKind::kRow, "contoso", Row()};
  FakeSidecar sidecar(AnswerLine(SubscribedJson(5, std::chrono::seconds(10))) + "\n" +
                      EventLine(row, ""));
  const Ran ran =
      RunClawback({"trace", "--follow", "--limit", "1", "--json", "--socket", sidecar.path()});
  BOOST_TEST(ran.exit == 0);
  const auto event = boost::json::parse(ran.out).as_object();
  BOOST_TEST(event.at("position").as_int64() == 6);
  BOOST_TEST(event.at("row").at("id").as_int64() == 17);
}

BOOST_AUTO_TEST_CASE(following_takes_no_id_and_fails_where_nobody_listens) {
  BOOST_TEST(RunClawback({"trace", "--follow", "17"}).exit == 2);
  const Scratch scratch;
  const Ran ran = RunClawback({"trace", "--follow", "--socket", scratch.Path("none")});
  BOOST_TEST(ran.exit == 1);
  BOOST_TEST(ran.err.find("clawback-retractd is not running?") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
