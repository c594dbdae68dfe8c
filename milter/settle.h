// SPDX-License-Identifier: Apache-2.0
// The end of a report's way through the relay: judged, decided, committed, answered.
#ifndef CLAWBACK_MILTER_SETTLE_H_
#define CLAWBACK_MILTER_SETTLE_H_

#include "milter/answer.h"
#include "milter/archive_headers.h"
#include "milter/intake.h"

namespace clawback {

// A whole report, over a channel that met the tenant's demands.
struct Arrival {
  const Tenant& tenant;  // outlives the call
  Channel channel;
  ReportBytes bytes;
  ReservedHeaders reserved{};
};

// Commits before it answers: discard or, for an archive, accept (250) only if the decision,
// or an earlier one about the same bytes, is on stable storage. Whatever fails: 451 and
// nothing else. A repeat goes on to the archive again: its first answer may have been lost.
// Waits for a judge and for the disk, together at most about
// MilterSettings::answer_within. Safe from any thread.
Answer Settle(Intake& intake, Arrival arrival);

}  // namespace clawback

#endif  // CLAWBACK_MILTER_SETTLE_H_
