// SPDX-License-Identifier: Apache-2.0
// The settings' side of the SQLite ledger: every version whole, the newest in force.
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

Result<Settings> Newest(Database& database) {
  Result<Statement> row =
      database.Prepare("SELECT document FROM settings ORDER BY version DESC LIMIT 1");
  if (!row) return row.error();
  const Result<bool> found = row->Bind().Step();
  if (!found) return found.error();
  if (!*found) return Settings{};
  return SettingsFromJson(row->Text(0));
}

}  // namespace

Result<Settings> SqliteLedger::CurrentSettings() {
  const std::lock_guard lock(reading_);
  return Newest(reader_);
}

Status SqliteLedger::ChangeSettings(const Settings& next, const AuditNote& note) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction) return transaction.error();
  const Result<Settings> current = Newest(writer_);
  if (!current) return current.error();
  if (next.version != current->version + 1) {
    return Error{ErrorKind::kTransient, "the settings were changed meanwhile, ask again"};
  }
  Status kept = writer_.Run(
      "INSERT INTO settings(version, at, who, why, document, tenant) VALUES(?,?,?,?,?,?)",
      next.version, SystemClock().Now(), ToString(note.who), note.why, ToJson(next), note.tenant);
  if (!kept) return kept;
  return CommitAudited(*transaction, note);
}

}  // namespace clawback
