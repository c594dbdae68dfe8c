// SPDX-License-Identifier: Apache-2.0
// What every Ledger promises. A new implementation is one line in the list of
// ledger_contract.cc.
#ifndef CLAWBACK_TESTS_CONTRACT_LEDGER_CONTRACT_H_
#define CLAWBACK_TESTS_CONTRACT_LEDGER_CONTRACT_H_

#include <memory>
#include <ostream>
#include <string_view>

#include "retract/ledger/ledger.h"

namespace clawback {

// Makes empty ledgers; what they stand on goes with the ledger.
struct LedgerMaker {
  std::string_view name;
  std::shared_ptr<Ledger> (*make)();
};
inline std::ostream& operator<<(std::ostream& out, const LedgerMaker& maker) {
  return out << maker.name;
}

}  // namespace clawback

#endif  // CLAWBACK_TESTS_CONTRACT_LEDGER_CONTRACT_H_
