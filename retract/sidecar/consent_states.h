// SPDX-License-Identifier: Apache-2.0
// The one-use words ("state") that tie an administrator's consent to the tenant that it
// was asked for and to the one who asked. Kept in memory: after a restart of the sidecar
// consent is asked for anew.
#ifndef CLAWBACK_RETRACT_SIDECAR_CONSENT_STATES_H_
#define CLAWBACK_RETRACT_SIDECAR_CONSENT_STATES_H_

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/ledger/audit.h"

namespace clawback {

// Safe from any thread.
class ConsentStates {
 public:
  static constexpr milliseconds kLife = std::chrono::minutes(10);
  // More than people ask for in ten minutes; the oldest goes first.
  static constexpr std::size_t kMost = 1000;

  explicit ConsentStates(const Clock& clock) : clock_(clock) {}

  // kTransient: the kernel gave no random bytes.
  Result<std::string> Issue(std::string tenant, Actor asker);

  // Takes state out of use, whatever comes of it. kRefused: never issued, used, older
  // than ten minutes, or issued for another tenant or to another asker; the text does
  // not tell which of the first three.
  Status Take(std::string_view state, std::string_view tenant, const Actor& asker);

 private:
  using Instant = std::chrono::steady_clock::time_point;
  struct Issued {
    std::string tenant;
    Actor asker;
    Instant ends;
  };
  void DropOld(Instant now);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Issued, std::less<>> issued_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_CONSENT_STATES_H_
