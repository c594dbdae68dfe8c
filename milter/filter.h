// SPDX-License-Identifier: Apache-2.0
// libmilter at arm's length: the one file that knows it turns its callbacks into steps
// of a Session, and the answers back. libmilter serves one filter a process and hands
// callbacks no context of ours; that filter is the only global there is.
#ifndef CLAWBACK_MILTER_FILTER_H_
#define CLAWBACK_MILTER_FILTER_H_

#include <string>

#include "milter/intake.h"
#include "milter/kick.h"
#include "policy/base/result.h"

namespace clawback {

// Registers the filter and listens on the Unix socket at path (0660; a stale socket
// there is removed). Once a process. intake and kick must live until it ends.
Status OpenFilter(Intake& intake, Kick& kick, const std::string& path);

// Serves until libmilter gives up or is told to stop, which is not the way to stop:
// when it stops, libmilter's pool frees the sessions that its workers are still
// running. Drain the intake and end the process instead. To be run on a thread of its
// own, not on the one that waits for signals: libmilter waits for SIGTERM, SIGHUP and
// SIGINT too.
Status RunFilter();

}  // namespace clawback

#endif  // CLAWBACK_MILTER_FILTER_H_
