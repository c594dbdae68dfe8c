// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/trace_features.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>
#include <string>

#include "policy/base/text.h"
#include "policy/message/hunt_features.h"
#include "policy/message/web_address.h"

namespace clawback {
namespace {

constexpr std::int64_t kPartRows = 1 << 12;
// Rows whose texts are compared for one search: their records are read for it.
constexpr std::size_t kMostCompared = 5000;
constexpr double kAlike = 0.5;

std::int64_t Stored(std::uint64_t key) { return static_cast<std::int64_t>(key); }

Error Wanted(std::string_view field, std::string_view expected) {
  return {ErrorKind::kInvalid, std::string(field) + ": expected " + std::string(expected)};
}

std::optional<std::uint64_t> KeyFromHex(std::string_view hex) {
  std::uint64_t key = 0;
  const char* end = hex.data() + hex.size();
  const auto [stop, error] = std::from_chars(hex.data(), end, key, 16);
  if (hex.size() != 16 || error != std::errc() || stop != end) return std::nullopt;
  return key;
}

Result<std::uint64_t> KeyOfUrl(const std::string& url) {
  if (const auto key = KeyFromHex(url)) return *key;
  const std::string host = HostOf(url);
  if (host.empty() || !IsAscii(host)) {
    return Wanted("url",
                  "an address such as https://example.com/path, its host in ASCII"
                  " (xn--...), or a key of 16 hexadecimal digits");
  }
  return HuntKey(HuntKind::kUrl, NormalAddress(url, host));
}

Result<Fingerprint> PrintOf(Database& database, std::int64_t trace) {
  Result<Statement> row = database.Prepare("SELECT record FROM trace_record WHERE trace=?");
  if (!row.ok()) return row.error();
  const Result<bool> found = row->Bind(trace).Step();
  if (!found.ok()) return found.error();
  if (!*found) return Error{ErrorKind::kNotFound, "no trace " + std::to_string(trace)};
  Result<DecisionRecord> record = DecisionRecordFromJson(row->Text(0));
  if (!record.ok()) return Within("trace " + std::to_string(trace), record.error());
  return std::move(record->judgement.fingerprint);
}

constexpr std::string_view kCandidates =
    "SELECT trace FROM trace_feature WHERE part=? AND trace<? AND trace>?"
    " AND key IN (SELECT value FROM json_each(?))"
    " GROUP BY trace HAVING count(*)>=? ORDER BY trace DESC";

std::string ListOf(const std::vector<std::uint64_t>& keys) {
  std::string list;
  for (const std::uint64_t key : keys) {
    list += (list.empty() ? "[" : ",") + std::to_string(Stored(key));
  }
  return list + "]";
}

// Rows of one part that share enough of the keys, newest first.
Result<std::vector<std::int64_t>> Candidates(Statement& statement, std::int64_t part,
                                             const std::string& keys, std::int64_t shared,
                                             const TraceQuery& query) {
  const std::int64_t before =
      query.before > 0 ? query.before : std::numeric_limits<std::int64_t>::max();
  statement.Bind(part, before, query.after, keys, shared);
  std::vector<std::int64_t> rows;
  while (true) {
    const Result<bool> row = statement.Step();
    if (!row.ok()) return row.error();
    if (!*row) return rows;
    rows.push_back(statement.Integer(0));
  }
}

}  // namespace

Status InsertFeatures(Database& database, std::int64_t trace, const Judgement& judgement) {
  Result<Statement> insert =
      database.Prepare("INSERT OR IGNORE INTO trace_feature(part, key, trace) VALUES(?,?,?)");
  if (!insert.ok()) return insert.error();
  for (const std::uint64_t key : HuntKeysOf(judgement.hunt, judgement.fingerprint)) {
    if (Status kept = insert->Bind(trace / kPartRows, Stored(key), trace).Run(); !kept.ok()) {
      return kept;
    }
  }
  return {};
}

Status DeleteFeature(Database& database, std::int64_t trace, std::uint64_t key) {
  return database.Run("DELETE FROM trace_feature WHERE part=? AND key=? AND trace=?",
                      trace / kPartRows, Stored(key), trace);
}

Result<Parts> PartsOf(Database& database, const TraceQuery& query) {
  const Result<std::int64_t> newest = database.Number("SELECT max(part) FROM trace_feature");
  if (!newest.ok()) return newest.error();
  // Those before were pruned.
  const Result<std::int64_t> oldest = database.Number("SELECT min(part) FROM trace_feature");
  if (!oldest.ok()) return oldest.error();
  Parts parts{std::max(*oldest, query.after / kPartRows), *newest};
  if (query.before > 0) parts.newest = std::min(parts.newest, query.before / kPartRows);
  return parts;
}

Result<std::vector<std::uint64_t>> KeysWanted(const TraceQuery& query) {
  std::vector<std::uint64_t> keys;
  if (!query.url.empty()) {
    const Result<std::uint64_t> key = KeyOfUrl(query.url);
    if (!key.ok()) return key.error();
    keys.push_back(*key);
  }
  if (!query.file.empty()) {
    const std::string file = LowerAscii(query.file);
    if (!DigestFromHex(file)) return Wanted("file", "the 64 hexadecimal digits of a SHA-256");
    keys.push_back(HuntKey(HuntKind::kFile, file));
  }
  if (!query.host.empty()) {
    if (!IsAscii(query.host) || query.host.find_first_of("/:@ ") != std::string::npos) {
      return Wanted("host", "a host such as www.example.com, in ASCII (xn--...)");
    }
    keys.push_back(HuntKey(HuntKind::kHost, LowerAscii(query.host)));
  }
  if (!query.subject_key.empty()) {
    const std::string key = SubjectKey(LowerAscii(query.subject_key));
    keys.push_back(HuntKey(HuntKind::kSubject, key));
  }
  return keys;
}

Result<std::vector<std::int64_t>> RowsAlike(Database& database, const TraceQuery& query) {
  const Result<Fingerprint> wanted = PrintOf(database, query.like);
  if (!wanted.ok()) return wanted.error();
  const std::vector<std::uint64_t> keys = TextKeysOf(*wanted);
  if (keys.empty()) return Wanted("like", "a message with a text of three words or more");
  const Result<Parts> parts = PartsOf(database, query);
  if (!parts.ok()) return parts.error();
  Result<Statement> statement = database.Prepare(kCandidates);
  if (!statement.ok()) return statement.error();
  // Half of the triples in common: hardly one in 25 pairs has less than two of eight keys.
  const std::int64_t shared = keys.size() < 4 ? 1 : 2;
  const std::string list = ListOf(keys);
  std::vector<std::int64_t> alike;
  std::size_t compared = 0;
  for (std::int64_t part = parts->newest; part >= parts->oldest; --part) {
    const auto candidates = Candidates(*statement, part, list, shared, query);
    if (!candidates.ok()) return candidates.error();
    for (const std::int64_t trace : *candidates) {
      if (alike.size() == TraceQuery::kMostAlike || ++compared > kMostCompared) return alike;
      const Result<Fingerprint> print = PrintOf(database, trace);
      const bool pruned = !print.ok() && print.error().kind == ErrorKind::kNotFound;
      if (pruned) continue;  // since its part was read
      if (!print.ok()) return print.error();
      if (SimilarityOf(*wanted, *print) >= kAlike) alike.push_back(trace);
    }
  }
  return alike;
}

}  // namespace clawback
