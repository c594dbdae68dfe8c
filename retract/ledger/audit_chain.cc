// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/audit_chain.h"

#include <boost/json.hpp>

namespace clawback {
namespace {

constexpr std::size_t kMostFaults = 1000;

Status CheckNote(const AuditNote& note) {
  boost::system::error_code error;
  const boost::json::value evidence = boost::json::parse(note.evidence, error);
  if (note.what.empty()) return Error{ErrorKind::kInvalid, "audit: what was done is not said"};
  if (error || !evidence.is_object()) {
    return Error{ErrorKind::kInvalid, "audit of " + note.what + ": evidence is no JSON object"};
  }
  return {};
}

constexpr std::string_view kColumns =
    "SELECT sequence, at, kind, uid, name, what, tenant, target, why, evidence, previous, hash"
    " FROM audit";

Result<AuditEntry> ReadEntry(const Statement& row) {
  AuditEntry entry;
  entry.sequence = row.Integer(0);
  entry.at = row.AsTime(1);
  const Error damaged{ErrorKind::kInvalid, "cannot be read"};
  const auto kind = ActorKindFrom(row.Text(2));
  const auto previous = row.AsDigest(10);
  const auto hash = row.AsDigest(11);
  if (!kind || !previous || !hash) return damaged;
  entry.note.who = {*kind, row.Integer(3), row.Copy(4)};
  entry.note.what = row.Copy(5);
  entry.note.tenant = row.Copy(6);
  entry.note.target = row.Copy(7);
  entry.note.why = row.Copy(8);
  entry.note.evidence = row.Copy(9);
  entry.previous = *previous;
  entry.hash = *hash;
  return entry;
}

// One walk: what was seen last, and what is wrong.
class Walk {
 public:
  explicit Walk(std::optional<AuditHead> anchor) { check_.anchor = anchor; }

  void Pass(std::int64_t sequence, const Result<AuditEntry>& entry) {
    ++check_.entries;
    if (sequence != check_.head.sequence + 1) NoteGap(sequence);
    if (!entry) return PassDamaged(sequence, entry.error().what);
    const bool follows =
        entry->previous == check_.head.hash || sequence != check_.head.sequence + 1;
    if (!follows) {
      Add(sequence, "does not follow the entry before it: one of the two was changed or replaced");
    }
    if (HashOf(*entry) != entry->hash) Add(sequence, "was changed, or moved here from elsewhere");
    NoteAnchor(*entry);
    check_.head = {sequence, entry->hash};
  }

  AuditCheck End() {
    const auto& anchor = check_.anchor;
    if (!anchor) {
      Add(0, "audit.head is absent or unreadable: entries missing at the end cannot be found");
    } else if (anchor->sequence > check_.head.sequence) {
      Add(check_.head.sequence, "is the last, audit.head says " + std::to_string(anchor->sequence) +
                                    ": entries after it were dropped");
    }
    return std::move(check_);
  }

 private:
  void NoteGap(std::int64_t sequence) {
    for (std::int64_t lost = check_.head.sequence + 1; lost < sequence; ++lost) {
      if (check_.faults.size() >= kMostFaults) return;
      Add(lost, "was dropped");
    }
  }

  void PassDamaged(std::int64_t sequence, const std::string& what) {
    Add(sequence, what);
    check_.head = {sequence, {}};
  }

  void NoteAnchor(const AuditEntry& entry) {
    if (!check_.anchor || check_.anchor->sequence != entry.sequence) return;
    if (check_.anchor->hash != entry.hash) Add(entry.sequence, "is not the one audit.head says");
  }

  void Add(std::int64_t sequence, std::string what) {
    if (check_.faults.size() < kMostFaults) check_.faults.push_back({sequence, std::move(what)});
  }

  AuditCheck check_;
};

}  // namespace

Result<AuditHead> HeadOf(Database& database) {
  Result<Statement> last =
      database.Prepare("SELECT sequence, hash FROM audit ORDER BY sequence DESC LIMIT 1");
  if (!last) return last.error();
  const Result<bool> row = last->Bind().Step();
  if (!row) return row.error();
  if (!*row) return AuditHead{};
  const auto hash = last->AsDigest(1);
  if (!hash) return hash.error();
  return AuditHead{last->Integer(0), *hash};
}

Status AppendAudit(Database& database, const AuditNote& note, Time now) {
  if (Status sound = CheckNote(note); !sound) return sound;
  const Result<AuditHead> head = HeadOf(database);
  if (!head) return head.error();
  AuditEntry entry{head->sequence + 1, now, note, head->hash, {}};
  entry.hash = HashOf(entry);
  return database.Run(
      "INSERT INTO audit(sequence, at, kind, uid, name, what, tenant, target, why, evidence,"
      " previous, hash) VALUES(?,?,?,?,?,?,?,?,?,?,?,?)",
      entry.sequence, entry.at, ToString(note.who.kind), note.who.uid, note.who.name, note.what,
      note.tenant, note.target, note.why, note.evidence, entry.previous, entry.hash);
}

Result<std::vector<AuditEntry>> FindAudit(Database& database, const AuditQuery& query) {
  const auto count = [](std::optional<Time> time, std::int64_t otherwise) {
    return time ? std::int64_t{time->time_since_epoch().count()} : otherwise;
  };
  Result<Statement> rows =
      database.Prepare(std::string(kColumns) +
                       " WHERE (?1='' OR tenant=?1) AND (?2='' OR what=?2) AND at>=?3 AND at<?4"
                       " AND (?5=0 OR sequence<?5) ORDER BY sequence DESC LIMIT ?6");
  if (!rows) return rows.error();
  rows->Bind(query.tenant, query.what, count(query.since, INT64_MIN), count(query.until, INT64_MAX),
             query.before, query.limit);
  std::vector<AuditEntry> entries;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return entries;
    Result<AuditEntry> entry = ReadEntry(*rows);
    if (!entry) {
      return Within(
          "audit entry " + std::to_string(rows->Integer(0)) + " (clawback audit verify tells more)",
          entry.error());
    }
    entries.push_back(*std::move(entry));
  }
}

Result<AuditCheck> WalkAudit(Database& database, std::optional<AuditHead> anchor) {
  Result<Statement> rows = database.Prepare(std::string(kColumns) + " ORDER BY sequence");
  if (!rows) return rows.error();
  rows->Bind();
  Walk walk(anchor);
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return walk.End();
    walk.Pass(rows->Integer(0), ReadEntry(*rows));
  }
}

}  // namespace clawback
