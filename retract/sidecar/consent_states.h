// SPDX-License-Identifier: Apache-2.0
// The one-use words ("state") that tie an administrator's consent to the tenant that it
// was asked for and to the one who asked. The ledger keeps a digest of each, so that
// consent that was asked for before a restart of the sidecar is good after it.
#ifndef CLAWBACK_RETRACT_SIDECAR_CONSENT_STATES_H_
#define CLAWBACK_RETRACT_SIDECAR_CONSENT_STATES_H_

#include <chrono>
#include <string>
#include <string_view>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/ledger/audit.h"
#include "retract/ledger/ledger.h"

namespace clawback {

// Safe from any thread; ledger and clock outlive it.
class ConsentStates {
 public:
  static constexpr milliseconds kLife = std::chrono::minutes(10);

  ConsentStates(Ledger& ledger, const Clock& clock) : ledger_(ledger), clock_(clock) {}

  // Errors: kTransient (the kernel gave no random bytes), the ledger's.
  Result<std::string> Issue(const std::string& tenant, const Actor& asker);

  // Takes state out of use, whatever comes of it. kRefused: never issued, used, older
  // than ten minutes, or issued for another tenant or to another asker; the text does
  // not tell which of the first three. Other errors: the ledger's.
  Status Take(std::string_view state, std::string_view tenant, const Actor& asker);

 private:
  Ledger& ledger_;
  const Clock& clock_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_CONSENT_STATES_H_
