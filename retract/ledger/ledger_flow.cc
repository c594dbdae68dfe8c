// SPDX-License-Identifier: Apache-2.0
// The flow of reports in the SQLite ledger, counted by the hour.
#include <tuple>
#include <utility>

#include "policy/decide.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

constexpr milliseconds kHour = std::chrono::hours(1);

// Whether another report told of a message by the same Message-ID before.
Result<bool> IsFork(Database& database, std::int64_t trace, const DecisionRecord& record) {
  const std::string& message_id = record.judgement.report.message_id;
  if (message_id.empty()) return false;
  Result<Statement> other = database.Prepare(
      "SELECT 1 FROM trace WHERE message_id=? AND tenant=? AND id<>? AND handling='decided' LIMIT "
      "1");
  if (!other.ok()) return other.error();
  return other->Bind(message_id, record.tenant, trace).Step();
}

bool ShowsCertificate(const DecisionRecord& record) {
  for (const SourceCheck& check : record.source) {
    if (check.proof == Proof::kCertificateSubject) return check.met;
  }
  return !record.channel.certificate_subject.empty();  // recorded by an earlier release
}

Status CountReport(Database& database, std::int64_t trace, const DecisionRecord& record,
                   FlowCounts* counts) {
  const auto count = [&](FlowKind kind, std::string detail = "") {
    CountInto(counts, {record.tenant, kind, std::move(detail)}, record.received, kHour);
  };
  count(FlowKind::kReport);
  count(FlowKind::kToAddress, record.channel.service_address);
  if (!ShowsCertificate(record)) count(FlowKind::kNoCertificate);
  const Result<bool> fork = IsFork(database, trace, record);
  if (!fork.ok()) return fork.error();
  if (*fork) count(FlowKind::kFork);
  return {};
}

FlowKind KindOf(EngineOutcome outcome) {
  switch (outcome) {
    case EngineOutcome::kAnswered:
      return FlowKind::kEngineAnswered;
    case EngineOutcome::kRefused:
      return FlowKind::kEngineRefused;
    case EngineOutcome::kUnavailable:
      break;
  }
  return FlowKind::kEngineUnavailable;
}

}  // namespace

Status CountRecord(Database& database, std::int64_t trace, const DecisionRecord& record,
                   FlowCounts* counts) {
  const auto count = [&](FlowKind kind, std::string detail = "") {
    CountInto(counts, {record.tenant, kind, std::move(detail)}, record.received, kHour);
    return Status{};
  };
  for (const EngineAnswer& answer : record.judgement.engines) {
    CountInto(counts, {record.tenant, KindOf(answer.outcome), answer.engine}, record.received,
              kHour);
  }
  if (!record.channel.replayed_by.empty()) return count(FlowKind::kReplayed);
  switch (record.decision.handling) {
    case Handling::kDecided:
      return CountReport(database, trace, record, counts);
    case Handling::kUnauthentic: {
      const SourceCheck* unmet = FirstUnmet(record.source);
      return count(FlowKind::kUnauthentic,
                   unmet == nullptr ? "" : std::string(ToString(unmet->proof)));
    }
    case Handling::kMalformed:
    case Handling::kParked:
      return count(FlowKind::kMalformed);
    case Handling::kConnectorValidation:
      return count(FlowKind::kConnectorValidation);
    case Handling::kPlainMessage:
    case Handling::kUndeliverableReport:
    case Handling::kUnsupported:
      return {};
  }
  return {};
}

Status AddFlow(Database& database, const FlowCounts& counts) {
  for (const auto& [key, counted] : counts) {
    Status added = database.Run(
        "INSERT INTO flow(tenant, kind, detail, hour, count, last) VALUES(?,?,?,?,?,?)"
        " ON CONFLICT DO UPDATE SET count=count+excluded.count, last=max(last, excluded.last)",
        key.tenant, ToString(key.kind), key.detail, BeginOf(key.since, kHour), counted.count,
        counted.last);
    if (!added.ok()) return added;
  }
  return {};
}

Result<SegmentPosition> SqliteLedger::CountsFollowedTo(std::string_view relay) {
  const std::lock_guard lock(writing_);
  return PositionOf(writer_, "followed_counts", relay);
}

Status SqliteLedger::IngestCounts(std::string_view relay, std::span<const FollowedCount> counts) {
  if (counts.empty()) return {};
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  const Result<SegmentPosition> reached = PositionOf(writer_, "followed_counts", relay);
  if (!reached.ok()) return reached.error();
  // What was ingested before must not count twice.
  for (const FollowedCount& followed : counts) {
    const SegmentPosition& position = followed.position;
    if (std::tie(position.segment, position.sequence) <=
        std::tie(reached->segment, reached->sequence)) {
      continue;
    }
    if (Status added = AddFlow(writer_, {{followed.key, followed.counted}}); !added.ok()) {
      return added;
    }
  }
  if (Status moved = MovePosition(writer_, "followed_counts", relay, counts.back().position);
      !moved.ok()) {
    return moved;
  }
  return transaction->Commit();
}

Result<FlowCounts> SqliteLedger::Flow(std::string_view tenant, Time since) {
  const std::lock_guard lock(reading_);
  Result<Statement> rows = reader_.Prepare(
      "SELECT kind, detail, hour, count, last FROM flow f WHERE tenant=?1 AND (hour>=?2 OR hour="
      "(SELECT max(hour) FROM flow n WHERE n.tenant=f.tenant AND n.kind=f.kind AND"
      " n.detail=f.detail))");
  if (!rows.ok()) return rows.error();
  rows->Bind(tenant, since);
  FlowCounts counts;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return counts;
    const auto kind = FlowKindFrom(rows->Text(0));
    if (!kind) continue;
    counts[{std::string(tenant), *kind, rows->Copy(1), rows->AsTime(2)}] = {rows->Integer(3),
                                                                            rows->AsTime(4)};
  }
}

Status SqliteLedger::ForgetFlow(Time before) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  Status forgotten = writer_.Run(
      "DELETE FROM flow WHERE hour<?1 AND hour<(SELECT max(hour) FROM flow n WHERE"
      " n.tenant=flow.tenant AND n.kind=flow.kind AND n.detail=flow.detail)",
      before);
  if (!forgotten.ok()) return forgotten;
  return transaction->Commit();
}

}  // namespace clawback
