// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/old_messages.h"

#include <limits>
#include <set>
#include <utility>

#include "policy/message/hunt_features.h"
#include "retract/ledger/number_of.h"
#include "retract/ledger/pruned.h"
#include "retract/ledger/sqlite_ledger.h"
#include "retract/ledger/trace_features.h"

namespace clawback {
namespace {

// Rows are written as they come. What a clock that was wrong made old is no older than the
// rows before it: it waits until the first one that is not old stands behind it.
Result<std::int64_t> FirstNotOld(Database& database, Time before) {
  Result<Statement> found = database.Prepare(
      "SELECT id FROM trace INDEXED BY trace_received WHERE received>=? ORDER BY received, id"
      " LIMIT 1");
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(before).Step();
  if (!row.ok()) return row.error();
  return *row ? found->Integer(0) : std::numeric_limits<std::int64_t>::max();
}

Result<std::int64_t> FindMessage(Database& database, const OldMessage& old) {
  return NumberOf(database, "SELECT id FROM message WHERE tenant=? AND message_id=? AND instance=?",
                  old.tenant, old.message_id, old.instance);
}

Result<bool> IsNeeded(Database& database, std::int64_t message, Time before) {
  static const std::string kNeeded =
      "SELECT EXISTS(SELECT 1 FROM retraction r LEFT JOIN outcome o ON o.retraction=r.id"
      " WHERE r.message=?2 AND (r.state<>'final' OR r.armed>=?1 OR r.due>=?1 OR o.at>=?1"
      " OR EXISTS(SELECT 1 FROM act_of b JOIN act a ON a.id=b.act"
      "  WHERE b.retraction=r.id AND a.at>=?1)))"
      " OR EXISTS(SELECT 1 FROM job_item i JOIN job j ON j.id=i.job WHERE i.message=?2"
      " AND NOT (" +
      std::string(kJobIsOver) + "))";
  const auto needed = NumberOf(database, kNeeded, before, message);
  if (!needed.ok()) return needed.error();
  return *needed != 0;
}

struct OldRetraction {
  std::int64_t id = 0;
  std::string recipient_key;
  bool automatic = false;
};

Result<std::vector<OldRetraction>> RetractionsOf(Database& database, std::int64_t message,
                                                 std::size_t most) {
  Result<Statement> rows = database.Prepare(
      "SELECT id, recipient_key, origin='automatic' FROM retraction WHERE message=?"
      " ORDER BY id LIMIT ?");
  if (!rows.ok()) return rows.error();
  rows->Bind(message, static_cast<std::int64_t>(most));
  std::vector<OldRetraction> retractions;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return retractions;
    retractions.push_back({rows->Integer(0), rows->Copy(1), rows->Integer(2) != 0});
  }
}

Result<std::vector<std::int64_t>> ActsOf(Database& database, std::int64_t retraction) {
  Result<Statement> rows = database.Prepare("SELECT act FROM act_of WHERE retraction=?");
  if (!rows.ok()) return rows.error();
  rows->Bind(retraction);
  std::vector<std::int64_t> acts;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    if (!*row) return acts;
    acts.push_back(rows->Integer(0));
  }
}

// An act goes with the last retraction that is part of it.
Status TakeRetraction(Database& database, const OldMessage& old, const OldRetraction& retraction) {
  const auto acts = ActsOf(database, retraction.id);
  if (!acts.ok()) return acts.error();
  for (const std::string_view sql :
       {"DELETE FROM act_of WHERE retraction=?", "DELETE FROM outcome WHERE retraction=?",
        "DELETE FROM retraction WHERE id=?"}) {
    if (Status taken = database.Run(sql, retraction.id); !taken.ok()) return taken;
  }
  for (const std::int64_t act : *acts) {
    Status taken = database.Run(
        "DELETE FROM act WHERE id=?1 AND NOT EXISTS(SELECT 1 FROM act_of WHERE act=?1)", act);
    if (!taken.ok()) return taken;
  }
  if (!retraction.automatic) return {};
  return KeepPrunedRetraction(
      database, RetractionKey(old.tenant, old.message_id, old.instance, retraction.recipient_key));
}

// What was done about the message; false: there is more.
Result<bool> TakeRetractions(Database& database, std::int64_t message, const OldMessage& old,
                             std::size_t* left) {
  const auto retractions = RetractionsOf(database, message, *left);
  if (!retractions.ok()) return retractions.error();
  for (const OldRetraction& retraction : *retractions) {
    if (Status taken = TakeRetraction(database, old, retraction); !taken.ok()) {
      return taken.error();
    }
  }
  *left -= retractions->size();
  if (*left == 0) return false;
  Status taken = database.Run("DELETE FROM message WHERE id=?", message);
  if (!taken.ok()) return taken.error();
  return true;
}

Status TakePart(Database& database, const OldMessage& old, std::size_t part) {
  if (part >= old.addresses.size()) {
    return DeleteFeature(database, old.id, old.keys[part - old.addresses.size()]);
  }
  return database.Run("DELETE FROM trace_recipient WHERE address=? AND trace=?",
                      old.addresses[part], old.id);
}

Status TakeRow(Database& database, const OldMessage& old) {
  if (Status kept = KeepPrunedReport(database, old.report, old.tenant, old.received); !kept.ok()) {
    return kept;
  }
  Status taken = database.Run("DELETE FROM trace_record WHERE trace=?", old.id);
  return taken.ok() ? database.Run("DELETE FROM trace WHERE id=?", old.id) : taken;
}

}  // namespace

Result<OldMessages> ReadOldMessages(Database& database, const PruneCursor& from, Time before,
                                    std::size_t most) {
  const auto first_not_old = FirstNotOld(database, before);
  if (!first_not_old.ok()) return first_not_old.error();
  Result<Statement> rows = database.Prepare(
      "SELECT t.id, t.received, t.tenant, t.message_id, t.report, c.record"
      " FROM trace t INDEXED BY trace_received LEFT JOIN trace_record c ON c.trace=t.id"
      " WHERE t.received<? AND (t.received, t.id)>(?,?) AND t.id<?"
      " ORDER BY t.received, t.id LIMIT ?");
  if (!rows.ok()) return rows.error();
  rows->Bind(before, from.received, from.id, *first_not_old, static_cast<std::int64_t>(most));
  OldMessages old;
  for (std::size_t bytes = 0; bytes < kMostRead && old.messages.size() < most;) {
    const Result<bool> row = rows->Step();
    if (!row.ok()) return row.error();
    old.all = !*row;
    if (old.all) break;
    const Result<Digest> report = rows->AsDigest(4);
    OldMessage& message = old.messages.emplace_back();
    message.id = rows->Integer(0);
    message.received = rows->AsTime(1);
    message.tenant = rows->Copy(2);
    message.message_id = rows->Copy(3);
    if (!report.ok()) continue;
    message.report = *report;
    message.record = rows->Copy(5);
    bytes += message.record.size();
  }
  return old;
}

void Understand(OldMessage* old) {
  const Result<DecisionRecord> record = DecisionRecordFromJson(std::exchange(old->record, {}));
  if (!record.ok()) return;
  old->readable = true;
  old->instance = MessageInstance(record->judgement);
  const std::set<std::string> addresses = AddressesOf(*record);
  old->addresses.assign(addresses.begin(), addresses.end());
  old->keys = HuntKeysOf(record->judgement.hunt, record->judgement.fingerprint);
}

Result<Taken> TakeAway(Database& database, const OldMessage& old, Time before, std::size_t* part,
                       std::size_t* left) {
  if (!old.readable) return Taken::kUnreadable;
  const auto message = FindMessage(database, old);
  if (!message.ok()) return message.error();
  if (*message != 0) {
    const auto needed = IsNeeded(database, *message, before);
    if (!needed.ok()) return needed.error();
    if (*needed) return Taken::kNeeded;
    const auto all = TakeRetractions(database, *message, old, left);
    if (!all.ok()) return all.error();
    if (!*all) return Taken::kPart;
  }
  const std::size_t parts = old.addresses.size() + old.keys.size();
  for (; *part < parts; ++*part, --*left) {
    if (*left == 0) return Taken::kPart;
    if (Status taken = TakePart(database, old, *part); !taken.ok()) return taken.error();
  }
  if (Status taken = TakeRow(database, old); !taken.ok()) return taken.error();
  return Taken::kAll;
}

}  // namespace clawback
