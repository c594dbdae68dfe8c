// SPDX-License-Identifier: Apache-2.0
// rspamd(8): POST /checkv2 of its normal worker, one connection a message. Neither envelope
// nor client is told, so that the same message is answered alike however it came here.
// Beast reads the answer, and nothing else of it is used.
#include <fmt/format.h>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/json.hpp>
#include <string>
#include <utility>

#include "milter/engine/conversation.h"

namespace clawback {
namespace {

namespace http = boost::beast::http;
namespace json = boost::json;

constexpr std::size_t kCap = 4UL << 20;
constexpr std::uint32_t kHeaderCap = 64U << 10;

std::string HeadOf(std::size_t bytes, const std::string& settings_id) {
  std::string head = fmt::format(
      "POST /checkv2 HTTP/1.1\r\nHost: localhost\r\nUser-Agent: clawback\r\n"
      "Connection: close\r\nContent-Length: {}\r\n",
      bytes);
  if (!settings_id.empty()) head += "Settings-ID: " + settings_id + "\r\n";
  return head + "\r\n";
}

double NumberIn(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || !value->is_number()) return 0;
  return value->to_number<double>();
}

std::string TextIn(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value == nullptr ? nullptr : value->if_string();
  return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

std::vector<EngineSymbol> SymbolsIn(const json::object& object) {
  std::vector<EngineSymbol> symbols;
  const json::value* value = object.if_contains("symbols");
  const json::object* named = value == nullptr ? nullptr : value->if_object();
  if (named == nullptr) return symbols;
  for (const auto& [name, symbol] : *named) {
    const json::object* fields = symbol.if_object();
    if (fields == nullptr) continue;
    symbols.push_back({std::string(name), NumberIn(*fields, "score")});
  }
  return symbols;
}

bool WasSkipped(const json::object& object) {
  const json::value* value = object.if_contains("is_skipped");
  return value != nullptr && value->is_bool() && value->get_bool();
}

EngineAnswer Told(EngineAnswer answer, EngineOutcome outcome, std::string detail) {
  answer.outcome = outcome;
  answer.detail = std::move(detail);
  return answer;
}

EngineAnswer Read(EngineAnswer answer, const std::string& body) {
  json::error_code error;
  const json::value value = json::parse(body, error);
  const json::object* object = error ? nullptr : value.if_object();
  if (object == nullptr)
    return Told(answer, EngineOutcome::kUnavailable, "an answer that is no JSON object");
  if (WasSkipped(*object)) {
    return Told(answer, EngineOutcome::kRefused, "its settings made it skip the message");
  }
  answer.action = TextIn(*object, "action");
  if (answer.action.empty())
    return Told(answer, EngineOutcome::kUnavailable, "an answer without an action");
  answer.outcome = EngineOutcome::kAnswered;
  answer.score = NumberIn(*object, "score");
  answer.threshold = NumberIn(*object, "required_score");
  answer.symbols = SymbolsIn(*object);
  return answer;
}

// The answer as it comes in; nonsense ends it early.
class Reply {
 public:
  Reply() {
    parser_.header_limit(kHeaderCap);
    parser_.body_limit(kCap);
    parser_.eager(true);
  }

  bool Take(std::string_view fresh) {
    open_.append(fresh);
    const std::size_t used = parser_.put(boost::asio::buffer(open_), error_);
    if (error_ == http::error::need_more) error_ = {};
    open_.erase(0, used);
    return error_.failed() || parser_.is_done();
  }

  EngineAnswer Answer() const {
    EngineAnswer answer{.engine = std::string(kRspamd)};
    if (error_) {
      return Told(answer, EngineOutcome::kUnavailable,
                  "an answer that is no HTTP: " + error_.message());
    }
    const auto& response = parser_.get();
    answer.version = std::string(response[http::field::server]);
    if (response.result() == http::status::ok) return Read(std::move(answer), response.body());
    return Told(answer, EngineOutcome::kRefused,
                fmt::format("HTTP status {}: {}", response.result_int(), response.body()));
  }

 private:
  http::response_parser<http::string_body> parser_;
  std::string open_;
  boost::beast::error_code error_;
};

class Rspamd final : public Engine {
 public:
  explicit Rspamd(EngineSettings settings) : settings_(std::move(settings)) {}
  std::string_view name() const override { return kRspamd; }
  bool unpacks_reports() const override { return false; }

  EngineAnswer Ask(std::string_view bytes, EngineDeadline deadline) const override {
    const std::string head = HeadOf(bytes.size(), settings_.settings_id);
    const std::string_view pieces[] = {head, bytes};
    Reply reply;
    const Status asked = Converse(
        settings_, pieces, [&](std::string_view fresh) { return reply.Take(fresh); }, kCap,
        deadline);
    if (asked) return reply.Answer();
    return Told({.engine = std::string(kRspamd)}, EngineOutcome::kUnavailable, asked.error().what);
  }

 private:
  const EngineSettings settings_;
};

}  // namespace

std::unique_ptr<Engine> MakeRspamd(EngineSettings settings) {
  return std::make_unique<Rspamd>(std::move(settings));
}

}  // namespace clawback
