// SPDX-License-Identifier: Apache-2.0
#include "tests/milter/engine/faults.h"

#include <chrono>

#include "tests/support/fake_engines.h"

namespace clawback {
namespace {

using std::chrono::milliseconds;
using Connection = LocalServer::Connection;

constexpr milliseconds kDeadline(300);
// Far more than a deadline's own grain, for machines that are busy.
constexpr milliseconds kLate(5000);
constexpr std::size_t kFlood = 100UL << 20;

// A text with NULs in it.
template <std::size_t N>
std::string Bytes(const char (&text)[N]) {
  return std::string(text, N - 1);
}

LocalServer::Serve Saying(std::string text) {
  return [text = std::move(text)](const Connection& connection) {
    connection.Read();
    connection.Write(text);
    connection.Stall();
  };
}

// Until nobody listens, or all is said.
void Flood(const Connection& connection, std::string_view head) {
  connection.Read();
  const std::string piece(1UL << 20, 'a');
  bool heard = connection.Write(head);
  for (std::size_t said = 0; heard && said < kFlood; said += piece.size()) {
    heard = connection.Write(piece);
  }
}

void Drip(const Connection& connection, std::string_view text) {
  connection.Read();
  for (const char c : text) {
    if (!connection.Write({&c, 1})) return;
    std::this_thread::sleep_for(milliseconds(50));
  }
}

std::vector<EngineFault> CommonFaults() {
  return {
      {"ends at once", [](const Connection&) {}},
      {"takes nothing and says nothing", [](const Connection& c) { c.Stall(); }},
      {"takes all and says nothing",
       [](const Connection& c) {
         while (!c.Read().empty()) {
         }
       }},
      {"garbage", Saying(Bytes("\xFF\x00\x01garbage\r\n\r\n\x00\x00"))},
      {"another protocol", Saying("220 mx.example ESMTP\r\n")},
      {"100 MB without an end", [](const Connection& c) { Flood(c, ""); }},
  };
}

}  // namespace

std::vector<EngineFault> ClamdFaults() {
  auto faults = CommonFaults();
  faults.push_back({"half an answer", Saying(Bytes("1: ClamAV 1\0002: stream: O"))});
  faults.push_back({"an answer that is none", Saying(Bytes("1: C\0002: stream: MAYBE\0"))});
  faults.push_back(
      {"two verdicts", Saying(Bytes("1: C\0002: stream: OK\0002: stream: X FOUND\0"))});
  faults.push_back({"about another message", Saying(Bytes("1: C\0003: stream: OK\0"))});
  faults.push_back({"a name without an end",
                    Saying(Bytes("1: C\0002: stream: ") + std::string(200UL << 10, 'N'))});
  faults.push_back({"ends between bytes", [](const Connection& c) {
                      c.Read();
                      c.Write(Bytes("1: C\0002: stream: OK"));
                    }});
  faults.push_back({"a letter now and then", [](const Connection& c) {
                      Drip(c, Bytes("1: ClamAV 1.4.6\0002: stream: OK\0"));
                    }});
  faults.push_back({"too large for it",
                    Saying(Bytes("1: C\0002: INSTREAM size limit exceeded. ERROR\0")),
                    EngineOutcome::kRefused});
  return faults;
}

std::vector<EngineFault> RspamdFaults() {
  auto faults = CommonFaults();
  faults.push_back({"100 MB of body", [](const Connection& c) {
                      Flood(c, "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n");
                    }});
  faults.push_back(
      {"a header of 100 MB", [](const Connection& c) { Flood(c, "HTTP/1.1 200 OK\r\nServer: "); }});
  faults.push_back({"half an answer", Saying("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")});
  faults.push_back({"ends between bytes", [](const Connection& c) {
                      c.Read();
                      c.Write(
                          "HTTP/1.1 200 OK\r\nContent-Length: 22\r\n\r\n{\"action\":\"no action\"");
                    }});
  faults.push_back({"an action that is a number", Saying(HttpAnswer(R"({"action":1})"))});
  faults.push_back(
      {"a number that is none", Saying(HttpAnswer(R"({"action":"reject","score":NaN})"))});
  faults.push_back(
      {"sent elsewhere", Saying(HttpAnswer("{}", "302 Found")), EngineOutcome::kRefused});
  faults.push_back({"too busy", Saying(HttpAnswer("", "503 Busy")), EngineOutcome::kRefused});
  faults.push_back({"no JSON", Saying(HttpAnswer("<html>"))});
  faults.push_back({"JSON of another kind", Saying(HttpAnswer("[1,2]"))});
  faults.push_back({"no action", Saying(HttpAnswer(R"({"score":1})"))});
  faults.push_back({"nested deep", Saying(HttpAnswer(std::string(100'000, '[')))});
  faults.push_back({"a letter now and then",
                    [](const Connection& c) { Drip(c, HttpAnswer(R"({"action":"no action"})")); }});
  faults.push_back(
      {"an error", Saying(HttpAnswer(R"({"error":"x"})", "500 Oh")), EngineOutcome::kRefused});
  faults.push_back({"skipped", Saying(HttpAnswer(R"({"is_skipped":true,"action":"no action"})")),
                    EngineOutcome::kRefused});
  return faults;
}

std::string WrongWith(const Engine& engine, EngineOutcome expected) {
  const auto begin = std::chrono::steady_clock::now();
  const EngineAnswer answer =
      engine.Ask("From: a@sender.example\r\n\r\nHello.\r\n", begin + kDeadline);
  const auto took = std::chrono::steady_clock::now() - begin;
  if (took > kLate) return "came back long after its deadline";
  if (answer.engine != engine.name()) return "answers as \"" + answer.engine + "\"";
  if (answer.outcome != expected) {
    return "says " + std::string(ToString(answer.outcome)) + ": " + answer.detail;
  }
  if (answer.detail.empty()) return "does not say why";
  return {};
}

}  // namespace clawback
