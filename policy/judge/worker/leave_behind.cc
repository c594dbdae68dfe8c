// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "policy/judge/pool/protocol.h"
#include "policy/judge/pool/sanitized.h"
#include "policy/judge/worker/confine.h"

namespace clawback {
namespace {

// The three standard ones, the socket, the memory gauge, a report, its lists, and one to spare;
// sanitizers read /proc/self/maps and more.
constexpr rlim_t kDescriptors = kSanitized ? 64 : 6 + kMostJudgeLists + 2;

Error Failed(std::string_view what) {
  return {ErrorKind::kTransient, fmt::format("{}: {}", what, std::strerror(errno))};
}

bool Limit(__rlimit_resource resource, rlim_t most) {
  const rlimit limit{most, most};
  return ::setrlimit(resource, &limit) == 0;
}

}  // namespace

// No RLIMIT_FSIZE: it would also refuse standard error where that is a growing log
// file. No file but that one can be written anyway.
Status LeaveEverythingBehind() {
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return Failed("PR_SET_PDEATHSIG");
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return Failed("PR_SET_DUMPABLE");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return Failed("PR_SET_NO_NEW_PRIVS");
  if (::close_range(kJudgeSocket + 1, ~0U, 0) != 0) return Failed("close_range");
  if (!Limit(RLIMIT_CORE, 0)) return Failed("RLIMIT_CORE");
  if (!Limit(RLIMIT_NOFILE, kDescriptors)) return Failed("RLIMIT_NOFILE");
  if (!kSanitized && !Limit(RLIMIT_NPROC, 0)) return Failed("RLIMIT_NPROC");
  // A service manager that stops the pool's program signals the judges too, while
  // sessions in flight still need them: they end with their socket instead.
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGPIPE}) ::signal(signal, SIG_IGN);
  return {};
}

}  // namespace clawback
