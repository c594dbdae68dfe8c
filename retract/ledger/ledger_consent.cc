// SPDX-License-Identifier: Apache-2.0
// Consent that was asked for and not yet given, in the SQLite ledger.
#include "retract/ledger/sqlite_ledger.h"

namespace clawback {
namespace {

Status DropConsents(Database& database, Time now, std::size_t most) {
  Status dropped = database.Run("DELETE FROM consent WHERE ends<=?", now);
  if (!dropped.ok()) return dropped;
  return database.Run(
      "DELETE FROM consent WHERE digest IN"
      " (SELECT digest FROM consent ORDER BY ends DESC LIMIT -1 OFFSET ?)",
      static_cast<std::int64_t>(most));
}

Result<AskedConsent> ReadConsent(const Statement& row) {
  const auto kind = ActorKindFrom(row.Text(1));
  if (!kind) return Error{ErrorKind::kInvalid, "unknown kind of asker in the ledger"};
  AskedConsent asked;
  asked.tenant = row.Copy(0);
  asked.asker = {*kind, row.Integer(2), row.Copy(3)};
  asked.ends = row.AsTime(4);
  return asked;
}

}  // namespace

Status SqliteLedger::KeepConsent(const Digest& state, const AskedConsent& asked, Time now) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  if (Status dropped = DropConsents(writer_, now, kMostConsents - 1); !dropped.ok()) return dropped;
  Status kept = writer_.Run(
      "INSERT INTO consent(digest, tenant, asked_kind, asked_uid, asked_name, ends)"
      " VALUES(?,?,?,?,?,?)",
      state, asked.tenant, ToString(asked.asker.kind), asked.asker.uid, asked.asker.name,
      asked.ends);
  if (!kept.ok()) return kept;
  return transaction->Commit();
}

Result<AskedConsent> SqliteLedger::TakeConsent(const Digest& state, Time now) {
  const std::lock_guard lock(writing_);
  Result<Transaction> transaction = Transaction::Begin(writer_);
  if (!transaction.ok()) return transaction.error();
  if (Status dropped = DropConsents(writer_, now, kMostConsents); !dropped.ok()) {
    return dropped.error();
  }
  Result<AskedConsent> asked = Error{ErrorKind::kNotFound, "no such consent was asked for"};
  {
    Result<Statement> found = writer_.Prepare(
        "SELECT tenant, asked_kind, asked_uid, asked_name, ends FROM consent WHERE digest=?");
    if (!found.ok()) return found.error();
    const Result<bool> row = found->Bind(state).Step();
    if (!row.ok()) return row.error();
    if (*row) asked = ReadConsent(*found);
  }
  const Status taken = writer_.Run("DELETE FROM consent WHERE digest=?", state);
  if (!taken.ok()) return taken.error();
  if (Status committed = transaction->Commit(); !committed.ok()) return committed.error();
  return asked;
}

}  // namespace clawback
