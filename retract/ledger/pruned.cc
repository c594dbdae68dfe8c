// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/pruned.h"

#include <string>

namespace clawback {

Status KeepPrunedReport(Database& database, const Digest& report, std::string_view tenant,
                        Time received) {
  Status kept =
      database.Run("INSERT INTO pruned_report(report, tenant) VALUES(?,?) ON CONFLICT DO NOTHING",
                   report, tenant);
  if (!kept.ok()) return kept;
  return database.Run("UPDATE pruned SET until=?1 WHERE until<?1", received);
}

Digest RetractionKey(std::string_view tenant, std::string_view message_id,
                     std::string_view instance, std::string_view recipient_key) {
  Sha256 sha;
  for (const std::string_view text : {tenant, message_id, instance, recipient_key}) {
    sha.Update(std::to_string(text.size()) + ":");
    sha.Update(text);
  }
  return sha.Finish();
}

Status KeepPrunedRetraction(Database& database, const Digest& key) {
  return database.Run("INSERT INTO pruned_retraction(key) VALUES(?) ON CONFLICT DO NOTHING", key);
}

Result<bool> IsPrunedRetraction(Database& database, const Digest& key) {
  Result<Statement> found = database.Prepare("SELECT 1 FROM pruned_retraction WHERE key=?");
  if (!found.ok()) return found.error();
  return found->Bind(key).Step();
}

Result<Time> PrunedUntil(Database& database) {
  const Result<std::int64_t> until = database.Number("SELECT until FROM pruned");
  if (!until.ok()) return until.error();
  return Time(milliseconds(*until));
}

}  // namespace clawback
