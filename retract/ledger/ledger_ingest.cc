// SPDX-License-Identifier: Apache-2.0
// The follower's side of the SQLite ledger.
#include <algorithm>
#include <set>

#include "policy/base/log.h"
#include "policy/base/text.h"
#include "policy/verdict_rules.h"
#include "retract/ledger/audit_chain.h"
#include "retract/ledger/brake.h"
#include "retract/ledger/private_files.h"
#include "retract/ledger/pruned.h"
#include "retract/ledger/schema.h"
#include "retract/ledger/sqlite_ledger.h"
#include "retract/ledger/tenure.h"
#include "retract/ledger/trace_features.h"

namespace clawback {
namespace {

// "" where nothing was recorded, which is not the same as strict.
std::string_view PolicyOf(const DecisionRecord& record) {
  return record.channel.address_region.empty() ? "" : ToString(record.region_rule.policy);
}

// True if the report is new to the ledger, which remembers those that it pruned; its row's id
// is then last_id().
Result<bool> InsertTrace(Database& database, const DecisionRecord& record) {
  const Judgement& judgement = record.judgement;
  const auto& decided = record.decision.recipients;
  const auto& named = judgement.report.recipients;
  const Status inserted = database.Run(
      "INSERT INTO trace(report, received, tenant, relay, region, message_id, sender, subject,"
      " handling, disposition, score, main_reason, recipients, address_region, region_policy,"
      " region_standing) SELECT ?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13,?14,?15,?16"
      " WHERE NOT EXISTS(SELECT 1 FROM pruned_report WHERE report=?1 AND tenant=?3)"
      " ON CONFLICT DO NOTHING",
      record.report_digest, record.received, record.tenant, record.relay, record.region,
      judgement.report.message_id, judgement.report.sender, judgement.report.subject,
      ToString(record.decision.handling), ToString(judgement.verdict.disposition),
      judgement.verdict.score, MainReason(judgement.verdict),
      static_cast<std::int64_t>(decided.empty() ? named.size() : decided.size()),
      record.channel.address_region, PolicyOf(record),
      ToString(StandingOf(record.relay, record.region, record.channel.address_region,
                          record.region_rule)));
  if (!inserted.ok()) return inserted.error();
  return database.changes() == 1;
}

Status InsertTraceParts(Database& database, std::int64_t trace, const DecisionRecord& record) {
  Status kept =
      database.Run("INSERT INTO trace_record(trace, record) VALUES(?,?)", trace, ToJson(record));
  for (const std::string& address : AddressesOf(record)) {
    if (!kept.ok()) return kept;
    kept = database.Run("INSERT INTO trace_recipient(address, trace) VALUES(?,?)", address, trace);
  }
  return kept.ok() ? InsertFeatures(database, trace, record.judgement) : kept;
}

// What all retractions of one report have in common.
struct ArmedBy {
  const DecisionRecord& record;
  const std::string& instance;
  std::int64_t trace = 0, message = 0;
  bool braked = false;
  Time now{};
};

// True if it is the first of its message and recipient.
Result<bool> InsertRetraction(Database& database, const ArmedBy& by,
                              const RecipientDecision& recipient, RetractionState state) {
  const bool held = state == RetractionState::kHeld;
  // Due since it was received, so that the longest waiting goes first.
  const Status armed = database.Run(
      "INSERT INTO retraction(message, recipient_key, recipient, action, mode, state, armed, due,"
      " trace, tenant, hold, last_error) VALUES(?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING",
      by.message, LowerAscii(recipient.address), recipient.address, ToString(recipient.action),
      ToString(by.record.decision.mode), ToString(state), by.now,
      std::min(by.record.received, by.now), by.trace, by.record.tenant, held ? "breaker" : "",
      held ? kHeldByBreaker : "");
  if (!armed.ok()) return armed.error();
  return database.changes() == 1;
}

// Another report of what was carried out and is not kept any more: a person may have put the
// message back since.
Status NoteCarriedOutBefore(Database& database, const ArmedBy& by,
                            const RecipientDecision& recipient) {
  const auto noted = InsertRetraction(database, by, recipient, RetractionState::kFinal);
  if (!noted.ok()) return noted.error();
  if (!*noted) return {};
  return database.Run(
      "INSERT INTO outcome(retraction, kind, detail, mailbox_id, item_ids, folder_before,"
      " folder_before_id, folder_after, request_id, at) VALUES(?,?,?,'','','','','','',?)",
      database.last_id(), ToString(OutcomeKind::kBlocked),
      "left alone: an earlier report armed it, longer ago than is kept (sidecar.retention)",
      by.now);
}

Status ArmOne(Database& database, const ArmedBy& by, const RecipientDecision& recipient) {
  const Digest key = RetractionKey(by.record.tenant, by.record.judgement.report.message_id,
                                   by.instance, LowerAscii(recipient.address));
  const Result<bool> before = IsPrunedRetraction(database, key);
  if (!before.ok()) return before.error();
  if (*before) return NoteCarriedOutBefore(database, by, recipient);
  const auto armed = InsertRetraction(database, by, recipient,
                                      by.braked ? RetractionState::kHeld : RetractionState::kArmed);
  return armed.ok() ? Status() : armed.error();
}

Status ArmRetractions(Database& database, std::int64_t trace, const DecisionRecord& record,
                      Time now) {
  const auto& recipients = record.decision.recipients;
  const bool any = std::any_of(recipients.begin(), recipients.end(), [](const auto& recipient) {
    return recipient.action != Action::kNone;
  });
  if (!any) return {};
  const Result<std::int64_t> message = MessageOf(database, record);
  if (!message.ok()) return message.error();
  const Result<bool> tripped = IsTripped(database, record.tenant);
  if (!tripped.ok()) return tripped.error();
  const bool braked = *tripped && record.decision.mode == Mode::kEnforce;
  const std::string instance = MessageInstance(record.judgement);
  const ArmedBy by{record, instance, trace, *message, braked, now};
  for (const RecipientDecision& recipient : recipients) {
    if (recipient.action == Action::kNone) continue;
    if (Status armed = ArmOne(database, by, recipient); !armed.ok()) return armed;
  }
  return {};
}

Status IngestOne(Database& database, const DecisionRecord& record, Time now, FlowCounts* flow) {
  const Result<bool> fresh = InsertTrace(database, record);
  if (!fresh.ok()) return fresh.error();
  if (!*fresh) return {};
  const std::int64_t trace = database.last_id();
  if (Status kept = InsertTraceParts(database, trace, record); !kept.ok()) return kept;
  if (Status counted = CountInbound(database, record, now); !counted.ok()) return counted;
  if (Status counted = CountRecord(database, trace, record, flow); !counted.ok()) return counted;
  return ArmRetractions(database, trace, record, now);
}

}  // namespace

std::set<std::string> AddressesOf(const DecisionRecord& record) {
  std::set<std::string> addresses;
  for (const Recipient& recipient : record.judgement.report.recipients) {
    addresses.insert(LowerAscii(recipient.address));
    if (!recipient.original.empty()) addresses.insert(LowerAscii(recipient.original));
  }
  for (const RecipientDecision& recipient : record.decision.recipients) {
    addresses.insert(LowerAscii(recipient.address));
  }
  return addresses;
}

std::string MessageInstance(const Judgement& judgement) {
  const std::string& reported = judgement.report.network_message_id;
  const std::string& id = reported.empty() ? judgement.fingerprint.network_message_id : reported;
  if (!id.empty()) return "network:" + LowerAscii(id);
  return "fingerprint:" + KeyOf(judgement.fingerprint);
}

Result<std::int64_t> MessageOf(Database& database, const DecisionRecord& record) {
  const std::string& message_id = record.judgement.report.message_id;
  const std::string instance = MessageInstance(record.judgement);
  const Status inserted = database.Run(
      "INSERT INTO message(tenant, message_id, instance, fingerprint, received)"
      " VALUES(?,?,?,?,?) ON CONFLICT DO NOTHING",
      record.tenant, message_id, instance, ToJson(record.judgement.fingerprint), record.received);
  if (!inserted.ok()) return inserted.error();
  Result<Statement> found =
      database.Prepare("SELECT id FROM message WHERE tenant=? AND message_id=? AND instance=?");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(record.tenant, message_id, instance).Step();
  if (!row.ok()) return row.error();
  return found->Integer(0);
}

Result<SegmentPosition> PositionOf(Database& database, std::string_view table,
                                   std::string_view relay) {
  Result<Statement> found =
      database.Prepare("SELECT segment, sequence FROM " + std::string(table) + " WHERE relay=?");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(relay).Step();
  if (!row.ok()) return row.error();
  if (!*row) return SegmentPosition{};
  return SegmentPosition{found->Copy(0), found->Integer(1)};
}

Status MovePosition(Database& database, std::string_view table, std::string_view relay,
                    const SegmentPosition& position) {
  return database.Run("INSERT INTO " + std::string(table) +
                          "(relay, segment, sequence) VALUES(?1,?2,?3) ON CONFLICT DO UPDATE"
                          " SET segment=?2, sequence=?3 WHERE (segment, sequence) < (?2, ?3)",
                      relay, position.segment, position.sequence);
}

Result<SegmentPosition> SqliteLedger::FollowedTo(std::string_view relay) {
  const std::lock_guard lock(writing_);
  return PositionOf(writer_, "followed", relay);
}

Status SqliteLedger::Ingest(std::string_view relay, std::span<const FollowedRecord> records) {
  if (records.empty()) return {};
  const Time now = SystemClock().Now();
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  FlowCounts flow;
  for (const FollowedRecord& followed : records) {
    if (Status done = IngestOne(writer_, followed.record, now, &flow); !done.ok()) {
      return Within(
          followed.position.segment + " row " + std::to_string(followed.position.sequence),
          done.error());
    }
  }
  if (Status added = AddFlow(writer_, flow); !added.ok()) return added;
  if (Status moved = MovePosition(writer_, "followed", relay, records.back().position);
      !moved.ok()) {
    return moved;
  }
  return transaction->Commit();
}

Status SqliteLedger::KeepTenure(Time ends) {
  const std::lock_guard lock(writing_);
  return ProlongTenure(writer_, ends);
}

Result<std::unique_ptr<Ledger>> OpenSqliteLedger(const std::string& folder, milliseconds tenure) {
  if (Status ready = PrepareFolder(folder, kOwnerOnly); !ready.ok()) return ready.error();
  Result<FileDescriptor> lock = EnterTenure(folder + "/ledger.lock");
  if (!lock.ok()) return lock.error();
  const std::string path = folder + "/ledger.db";
  if (Status ready = PrepareFile(path, kOwnerOnly); !ready.ok()) return ready.error();
  if (Status synced = SyncPath(folder); !synced.ok()) return synced.error();
  Result<Database> writer = Database::Open(path, OpenMode::kReadWrite);
  if (!writer.ok()) return writer.error();
  if (Status log = UseDurableLog(*writer); !log.ok()) return log.error();
  // What is pruned does not stay in the file, however SQLite was built.
  if (Status set = writer->Execute("PRAGMA secure_delete=ON"); !set.ok()) return set.error();
  const Time now = SystemClock().Now();
  if (Status vacant = CheckVacant(*writer, lock->get(), now); !vacant.ok()) return vacant.error();
  if (Status migrated = Migrate(*writer, LedgerSchema()); !migrated.ok()) return migrated.error();
  if (Status begun = BeginTenure(*writer, lock->get(), now, now + tenure); !begun.ok()) {
    return begun.error();
  }
  // A power cut may have come between a commit and its anchor.
  if (Status moved = MoveAnchor(*writer, AnchorIn(folder)); !moved) {
    Log(Severity::kError, "audit-not-anchored", {{"error", moved.error().what}});
  }
  Result<Database> reader = Database::Open(path, OpenMode::kReadOnly);
  if (!reader.ok()) return reader.error();
  Result<Database> changes = Database::Open(path, OpenMode::kReadOnly);
  if (!changes.ok()) return changes.error();
  return std::unique_ptr<Ledger>(
      std::make_unique<SqliteLedger>(*std::move(lock), AnchorIn(folder), *std::move(writer),
                                     *std::move(reader), *std::move(changes)));
}

}  // namespace clawback
