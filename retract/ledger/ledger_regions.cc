// SPDX-License-Identifier: Apache-2.0
// The account of regions, from the trace: one pass over the rows of its time.
#include "retract/ledger/pruned.h"
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

// INDEXED BY: where the index is gone it is an error, not an hour. ?3 is the tenant.
constexpr std::string_view kCounts =
    "SELECT tenant, relay, region, address_region, region_policy, region_standing, count(*)"
    " FROM trace INDEXED BY trace_received WHERE received>=?1 AND received<?2"
    " AND (?3='' OR tenant=?3) GROUP BY tenant, region, relay, address_region, region_policy,"
    " region_standing ORDER BY tenant, region, relay, address_region, region_policy,"
    " region_standing";

constexpr std::string_view kViolations =
    "SELECT id, received, tenant, relay, region, address_region, region_policy,"
    " lower(hex(report)), message_id FROM trace INDEXED BY trace_received"
    " WHERE received>=?1 AND received<?2 AND (?3='' OR tenant=?3)"
    " AND region_standing='violation' ORDER BY received, id LIMIT ?4";

Result<RegionCount> ReadCount(const Statement& row) {
  RegionCount count{row.Copy(0), row.Copy(1), row.Copy(2), row.Copy(3), row.Copy(4), {}, 0};
  const auto standing = RegionStandingFrom(row.Text(5));
  if (!standing) {
    return Error{ErrorKind::kInvalid, "trace: unknown region_standing in the ledger"};
  }
  count.standing = *standing;
  count.reports = row.Integer(6);
  return count;
}

Result<RegionViolation> ReadViolation(const Statement& row) {
  return RegionViolation{row.Integer(0), row.AsTime(1), row.Copy(2), row.Copy(3), row.Copy(4),
                         row.Copy(5),    row.Copy(6),   row.Copy(7), row.Copy(8)};
}

template <typename T>
Status ReadAll(Statement& rows, Result<T> (*read)(const Statement&), std::vector<T>* out) {
  while (true) {
    const Result<bool> row = rows.Step();
    if (!row.ok()) return row.error();
    if (!*row) return {};
    Result<T> one = read(rows);
    if (!one.ok()) return one.error();
    out->push_back(*std::move(one));
  }
}

}  // namespace

Result<RegionAccount> SqliteLedger::Regions(const RegionQuery& query) {
  RegionAccount account;
  // A connection of its own, for a month of a large relay takes many seconds, and searches
  // shall not wait for it. BEGIN: counts and violations are of one moment.
  Result<Database> reader = Database::Open(writer_.path(), OpenMode::kReadOnly);
  if (!reader.ok()) return reader.error();
  if (Status begun = reader->Execute("BEGIN"); !begun) return begun.error();
  const Result<Time> pruned = PrunedUntil(*reader);
  if (!pruned.ok()) return pruned.error();
  account.pruned_until = *pruned;
  Result<Statement> counts = reader->Prepare(kCounts);
  if (!counts.ok()) return counts.error();
  counts->Bind(query.from, query.until, query.tenant);
  if (Status read = ReadAll(*counts, ReadCount, &account.counts); !read) return read.error();
  bool any = false;
  for (const RegionCount& count : account.counts) {
    any = any || count.standing == RegionStanding::kViolation;
  }
  if (!any) return account;
  Result<Statement> rows = reader->Prepare(kViolations);
  if (!rows.ok()) return rows.error();
  rows->Bind(query.from, query.until, query.tenant,
             static_cast<std::int64_t>(RegionAccount::kMostViolations));
  if (Status read = ReadAll(*rows, ReadViolation, &account.violations); !read) return read.error();
  return account;
}

}  // namespace clawback
