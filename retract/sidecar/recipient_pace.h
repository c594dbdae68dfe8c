// SPDX-License-Identifier: Apache-2.0
// How many retractions for one recipient are at work at once: as many as Exchange takes
// requests in a mailbox. After a refusal there it is one again, and one more with each that
// ends without another: of several that begin anew each time none would come to its end.
#ifndef CLAWBACK_RETRACT_SIDECAR_RECIPIENT_PACE_H_
#define CLAWBACK_RETRACT_SIDECAR_RECIPIENT_PACE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "policy/base/clock.h"
#include "retract/ledger/ledger.h"

namespace clawback {

// Not safe from several threads.
class RecipientPace {
 public:
  explicit RecipientPace(int most) : most_(most) {}

  bool HasRoom(const ClaimedRetraction& claim) const;
  void Begin(const ClaimedRetraction& claim);
  // refused_until: the service wants the mailbox to be left alone until then.
  void End(const ClaimedRetraction& claim, std::optional<Time> refused_until, Time now);

  // Nobody rests for longer than until latest: the clock was set back.
  void LimitRests(Time latest);

  // For whom nothing more is to be claimed now: at most some hundred.
  BusyRecipients Busy(Time now);

 private:
  using Key = std::pair<std::string, std::string>;  // tenant, recipient
  struct Pace {
    int room;
    int at_work = 0;
    Time resting_until{};
  };
  static Key KeyOf(const ClaimedRetraction& claim) { return {claim.tenant, claim.recipient}; }

  const int most_;
  std::map<Key, Pace> paces_;  // of those that differ from somebody unknown
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_RECIPIENT_PACE_H_
