// SPDX-License-Identifier: Apache-2.0
// What subscribers read of the SQLite ledger.
#include <algorithm>

#include "retract/ledger/audit_chain.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

// A page ends at either: subjects come from mail and may be long.
constexpr std::int64_t kMostLooked = 200;
constexpr std::size_t kMostBytes = 256UL << 10;

// The change as it is written down, before what it tells of is read.
struct Noted {
  LedgerChange change;
  std::int64_t subject = 0;
  std::string state;
};

Error Gone(const Noted& noted) {
  return {ErrorKind::kNotFound, std::string(ToString(noted.change.kind)) + " " +
                                    std::to_string(noted.subject) + " is not kept any more"};
}

Result<std::vector<Noted>> NotedAfter(Database& database, std::int64_t after) {
  Result<Statement> rows = database.Prepare(
      "SELECT id, kind, tenant, subject, state FROM change WHERE id>? ORDER BY id LIMIT ?");
  if (!rows) return rows.error();
  rows->Bind(after, kMostLooked);
  std::vector<Noted> all;
  while (true) {
    const Result<bool> row = rows->Step();
    if (!row) return row.error();
    if (!*row) return all;
    const auto kind = ChangeKindFrom(rows->Text(1));
    Noted& noted = all.emplace_back();
    noted.change = {rows->Integer(0), kind.value_or(ChangeKind::kRow), rows->Copy(2), {}};
    noted.subject = kind ? rows->Integer(3) : 0;  // no row has that id: told as gone
    noted.state = rows->Copy(4);
  }
}

Result<TraceRow> RowOf(Database& database, std::int64_t id, const Noted& noted) {
  Result<Statement> found =
      database.Prepare("SELECT " + std::string(kTraceColumns) + " FROM trace t WHERE t.id=?");
  if (!found) return found.error();
  const Result<bool> row = found->Bind(id).Step();
  if (!row) return row.error();
  if (!*row) return Gone(noted);
  return ReadTrace(*found);
}

Result<OutcomeChange> OutcomeOf(Database& database, const Noted& noted) {
  Result<Statement> found =
      database.Prepare("SELECT " + std::string(kRetractionColumns) +
                       ", r.trace FROM retraction r LEFT JOIN outcome o ON o.retraction=r.id"
                       " WHERE r.id=?");
  if (!found) return found.error();
  const Result<bool> row = found->Bind(noted.subject).Step();
  if (!row) return row.error();
  if (!*row) return Gone(noted);
  Result<RetractionRow> retraction = ReadRetraction(*found);
  if (!retraction) return retraction.error();
  const auto state = RetractionStateFrom(noted.state);
  if (state) retraction->state = *state;
  OutcomeChange outcome{*std::move(retraction), std::nullopt};
  Result<TraceRow> armed_by = RowOf(database, found->Integer(kAfterRetraction), noted);
  if (armed_by) {
    outcome.row = *std::move(armed_by);
  } else if (armed_by.error().kind == ErrorKind::kTransient) {
    return armed_by.error();
  }
  return outcome;
}

Result<SettingsChange> SettingsOf(Database& database, const Noted& noted) {
  Result<Statement> found =
      database.Prepare("SELECT version, at, who, why FROM settings WHERE version=?");
  if (!found) return found.error();
  const Result<bool> row = found->Bind(noted.subject).Step();
  if (!row) return row.error();
  if (!*row) return Gone(noted);
  return SettingsChange{found->Integer(0), found->AsTime(1), found->Copy(2), found->Copy(3)};
}

Result<AuditEntry> EntryOf(Database& database, const Noted& noted) {
  AuditQuery query;
  query.limit = 1;
  query.before = noted.subject + 1;
  Result<std::vector<AuditEntry>> entries = FindAudit(database, query);
  if (!entries) return entries.error();
  if (entries->empty() || entries->front().sequence != noted.subject) return Gone(noted);
  return std::move(entries->front());
}

// What cannot be read now may be later, and fails the page; what is gone or damaged is
// told as that, for it must not stop everything behind it.
template <typename T>
Status Put(Result<T> read, LedgerChange* change) {
  if (read) {
    change->what = *std::move(read);
    return {};
  }
  if (read.error().kind == ErrorKind::kTransient) return read.error();
  change->what = read.error();
  return {};
}

Status ReadSubject(Database& database, Noted* noted) {
  switch (noted->change.kind) {
    case ChangeKind::kRow:
      return Put(RowOf(database, noted->subject, *noted), &noted->change);
    case ChangeKind::kOutcome:
      return Put(OutcomeOf(database, *noted), &noted->change);
    case ChangeKind::kSettings:
      return Put(SettingsOf(database, *noted), &noted->change);
    case ChangeKind::kAudit:
      return Put(EntryOf(database, *noted), &noted->change);
  }
  return {};
}

std::size_t SizeOf(const TraceRow& row) {
  return row.subject.size() + row.sender.size() + row.message_id.size();
}

// What mail or a person could have made long.
std::size_t SizeOf(const LedgerChange& change) {
  if (const auto* row = std::get_if<TraceRow>(&change.what)) return SizeOf(*row);
  if (const auto* outcome = std::get_if<OutcomeChange>(&change.what)) {
    return outcome->row ? SizeOf(*outcome->row) : 0;
  }
  if (const auto* entry = std::get_if<AuditEntry>(&change.what)) return entry->note.evidence.size();
  return 0;
}

bool Wanted(const ChangeQuery& query, const LedgerChange& change) {
  if (!query.tenant.empty() && query.tenant != change.tenant) return false;
  return query.kinds.empty() ||
         std::find(query.kinds.begin(), query.kinds.end(), change.kind) != query.kinds.end();
}

}  // namespace

Result<std::int64_t> SqliteLedger::NewestChange() {
  const std::lock_guard lock(following_);
  return changes_.Number("SELECT COALESCE(max(id), 0) FROM change");
}

Result<ChangePage> SqliteLedger::Changes(const ChangeQuery& query) {
  const std::lock_guard lock(following_);
  Result<std::vector<Noted>> noted = NotedAfter(changes_, query.after);
  if (!noted) return noted.error();
  ChangePage page{{}, query.after};
  std::size_t bytes = 0;
  for (Noted& one : *noted) {
    if (bytes >= kMostBytes) break;
    page.looked_to = one.change.position;
    if (!Wanted(query, one.change)) continue;
    if (Status read = ReadSubject(changes_, &one); !read) return read.error();
    bytes += SizeOf(one.change);
    page.changes.push_back(std::move(one.change));
  }
  return page;
}

}  // namespace clawback
