// SPDX-License-Identifier: Apache-2.0
// One claimed retraction carried out: find the copy, prove that it is the message
// reported, act, read back, record. A report is a hint, the mailbox copy is the
// proof. Any step may be the last before a crash: the next claim finds how far this
// one came in the mailbox and in the recorded intents.
#ifndef CLAWBACK_RETRACT_SIDECAR_RETRACT_ONE_H_
#define CLAWBACK_RETRACT_SIDECAR_RETRACT_ONE_H_

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "policy/message/fingerprint.h"
#include "retract/graph/mailbox_provider.h"
#include "retract/ledger/ledger.h"
#include "retract/sidecar/mailbox_turns.h"

namespace clawback {

// A copy's MIME to its fingerprint, by a judge. kTransient: no judge was free;
// kRefused: the judge died over it. Safe from any thread.
using Fingerprinter = std::function<Result<Fingerprint>(std::string_view mime)>;

// What a retraction is carried out with. mailboxes are those of the claim's tenant.
struct RetractTools {
  MailboxProvider& mailboxes;
  const Fingerprinter& fingerprint;
  Ledger& ledger;
  const Clock& clock;
  MailboxTurns& turns;
  milliseconds give_up_after;
  milliseconds work_for;  // no new step is begun after that; below the lease

  // Until when an attempt that started then may send its act: a little longer, for the act
  // waits for its turn among all requests.
  BeginBy ActBy(std::chrono::steady_clock::time_point started) const;
};

// How an attempt ended.
struct Finished {
  Outcome outcome;
};
struct Held {  // for a person
  Outcome why;
};
struct Postponed {
  Time due;
  std::string why;
  Obstacle obstacle = Obstacle::kNone;
};
// Nothing more was written: the ledger failed, or another worker has the claim. The
// end of the lease brings it back.
struct Abandoned {
  Error why;
};
using Ending = std::variant<Finished, Held, Postponed, Abandoned>;

// Works on claim, a retraction, and records how that ended.
Ending RetractOne(const ClaimedRetraction& claim, const RetractTools& tools);

// The same for an undo: each item that was retracted goes back to the folder that it
// came from (the Inbox where that is gone), if it still is where it was put.
Ending UndoOne(const ClaimedRetraction& claim, const RetractTools& tools);

// Records how an attempt ended: Abandoned if the ledger does not take it.
Ending Record(const ClaimedRetraction& claim, Ending ending, Ledger& ledger);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_RETRACT_ONE_H_
