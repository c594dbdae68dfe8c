// SPDX-License-Identifier: Apache-2.0
// The trace in the protocol: queries, rows, stories.
#include "policy/json.h"
#include "retract/sidecar/protocol.h"
#include "retract/sidecar/protocol_fields.h"

namespace clawback {
namespace {

namespace json = boost::json;

// A word that may be absent.
template <typename E>
void ReadWord(const JsonReader& in, std::string_view key, std::optional<E>* out,
              std::optional<E> (*from)(std::string_view)) {
  if (!in.Has(key)) return;
  E value{};
  in.Named(key, &value, from);
  *out = value;
}

json::object Fields(const TraceRow& row) {
  json::object out;
  out["id"] = row.id;
  out["received"] = FormatTime(row.received);
  PutText(&out, "tenant", row.tenant);
  PutText(&out, "relay", row.relay);
  PutText(&out, "region", row.region);
  PutText(&out, "report_digest", row.report_digest);
  PutBytes(&out, "message_id", row.message_id);
  PutBytes(&out, "sender", row.sender);
  PutText(&out, "subject", row.subject);
  out["handling"] = ToString(row.handling);
  out["disposition"] = ToString(row.disposition);
  out["score"] = row.score;
  PutText(&out, "main_reason", row.main_reason);
  out["recipients"] = row.recipients;
  return out;
}

void ReadFields(const JsonReader& in, TraceRow* row) {
  Require(in, {"id", "received"});
  in.Integer("id", &row->id);
  ReadTime(in, "received", &row->received);
  in.Text("tenant", &row->tenant);
  in.Text("relay", &row->relay);
  in.Text("region", &row->region);
  in.Text("report_digest", &row->report_digest);
  in.Bytes("message_id", &row->message_id);
  in.Bytes("sender", &row->sender);
  in.Text("subject", &row->subject);
  in.Named("handling", &row->handling, HandlingFrom);
  in.Named("disposition", &row->disposition, DispositionFrom);
  in.Number("score", &row->score);
  in.Text("main_reason", &row->main_reason);
  in.Integer("recipients", &row->recipients);
}

json::object Fields(const Outcome& outcome) {
  json::object out;
  out["kind"] = ToString(outcome.kind);
  PutText(&out, "detail", outcome.detail);
  PutText(&out, "mailbox_id", outcome.mailbox_id);
  PutText(&out, "item_ids", outcome.item_ids);
  PutText(&out, "folder_before", outcome.folder_before);
  PutText(&out, "folder_before_id", outcome.folder_before_id);
  PutText(&out, "folder_after", outcome.folder_after);
  PutText(&out, "request_id", outcome.request_id);
  out["at"] = FormatTime(outcome.at);
  return out;
}

void ReadFields(const JsonReader& in, Outcome* outcome) {
  Require(in, {"at"});
  in.Named("kind", &outcome->kind, OutcomeKindFrom);
  in.Text("detail", &outcome->detail);
  in.Text("mailbox_id", &outcome->mailbox_id);
  in.Text("item_ids", &outcome->item_ids);
  in.Text("folder_before", &outcome->folder_before);
  in.Text("folder_before_id", &outcome->folder_before_id);
  in.Text("folder_after", &outcome->folder_after);
  in.Text("request_id", &outcome->request_id);
  ReadTime(in, "at", &outcome->at);
}

json::object Fields(const RetractionRow& row) {
  json::object out;
  out["id"] = row.id;
  PutBytes(&out, "recipient", row.recipient);
  out["action"] = ToString(row.action);
  out["mode"] = ToString(row.mode);
  out["state"] = ToString(row.state);
  out["attempts"] = row.attempts;
  out["due"] = FormatTime(row.due);
  PutText(&out, "last_error", row.last_error);
  if (row.outcome) out["outcome"] = Fields(*row.outcome);
  out["task"] = ToString(row.task);
  out["origin"] = ToString(row.origin);
  PutText(&out, "asked_by", row.asked_by);
  PutText(&out, "reason", row.reason);
  if (row.job != 0) out["job"] = row.job;
  if (!row.held_for.empty()) out["held_for"] = row.held_for;
  return out;
}

void ReadFields(const JsonReader& in, RetractionRow* row) {
  Require(in, {"id", "due"});
  in.Integer("id", &row->id);
  in.Bytes("recipient", &row->recipient);
  in.Named("action", &row->action, ActionFrom);
  in.Named("mode", &row->mode, ModeFrom);
  in.Named("state", &row->state, RetractionStateFrom);
  in.Integer("attempts", &row->attempts);
  ReadTime(in, "due", &row->due);
  in.Text("last_error", &row->last_error);
  if (in.Has("task")) in.Named("task", &row->task, TaskFrom);
  if (in.Has("origin")) in.Named("origin", &row->origin, OriginFrom);
  in.Text("asked_by", &row->asked_by);
  in.Text("reason", &row->reason);
  in.Integer("job", &row->job);
  in.Text("held_for", &row->held_for);
  in.Object("outcome",
            [&](const JsonReader& inner) { ReadFields(inner, &row->outcome.emplace()); });
}

json::value Fields(const DecisionRecord& record) {
  boost::system::error_code error;
  return json::parse(ToJson(record), error);
}

// The record of a story; the caller has seen that it is there.
Result<DecisionRecord> RecordOf(std::string_view text) {
  boost::system::error_code error;
  const json::value story = json::parse(text, error);
  return DecisionRecordFromJson(json::serialize(story.as_object().at("record")));
}

void ReadFields(const JsonReader& in, TraceQuery* query) {
  in.Text("tenant", &query->tenant);
  in.Bytes("message_id", &query->message_id);
  in.Bytes("sender", &query->sender);
  in.Bytes("recipient", &query->recipient);
  in.Text("subject_part", &query->subject_part);
  in.Text("report_digest", &query->report_digest);
  in.Text("host", &query->host);
  in.Text("url", &query->url);
  in.Text("file", &query->file);
  in.Text("subject_key", &query->subject_key);
  in.Integer("like", &query->like);
  ReadWord(in, "disposition", &query->disposition, DispositionFrom);
  ReadWord(in, "handling", &query->handling, HandlingFrom);
  ReadTime(in, "since", &query->since);
  ReadTime(in, "until", &query->until);
  in.Integer("limit", &query->limit);
  in.Integer("before", &query->before);
  in.Integer("after", &query->after);
  if (query->limit < 1 || query->limit > 1000) in.Fault("limit", "expected 1 to 1000");
  if (query->after < 0) in.Fault("after", "expected the id of a row");
  if (query->like < 0) in.Fault("like", "expected the id of a row");
  if (query->before < 0) in.Fault("before", "expected the id of a row");
}

}  // namespace

std::string ToJson(const TraceQuery& query) {
  json::object out;
  const auto put = [&out](std::string_view key, const std::string& text) {
    if (!text.empty()) PutBytes(&out, key, text);
  };
  put("tenant", query.tenant);
  put("message_id", query.message_id);
  put("sender", query.sender);
  put("recipient", query.recipient);
  put("subject_part", query.subject_part);
  put("report_digest", query.report_digest);
  put("host", query.host);
  put("url", query.url);
  put("file", query.file);
  put("subject_key", query.subject_key);
  if (query.like > 0) out["like"] = query.like;
  if (query.disposition) out["disposition"] = ToString(*query.disposition);
  if (query.handling) out["handling"] = ToString(*query.handling);
  if (query.since) out["since"] = FormatTime(*query.since);
  if (query.until) out["until"] = FormatTime(*query.until);
  out["limit"] = query.limit;
  out["before"] = query.before;
  if (query.after > 0) out["after"] = query.after;
  return json::serialize(out);
}

Result<TraceQuery> TraceQueryFromJson(std::string_view text) {
  // A restriction that is not understood must not widen what is shown.
  if (const auto unknown =
          UnknownField(text, {"tenant",        "message_id",  "message_id_hex", "sender",
                              "sender_hex",    "recipient",   "recipient_hex",  "subject_part",
                              "report_digest", "disposition", "handling",       "since",
                              "until",         "limit",       "before",         "after",
                              "host",          "url",         "file",           "subject_key",
                              "like"})) {
    return Error{ErrorKind::kInvalid, *unknown + ": no such restriction"};
  }
  return ReadOne<TraceQuery>(text, ReadFields);
}

std::string ToJson(const TraceRow& row) { return json::serialize(Fields(row)); }

Result<TraceRow> TraceRowFromJson(std::string_view text) {
  return ReadOne<TraceRow>(text, ReadFields);
}

std::string ToJson(const RetractionRow& row) { return json::serialize(Fields(row)); }

Result<RetractionRow> RetractionRowFromJson(std::string_view text) {
  return ReadOne<RetractionRow>(text, ReadFields);
}

std::string ToJson(const std::vector<TraceRow>& rows) {
  json::array list;
  for (const TraceRow& row : rows) list.push_back(Fields(row));
  return json::serialize(json::object{{"rows", std::move(list)}});
}

Result<std::vector<TraceRow>> TraceRowsFromJson(std::string_view text) {
  std::vector<TraceRow> rows;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    Require(in, {"rows"});
    in.Objects("rows", [&](const JsonReader& row) { ReadFields(row, &rows.emplace_back()); });
  });
  if (!read) return read.error();
  return rows;
}

std::string ToJson(const TraceStory& story) {
  json::array retractions;
  for (const RetractionRow& row : story.retractions) retractions.push_back(Fields(row));
  return json::serialize(json::object{{"row", Fields(story.row)},
                                      {"record", Fields(story.record)},
                                      {"retractions", std::move(retractions)}});
}

Result<TraceStory> TraceStoryFromJson(std::string_view text) {
  TraceStory story;
  const Status shape = ReadJson(text, [&](const JsonReader& in) {
    Require(in, {"row", "record", "retractions"});
    in.Object("row", [&](const JsonReader& row) { ReadFields(row, &story.row); });
    in.Object("record", [](const JsonReader&) {});
    in.Objects("retractions",
               [&](const JsonReader& row) { ReadFields(row, &story.retractions.emplace_back()); });
  });
  if (!shape) return shape.error();
  auto record = RecordOf(text);
  if (!record) return Within("record", record.error());
  story.record = std::move(*record);
  return story;
}

std::string StoryArguments(std::int64_t trace_id) {
  return json::serialize(json::object{{"id", trace_id}});
}

Result<std::int64_t> TraceIdFromArguments(std::string_view text) {
  std::int64_t id = 0;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    Require(in, {"id"});
    in.Integer("id", &id);
    if (id < 1) in.Fault("id", "expected the id of a row");
  });
  if (!read) return read.error();
  return id;
}

}  // namespace clawback
