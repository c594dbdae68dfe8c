// SPDX-License-Identifier: Apache-2.0
// Keeps this process the ledger's writer, and waits to become it. Of sidecars with one
// ledger one works; the others stand by, and the first that finds the ledger free goes on.
#ifndef CLAWBACK_RETRACT_SIDECAR_TENURE_KEEPER_H_
#define CLAWBACK_RETRACT_SIDECAR_TENURE_KEEPER_H_

#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/ledger/ledger.h"

namespace clawback {

// What a sidecar got that asked for the ledger.
struct LedgerTurn {
  std::unique_ptr<Ledger> ledger;  // null: it was stopped while it stood by
  bool stood_by = false;           // another had it before
};

// Opens the ledger, or stands by until it can be opened. wait pauses for so long and says
// whether to go on.
Result<LedgerTurn> AwaitLedger(const std::string& folder, milliseconds tenure,
                               const std::function<bool(milliseconds)>& wait);

// Prolongs the tenure until stop. relieved is called, once, when another process has taken
// over: this one is to end without touching anything more. Blocks.
void KeepTenure(Ledger& ledger, const Clock& clock, milliseconds tenure,
                const std::stop_token& stop, const std::function<void()>& relieved);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_TENURE_KEEPER_H_
