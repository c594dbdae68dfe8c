// SPDX-License-Identifier: Apache-2.0
// A question to the ledger's database that one number answers.
#ifndef CLAWBACK_RETRACT_LEDGER_NUMBER_OF_H_
#define CLAWBACK_RETRACT_LEDGER_NUMBER_OF_H_

#include <cstdint>
#include <string_view>

#include "retract/ledger/sqlite.h"

namespace clawback {

// The one number of the first row that sql gives with values bound to it, 0 for none.
template <typename... Values>
Result<std::int64_t> NumberOf(Database& database, std::string_view sql, const Values&... values) {
  Result<Statement> found = database.Prepare(sql);
  if (!found.ok()) return found.error();
  const Result<bool> row = found->Bind(values...).Step();
  if (!row.ok()) return row.error();
  return *row ? found->Integer(0) : 0;
}

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_NUMBER_OF_H_
