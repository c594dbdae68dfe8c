// SPDX-License-Identifier: Apache-2.0
// Reading the SQLite ledger: search, one message's story, counts.
#include <algorithm>
#include <variant>

#include "policy/base/text.h"
#include "retract/ledger/sqlite_ledger.h"
#include "retract/ledger/trace_features.h"

namespace clawback {
namespace {

// Conditions with their values, in order.
class Conditions {
 public:
  using Value = std::variant<std::string, std::int64_t, Digest>;

  void Add(std::string_view condition, Value value) {
    sql_.append(sql_.empty() ? " WHERE " : " AND ").append(condition);
    values_.push_back(std::move(value));
  }
  void AddAnyOf(std::string_view column, const std::vector<std::int64_t>& values) {
    std::string list;
    for (const std::int64_t value : values) {
      list += (list.empty() ? "[" : ",") + std::to_string(value);
    }
    Add(std::string(column) + " IN (SELECT value FROM json_each(?))",
        list.empty() ? "[]" : list + "]");
  }
  // Of the condition that was added first.
  void SetFirst(Value value) { values_.front() = std::move(value); }
  const std::string& sql() const { return sql_; }
  void BindTo(Statement* statement) const {
    int index = 0;
    for (const Value& value : values_) {
      ++index;
      std::visit([&](const auto& bound) { statement->BindOne(index, bound); }, value);
    }
  }

 private:
  std::string sql_;
  std::vector<Value> values_;
};

std::string LikePattern(std::string_view part) {
  std::string pattern = "%";
  for (const char c : part) {
    if (c == '%' || c == '_' || c == '\\') pattern.push_back('\\');
    pattern.push_back(c);
  }
  return pattern + "%";
}

std::int64_t Count(Time time) { return time.time_since_epoch().count(); }

Status AddFilters(const TraceQuery& query, Conditions* conditions) {
  if (!query.report_digest.empty()) {
    const auto digest = DigestFromHex(query.report_digest);
    if (!digest) return Error{ErrorKind::kInvalid, "report_digest: expected 64 hex digits"};
    conditions->Add("t.report=?", *digest);
  }
  if (!query.message_id.empty()) conditions->Add("t.message_id=?", query.message_id);
  if (!query.sender.empty()) conditions->Add("t.sender=?", query.sender);
  if (!query.tenant.empty()) conditions->Add("t.tenant=?", query.tenant);
  if (query.handling) conditions->Add("t.handling=?", std::string(ToString(*query.handling)));
  if (query.disposition) {
    // The partial index is used only where its own condition is repeated.
    const bool none = *query.disposition == Disposition::kNone;
    conditions->Add(none ? "t.disposition=?" : "t.disposition<>'NONE' AND t.disposition=?",
                    std::string(ToString(*query.disposition)));
  }
  if (query.since) conditions->Add("t.received>=?", Count(*query.since));
  if (query.until) conditions->Add("t.received<?", Count(*query.until));
  if (!query.subject_part.empty()) {
    conditions->Add("t.subject LIKE ? ESCAPE '\\'", LikePattern(query.subject_part));
  }
  return {};
}

Result<std::vector<TraceRow>> ReadTraces(Statement& rows) {
  std::vector<TraceRow> traces;
  while (true) {
    const Result<bool> row = rows.Step();
    if (!row.ok()) return row.error();
    if (!*row) return traces;
    Result<TraceRow> trace = ReadTrace(rows);
    if (!trace.ok()) return trace.error();
    traces.push_back(*std::move(trace));
  }
}

// Those of the message, whichever report armed them: a forked message has several.
Result<std::vector<RetractionRow>> RetractionsOf(Database& database, const DecisionRecord& record) {
  Result<Statement> rows =
      database.Prepare("SELECT " + std::string(kRetractionColumns) +
                       " FROM message m JOIN retraction r ON r.message=m.id"
                       " LEFT JOIN outcome o ON o.retraction=r.id"
                       " WHERE m.tenant=? AND m.message_id=? AND m.instance=? ORDER BY r.id");
  if (!rows.ok()) return rows.error();
  rows->Bind(record.tenant, record.judgement.report.message_id, MessageInstance(record.judgement));
  std::vector<RetractionRow> retractions;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return retractions;
    Result<RetractionRow> retraction = ReadRetraction(*rows);
    if (!retraction.ok()) return retraction.error();
    retractions.push_back(*std::move(retraction));
  }
}

Result<TraceStory> ReadStory(Database& database, std::int64_t trace_id) {
  Result<Statement> rows =
      database.Prepare("SELECT " + std::string(kTraceColumns) +
                       ", c.record FROM trace t JOIN trace_record c ON c.trace=t.id WHERE t.id=?");
  if (!rows.ok()) return rows.error();
  const Result<bool> row = rows->Bind(trace_id).Step();
  if (!row.ok()) return row.error();
  if (!*row) return Error{ErrorKind::kNotFound, "no trace " + std::to_string(trace_id)};
  Result<TraceRow> trace = ReadTrace(*rows);
  if (!trace.ok()) return trace.error();
  Result<DecisionRecord> record = DecisionRecordFromJson(rows->Text(14));
  if (!record.ok()) return Within("trace " + std::to_string(trace_id), record.error());
  Result<std::vector<RetractionRow>> retractions = RetractionsOf(database, *record);
  if (!retractions.ok()) return retractions.error();
  return TraceStory{*std::move(trace), *std::move(record), *std::move(retractions)};
}

}  // namespace

Result<TraceRow> ReadTrace(const Statement& row) {
  TraceRow trace;
  trace.id = row.Integer(0);
  trace.received = row.AsTime(1);
  trace.tenant = row.Copy(2);
  trace.relay = row.Copy(3);
  trace.region = row.Copy(4);
  trace.report_digest = row.Copy(5);
  trace.message_id = row.Copy(6);
  trace.sender = row.Copy(7);
  trace.subject = row.Copy(8);
  const auto handling = HandlingFrom(row.Text(9));
  const auto disposition = DispositionFrom(row.Text(10));
  if (!handling || !disposition) {
    return Error{ErrorKind::kInvalid,
                 "trace " + std::to_string(trace.id) + ": unknown handling or disposition"};
  }
  trace.handling = *handling;
  trace.disposition = *disposition;
  trace.score = row.Real(11);
  trace.main_reason = row.Copy(12);
  trace.recipients = static_cast<int>(row.Integer(13));
  return trace;
}

namespace {

// Of a row of kRetractionColumns that is held.
std::string HeldFor(const Statement& row) {
  const std::string_view hold = row.Text(22);
  if (hold == "breaker" || hold == "job") return std::string(hold);
  return row.Text(8) == ToString(OutcomeKind::kProtected) ? "protected" : "doubt";
}

}  // namespace

Result<RetractionRow> ReadRetraction(const Statement& row) {
  RetractionRow retraction;
  retraction.id = row.Integer(0);
  retraction.recipient = row.Copy(1);
  const auto action = ActionFrom(row.Text(2));
  const auto mode = ModeFrom(row.Text(3));
  const auto state = RetractionStateFrom(row.Text(4));
  const Error unknown{ErrorKind::kInvalid, "retraction " + std::to_string(retraction.id) +
                                               ": unknown word in the ledger"};
  if (!action || !mode || !state) return unknown;
  retraction.action = *action;
  retraction.mode = *mode;
  retraction.state = *state;
  retraction.attempts = static_cast<int>(row.Integer(5));
  retraction.due = row.AsTime(6);
  retraction.last_error = row.Copy(7);
  const auto task = TaskFrom(row.Text(17));
  const auto origin = OriginFrom(row.Text(18));
  if (!task || !origin) return unknown;
  retraction.task = *task;
  retraction.origin = *origin;
  retraction.asked_by = row.Copy(19);
  retraction.reason = row.Copy(20);
  retraction.job = row.Integer(21);
  if (retraction.state == RetractionState::kHeld) retraction.held_for = HeldFor(row);
  if (row.IsNull(8)) return retraction;
  const auto kind = OutcomeKindFrom(row.Text(8));
  if (!kind) return unknown;
  retraction.outcome =
      Outcome{*kind,        row.Copy(9),  row.Copy(10), row.Copy(11),  row.Copy(12),
              row.Copy(13), row.Copy(14), row.Copy(15), row.AsTime(16)};
  return retraction;
}

namespace {

// The table whose rows are walked newest first from their own index. CROSS JOIN keeps SQLite
// from turning the loops round.
struct Walk {
  std::string_view from, id;
};

Walk WalkOf(const TraceQuery& query, bool by_feature) {
  if (by_feature && !query.recipient.empty()) {
    return {
        "trace_feature f CROSS JOIN trace_recipient p ON p.trace=f.trace"
        " CROSS JOIN trace t ON t.id=f.trace",
        "f.trace"};
  }
  if (by_feature) return {"trace_feature f CROSS JOIN trace t ON t.id=f.trace", "f.trace"};
  if (query.recipient.empty()) return {"trace t", "t.id"};
  return {"trace_recipient p CROSS JOIN trace t ON t.id=p.trace", "p.trace"};
}

// The first condition is that of the part, the second that of the key which is walked.
void AddKeys(const std::vector<std::uint64_t>& keys, Conditions* conditions) {
  if (keys.empty()) return;
  conditions->Add("f.part=?", std::int64_t{0});
  for (std::size_t i = 0; i < keys.size(); ++i) {
    conditions->Add(i == 0 ? "f.key=?" : kSharesFeature, static_cast<std::int64_t>(keys[i]));
  }
}

// Part by part, newest first, until there are enough.
Result<std::vector<TraceRow>> ReadParts(Statement& rows, const Parts& parts, std::size_t limit,
                                        Conditions* conditions) {
  std::vector<TraceRow> all;
  for (std::int64_t part = parts.newest; part >= parts.oldest && all.size() < limit; --part) {
    conditions->SetFirst(part);
    conditions->BindTo(&rows.Bind());
    Result<std::vector<TraceRow>> some = ReadTraces(rows);
    if (!some.ok()) return some;
    all.insert(all.end(), some->begin(), some->end());
  }
  if (all.size() > limit) all.resize(limit);
  return all;
}

Status AddConditions(Database& database, const TraceQuery& query, std::string_view id,
                     Conditions* conditions) {
  if (!query.recipient.empty()) conditions->Add("p.address=?", LowerAscii(query.recipient));
  if (query.before > 0) conditions->Add(std::string(id) + "<?", query.before);
  if (query.after > 0) conditions->Add(std::string(id) + ">?", query.after);
  if (query.like > 0) {
    const Result<std::vector<std::int64_t>> alike = RowsAlike(database, query);
    if (!alike.ok()) return alike.error();
    conditions->AddAnyOf(id, *alike);
  }
  return AddFilters(query, conditions);
}

}  // namespace

Result<std::vector<TraceRow>> SqliteLedger::Search(const TraceQuery& query) {
  const Result<std::vector<std::uint64_t>> keys = KeysWanted(query);
  if (!keys.ok()) return keys.error();
  const Walk walk = WalkOf(query, !keys->empty());
  const int limit = std::clamp(query.limit, 1, 1000);
  const std::lock_guard lock(reading_);
  Conditions conditions;
  AddKeys(*keys, &conditions);
  if (Status added = AddConditions(reader_, query, walk.id, &conditions); !added.ok()) {
    return added.error();
  }
  std::string sql = "SELECT " + std::string(kTraceColumns) + " FROM ";
  sql.append(walk.from).append(conditions.sql()).append(" ORDER BY ").append(walk.id);
  sql.append(" DESC LIMIT ").append(std::to_string(limit));
  Result<Statement> rows = reader_.Prepare(sql);
  if (!rows.ok()) return rows.error();
  if (!keys->empty()) {
    const Result<Parts> parts = PartsOf(reader_, query);
    if (!parts.ok()) return parts.error();
    return ReadParts(*rows, *parts, static_cast<std::size_t>(limit), &conditions);
  }
  conditions.BindTo(&*rows);
  return ReadTraces(*rows);
}

Result<TraceStory> SqliteLedger::Story(std::int64_t trace_id) {
  const std::lock_guard lock(reading_);
  return ReadStory(reader_, trace_id);
}

Result<LedgerCounts> SqliteLedger::Counts() {
  const std::lock_guard lock(reading_);
  Result<Statement> counts = reader_.Prepare(
      "SELECT (SELECT count(*) FROM trace), count(*) FILTER (WHERE state='armed'),"
      " count(*) FILTER (WHERE state='claimed'), count(*) FILTER (WHERE state='held'),"
      " count(*) FILTER (WHERE state='final') FROM retraction");
  if (!counts.ok()) return counts.error();
  const Result<bool> row = counts->Step();
  if (!row.ok()) return row.error();
  return LedgerCounts{counts->Integer(0), counts->Integer(1), counts->Integer(2),
                      counts->Integer(3), counts->Integer(4)};
}

}  // namespace clawback
