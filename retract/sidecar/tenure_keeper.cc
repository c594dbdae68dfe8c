// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/tenure_keeper.h"

#include <condition_variable>
#include <mutex>

#include "policy/base/log.h"

namespace clawback {
namespace {

constexpr milliseconds kAskEvery(200);

}  // namespace

Result<LedgerTurn> AwaitLedger(const std::string& folder, milliseconds tenure,
                               const std::function<bool(milliseconds)>& wait) {
  LedgerTurn turn;
  while (true) {
    auto opened = OpenSqliteLedger(folder, tenure);
    if (opened.ok()) {
      turn.ledger = *std::move(opened);
      return turn;
    }
    // Busy: who has the ledger is in a write, or stopped in one.
    const bool taken = opened.error().kind == ErrorKind::kConflict;
    if (!taken && !(turn.stood_by && opened.error().kind == ErrorKind::kTransient)) {
      return opened.error();
    }
    if (!turn.stood_by) Log(Severity::kInfo, "standby", {{"why", opened.error().what}});
    turn.stood_by = true;
    if (!wait(kAskEvery)) return turn;
  }
}

void KeepTenure(Ledger& ledger, const Clock& clock, milliseconds tenure,
                const std::stop_token& stop, const std::function<void()>& relieved) {
  std::mutex mutex;
  std::condition_variable_any stopping;
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex);
      stopping.wait_for(lock, stop, tenure / 4, [] { return false; });
    }
    if (stop.stop_requested()) return;
    const Status kept = ledger.KeepTenure(clock.Now() + tenure);
    if (kept.ok()) continue;
    Log(Severity::kError, "tenure-not-kept", {{"error", kept.error().what}});
    if (kept.error().kind == ErrorKind::kRefused) return relieved();
  }
}

}  // namespace clawback
