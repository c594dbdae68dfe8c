// SPDX-License-Identifier: Apache-2.0
// Subscribing in the protocol: what is asked for, and the lines of the stream.
#include "policy/json.h"
#include "retract/sidecar/protocol.h"
#include "retract/sidecar/protocol_fields.h"

namespace clawback {
namespace {

namespace json = boost::json;

json::value Parsed(std::string_view text) {
  boost::system::error_code error;
  return json::parse(text, error);
}

std::string Line(json::object event) {
  return json::serialize(json::object{{"version", kProtocolVersion}, {"event", std::move(event)}});
}

void ReadKinds(const JsonReader& in, std::vector<ChangeKind>* kinds) {
  std::vector<std::string> words;
  in.Texts("kinds", &words);
  for (const std::string& word : words) {
    const auto kind = ChangeKindFrom(word);
    if (!kind) return in.Fault("kinds", "expected row, outcome, settings, audit");
    kinds->push_back(*kind);
  }
}

// Restrictions of a search, without what chooses a page.
Result<TraceQuery> ReadMatching(std::string_view text) {
  const std::string matching = json::serialize(Parsed(text).as_object().at("matching"));
  for (const std::string_view page : {"limit", "before", "after"}) {
    if (Parsed(matching).as_object().contains(page)) {
      return Error{ErrorKind::kInvalid, std::string(page) + ": no such restriction"};
    }
  }
  return TraceQueryFromJson(matching);
}

// The fields of a change that are its own; audit is the JSON of its entry.
void PutWhat(const LedgerChange& change, std::string_view audit, json::object* event) {
  if (const auto* row = std::get_if<TraceRow>(&change.what)) {
    (*event)["row"] = Parsed(ToJson(*row));
  } else if (const auto* outcome = std::get_if<OutcomeChange>(&change.what)) {
    (*event)["retraction"] = Parsed(ToJson(outcome->retraction));
    if (outcome->row) (*event)["row"] = Parsed(ToJson(*outcome->row));
  } else if (const auto* settings = std::get_if<SettingsChange>(&change.what)) {
    json::object version{{"version", settings->version}, {"at", FormatTime(settings->at)}};
    PutText(&version, "who", settings->who);
    PutText(&version, "why", settings->why);
    (*event)["settings"] = std::move(version);
  } else if (const auto* fault = std::get_if<Error>(&change.what)) {
    PutText(event, "fault", fault->what);
  } else {
    (*event)["audit"] = Parsed(audit);
  }
}

}  // namespace

std::string ToJson(const SubscribeRequest& request) {
  json::object out;
  if (request.after) out["after"] = *request.after;
  if (!request.tenant.empty()) PutText(&out, "tenant", request.tenant);
  json::array kinds;
  for (const ChangeKind kind : request.kinds) kinds.emplace_back(ToString(kind));
  if (!kinds.empty()) out["kinds"] = std::move(kinds);
  if (request.matching) {
    json::object matching = Parsed(ToJson(*request.matching)).as_object();
    for (const std::string_view page : {"limit", "before", "after"}) matching.erase(page);
    out["matching"] = std::move(matching);
  }
  return json::serialize(out);
}

Result<SubscribeRequest> SubscribeRequestFromJson(std::string_view text) {
  // A restriction that is not understood must not widen what is shown.
  if (const auto unknown = UnknownField(text, {"after", "tenant", "kinds", "matching"})) {
    return Error{ErrorKind::kInvalid, *unknown + ": no such argument"};
  }
  SubscribeRequest request;
  bool matching = false;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    if (in.Has("after")) in.Integer("after", &request.after.emplace());
    if (request.after.value_or(0) < 0) in.Fault("after", "expected a position");
    in.Text("tenant", &request.tenant);
    ReadKinds(in, &request.kinds);
    in.Object("matching", [&](const JsonReader&) { matching = true; });
  });
  if (!read) return read.error();
  if (!matching) return request;
  const auto query = ReadMatching(text);
  if (!query) return Within("matching", query.error());
  request.matching = *query;
  return request;
}

std::string SubscribedJson(std::int64_t position, milliseconds heartbeat) {
  return json::serialize(
      json::object{{"position", position}, {"heartbeat_ms", std::int64_t{heartbeat.count()}}});
}

std::string EventLine(const LedgerChange& change, std::string_view audit) {
  json::object event{{"position", change.position}, {"kind", ToString(change.kind)}};
  PutText(&event, "tenant", change.tenant);
  PutWhat(change, audit, &event);
  return Line(std::move(event));
}

std::string HeartbeatLine(std::int64_t position) {
  return Line({{"position", position}, {"kind", "heartbeat"}});
}

std::string EndLine(std::string_view reason) { return Line({{"kind", "end"}, {"reason", reason}}); }

Result<ProtocolEvent> ProtocolEventFromJson(std::string_view line) {
  ProtocolEvent event;
  bool there = false;
  const Status read = ReadJson(line, [&](const JsonReader& in) {
    in.Object("event", [&](const JsonReader& inner) {
      there = true;
      Require(inner, {"kind"});
      inner.Integer("position", &event.position);
      inner.Text("kind", &event.kind);
      inner.Text("tenant", &event.tenant);
      inner.Text("reason", &event.reason);
      inner.Text("fault", &event.reason);
      inner.Object("row", [](const JsonReader&) {});
      inner.Object("retraction", [](const JsonReader&) {});
    });
  });
  if (!read) return read.error();
  if (!there) return Error{ErrorKind::kInvalid, "event: is missing"};
  const json::object whole = Parsed(line).as_object().at("event").as_object();
  event.json = json::serialize(whole);
  if (const auto* row = whole.if_contains("row")) {
    auto read_row = TraceRowFromJson(json::serialize(*row));
    if (!read_row) return Within("row", read_row.error());
    event.row = *std::move(read_row);
  }
  if (const auto* retraction = whole.if_contains("retraction")) {
    auto read_retraction = RetractionRowFromJson(json::serialize(*retraction));
    if (!read_retraction) return Within("retraction", read_retraction.error());
    event.retraction = *std::move(read_retraction);
  }
  return event;
}

}  // namespace clawback
