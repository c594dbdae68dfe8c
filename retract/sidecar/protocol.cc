// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/protocol.h"

#include <limits>

#include "retract/sidecar/protocol_fields.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::int64_t kAnyInteger = std::numeric_limits<std::int64_t>::max();

std::optional<RetractionState> RetractionStateFrom(std::string_view text) {
  for (const auto state : {RetractionState::kArmed, RetractionState::kClaimed,
                           RetractionState::kHeld, RetractionState::kFinal}) {
    if (ToString(state) == text) return state;
  }
  return std::nullopt;
}

json::object Fields(const TraceRow& row) {
  json::object out;
  out["id"] = row.id;
  PutTime(out, "received", row.received);
  PutText(out, "tenant", row.tenant);
  PutText(out, "relay", row.relay);
  PutText(out, "region", row.region);
  PutText(out, "report_digest", row.report_digest);
  PutText(out, "message_id", row.message_id);
  PutText(out, "sender", row.sender);
  PutText(out, "subject", row.subject);
  out["handling"] = ToString(row.handling);
  out["disposition"] = ToString(row.disposition);
  out["score"] = row.score;
  PutText(out, "main_reason", row.main_reason);
  out["recipients"] = row.recipients;
  return out;
}

Result<TraceRow> ReadRow(const json::object& object) {
  FieldReader in(object, "trace row");
  TraceRow row;
  row.id = in.Integer("id", 0, 0, kAnyInteger);
  row.received = in.RequiredTime("received");
  row.tenant = in.Text("tenant");
  row.relay = in.Text("relay");
  row.region = in.Text("region");
  row.report_digest = in.Text("report_digest");
  row.message_id = in.Text("message_id");
  row.sender = in.Text("sender");
  row.subject = in.Text("subject");
  row.handling = in.Word("handling", HandlingFrom);
  row.disposition = in.Word("disposition", DispositionFrom);
  row.score = in.Number("score");
  row.main_reason = in.Text("main_reason");
  row.recipients = static_cast<int>(in.Integer("recipients", 0, 0, 1 << 30));
  if (Status read = in.Finish(); !read) return read.error();
  return row;
}

json::object Fields(const Outcome& outcome) {
  json::object out;
  out["kind"] = ToString(outcome.kind);
  PutText(out, "detail", outcome.detail);
  PutText(out, "mailbox_id", outcome.mailbox_id);
  PutText(out, "item_ids", outcome.item_ids);
  PutText(out, "folder_before", outcome.folder_before);
  PutText(out, "folder_before_id", outcome.folder_before_id);
  PutText(out, "folder_after", outcome.folder_after);
  PutText(out, "request_id", outcome.request_id);
  PutTime(out, "at", outcome.at);
  return out;
}

Result<Outcome> ReadOutcome(const json::object& object) {
  FieldReader in(object, "outcome");
  Outcome outcome;
  outcome.kind = in.Word("kind", OutcomeKindFrom);
  outcome.detail = in.Text("detail");
  outcome.mailbox_id = in.Text("mailbox_id");
  outcome.item_ids = in.Text("item_ids");
  outcome.folder_before = in.Text("folder_before");
  outcome.folder_before_id = in.Text("folder_before_id");
  outcome.folder_after = in.Text("folder_after");
  outcome.request_id = in.Text("request_id");
  outcome.at = in.RequiredTime("at");
  if (Status read = in.Finish(); !read) return read.error();
  return outcome;
}

json::object Fields(const RetractionRow& row) {
  json::object out;
  out["id"] = row.id;
  PutText(out, "recipient", row.recipient);
  out["action"] = ToString(row.action);
  out["mode"] = ToString(row.mode);
  out["state"] = ToString(row.state);
  out["attempts"] = row.attempts;
  PutTime(out, "due", row.due);
  PutText(out, "last_error", row.last_error);
  if (row.outcome) out["outcome"] = Fields(*row.outcome);
  return out;
}

Result<RetractionRow> ReadRetraction(const json::object& object) {
  FieldReader in(object, "retraction");
  RetractionRow row;
  row.id = in.Integer("id", 0, 0, kAnyInteger);
  row.recipient = in.Text("recipient");
  row.action = in.Word("action", ActionFrom);
  row.mode = in.Word("mode", ModeFrom);
  row.state = in.Word("state", RetractionStateFrom);
  row.attempts = static_cast<int>(in.Integer("attempts", 0, 0, 1 << 30));
  row.due = in.RequiredTime("due");
  row.last_error = in.Text("last_error");
  if (const json::object* outcome = in.MaybeObject("outcome")) {
    auto read = ReadOutcome(*outcome);
    if (!read) return read.error();
    row.outcome = std::move(*read);
  }
  if (Status read = in.Finish(); !read) return read.error();
  return row;
}

// The record's columns stand beside its content: the ledger keeps them so too.
json::object Fields(const DecisionRecord& record) {
  json::object out;
  out["report_digest"] = ToHex(record.report_digest);
  out["report_bytes"] = static_cast<std::int64_t>(record.report_bytes);
  PutTime(out, "received", record.received);
  PutText(out, "relay", record.relay);
  PutText(out, "region", record.region);
  PutText(out, "tenant", record.tenant);
  out["parked_bytes_kept"] = record.parked_bytes_kept;
  json::error_code error;
  out["content"] = json::parse(ToJson(record), error);
  return out;
}

Result<DecisionRecord> ReadRecord(const json::object& object) {
  FieldReader in(object, "decision record");
  const json::object* content = in.MaybeObject("content");
  if (content == nullptr) in.Fault("content", "missing");
  const auto digest = in.Word("report_digest", DigestFromHex);
  if (Status read = in.Finish(); !read) return read.error();
  auto record = DecisionRecordFromJson(json::serialize(*content));
  if (!record) return record;
  record->report_digest = digest;
  record->report_bytes = static_cast<std::uint64_t>(in.Integer("report_bytes", 0, 0, kAnyInteger));
  record->received = in.RequiredTime("received");
  record->relay = in.Text("relay");
  record->region = in.Text("region");
  record->tenant = in.Text("tenant");
  record->parked_bytes_kept = in.Flag("parked_bytes_kept");
  if (Status read = in.Finish(); !read) return read.error();
  return record;
}

// Reads each object of a list.
template <typename T, typename Read>
Result<std::vector<T>> ReadEach(const json::array* list, Read read, std::string_view what) {
  std::vector<T> all;
  if (list == nullptr) return all;
  for (const json::value& entry : *list) {
    if (!entry.is_object()) {
      return Error{ErrorKind::kInvalid, std::string(what) + ": expected objects only"};
    }
    auto one = read(entry.get_object());
    if (!one) return one.error();
    all.push_back(std::move(*one));
  }
  return all;
}

}  // namespace

std::string ToJson(const TraceQuery& query) {
  json::object out;
  const auto put = [&out](std::string_view key, const std::string& text) {
    if (!text.empty()) PutText(out, key, text);
  };
  put("tenant", query.tenant);
  put("message_id", query.message_id);
  put("sender", query.sender);
  put("recipient", query.recipient);
  put("subject_part", query.subject_part);
  put("report_digest", query.report_digest);
  if (query.disposition) out["disposition"] = ToString(*query.disposition);
  if (query.handling) out["handling"] = ToString(*query.handling);
  PutTime(out, "since", query.since);
  PutTime(out, "until", query.until);
  out["limit"] = query.limit;
  out["before"] = query.before;
  return json::serialize(out);
}

Result<TraceQuery> TraceQueryFromJson(std::string_view text) {
  const auto object = ParseObject(text, "query");
  if (!object) return object.error();
  FieldReader in(*object, "query");
  TraceQuery query;
  query.tenant = in.Text("tenant");
  query.message_id = in.Text("message_id");
  query.sender = in.Text("sender");
  query.recipient = in.Text("recipient");
  query.subject_part = in.Text("subject_part");
  query.report_digest = in.Text("report_digest");
  query.disposition = in.MaybeWord("disposition", DispositionFrom);
  query.handling = in.MaybeWord("handling", HandlingFrom);
  query.since = in.MaybeTime("since");
  query.until = in.MaybeTime("until");
  query.limit = static_cast<int>(in.Integer("limit", query.limit, 1, 1000));
  query.before = in.Integer("before", 0, 0, kAnyInteger);
  // A restriction that is not understood must not widen what is shown.
  if (Status read = in.FinishStrict(); !read) return read.error();
  return query;
}

std::string ToJson(const TraceRow& row) { return json::serialize(Fields(row)); }

Result<TraceRow> TraceRowFromJson(std::string_view text) {
  const auto object = ParseObject(text, "trace row");
  if (!object) return object.error();
  return ReadRow(*object);
}

std::string ToJson(const std::vector<TraceRow>& rows) {
  json::array list;
  for (const TraceRow& row : rows) list.push_back(Fields(row));
  return json::serialize(json::object{{"rows", std::move(list)}});
}

Result<std::vector<TraceRow>> TraceRowsFromJson(std::string_view text) {
  const auto object = ParseObject(text, "rows");
  if (!object) return object.error();
  FieldReader in(*object, "rows");
  const json::array* list = in.MaybeArray("rows");
  if (Status read = in.Finish(); !read) return read.error();
  return ReadEach<TraceRow>(list, ReadRow, "rows");
}

std::string ToJson(const TraceStory& story) {
  json::array retractions;
  for (const RetractionRow& row : story.retractions) retractions.push_back(Fields(row));
  return json::serialize(json::object{{"row", Fields(story.row)},
                                      {"record", Fields(story.record)},
                                      {"retractions", std::move(retractions)}});
}

Result<TraceStory> TraceStoryFromJson(std::string_view text) {
  const auto object = ParseObject(text, "story");
  if (!object) return object.error();
  FieldReader in(*object, "story");
  const json::object* row = in.MaybeObject("row");
  const json::object* record = in.MaybeObject("record");
  const json::array* retractions = in.MaybeArray("retractions");
  if (row == nullptr) in.Fault("row", "missing");
  if (record == nullptr) in.Fault("record", "missing");
  if (Status read = in.Finish(); !read) return read.error();
  auto read_row = ReadRow(*row);
  if (!read_row) return read_row.error();
  auto read_record = ReadRecord(*record);
  if (!read_record) return read_record.error();
  auto rows = ReadEach<RetractionRow>(retractions, ReadRetraction, "retractions");
  if (!rows) return rows.error();
  return TraceStory{std::move(*read_row), std::move(*read_record), std::move(*rows)};
}

std::string StoryArguments(std::int64_t trace_id) {
  return json::serialize(json::object{{"id", trace_id}});
}

Result<std::int64_t> TraceIdFromArguments(std::string_view text) {
  const auto object = ParseObject(text, "arguments");
  if (!object) return object.error();
  FieldReader in(*object, "arguments");
  const std::int64_t id = in.Integer("id", 0, 1, kAnyInteger);
  if (id == 0) in.Fault("id", "missing");
  if (Status read = in.FinishStrict(); !read) return read.error();
  return id;
}

std::string ToJson(const SidecarStatus& status) {
  json::object counts{{"reports", status.counts.reports},
                      {"armed", status.counts.armed},
                      {"claimed", status.counts.claimed},
                      {"held", status.counts.held},
                      {"final", status.counts.final}};
  json::object out;
  PutText(out, "relay", status.relay);
  PutText(out, "region", status.region);
  PutText(out, "version", status.version);
  out["counts"] = std::move(counts);
  out["followed_to"] = json::object{{"segment", status.followed_to.segment},
                                    {"sequence", status.followed_to.sequence}};
  PutText(out, "last_error", status.last_error);
  return json::serialize(out);
}

Result<SidecarStatus> SidecarStatusFromJson(std::string_view text) {
  const auto object = ParseObject(text, "status");
  if (!object) return object.error();
  FieldReader in(*object, "status");
  SidecarStatus status;
  status.relay = in.Text("relay");
  status.region = in.Text("region");
  status.version = in.Text("version");
  status.last_error = in.Text("last_error");
  const json::object* counts = in.MaybeObject("counts");
  const json::object* position = in.MaybeObject("followed_to");
  if (counts == nullptr) in.Fault("counts", "missing");
  if (position == nullptr) in.Fault("followed_to", "missing");
  if (Status read = in.Finish(); !read) return read.error();
  FieldReader count(*counts, "status: counts");
  status.counts.reports = count.Integer("reports", 0, 0, kAnyInteger);
  status.counts.armed = count.Integer("armed", 0, 0, kAnyInteger);
  status.counts.claimed = count.Integer("claimed", 0, 0, kAnyInteger);
  status.counts.held = count.Integer("held", 0, 0, kAnyInteger);
  status.counts.final = count.Integer("final", 0, 0, kAnyInteger);
  if (Status read = count.Finish(); !read) return read.error();
  FieldReader where(*position, "status: followed_to");
  status.followed_to.segment = where.Text("segment");
  status.followed_to.sequence = where.Integer("sequence", 0, 0, kAnyInteger);
  if (Status read = where.Finish(); !read) return read.error();
  return status;
}

}  // namespace clawback
