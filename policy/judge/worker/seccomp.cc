// SPDX-License-Identifier: Apache-2.0
// The whole list of what a confined judge may ask of the kernel. Everything else
// kills the process (SIGSYS), because nothing that reads mail has a reason to try.
#include <fcntl.h>
#include <fmt/format.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstring>
#include <initializer_list>

#include "policy/base/c_handle.h"
#include "policy/judge/pool/protocol.h"
#include "policy/judge/pool/sanitized.h"
#include "policy/judge/worker/confine.h"

namespace clawback {
namespace {

using Filter = CHandle<void, seccomp_release>;

class RuleList {
 public:
  explicit RuleList(scmp_filter_ctx context) : context_(context) {}

  void Allow(std::initializer_list<int> calls) {
    for (const int call : calls)
      Note(::seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call, 0, nullptr));
  }
  // Only where the arguments compare so; every condition has to hold.
  void AllowIf(int call, std::initializer_list<scmp_arg_cmp> conditions) {
    Note(::seccomp_rule_add_array(context_, SCMP_ACT_ALLOW, call,
                                  static_cast<unsigned>(conditions.size()), conditions.begin()));
  }
  // 0, or the first error as a negative errno.
  int error() const { return error_; }

 private:
  void Note(int result) {
    if (error_ == 0) error_ = result;
  }
  scmp_filter_ctx context_;
  int error_ = 0;
};

scmp_arg_cmp Is(unsigned argument, std::uint64_t value) {
  return {argument, SCMP_CMP_EQ, value, 0};
}
scmp_arg_cmp HasNone(unsigned argument, std::uint64_t bits) {
  return {argument, SCMP_CMP_MASKED_EQ, bits, 0};
}

void AllowJudging(RuleList* rules) {
  // The socket, and words to standard error.
  rules->AllowIf(SCMP_SYS(recvmsg), {Is(0, kJudgeSocket)});
  rules->AllowIf(SCMP_SYS(sendmsg), {Is(0, kJudgeSocket)});
  rules->AllowIf(SCMP_SYS(write), {Is(0, STDERR_FILENO)});
  rules->AllowIf(SCMP_SYS(writev), {Is(0, STDERR_FILENO)});
  // A descriptor that is here already; new ones come over the socket only.
  rules->Allow({SCMP_SYS(pread64), SCMP_SYS(lseek), SCMP_SYS(close)});
  // Memory, none of it ever executable.
  rules->AllowIf(SCMP_SYS(mmap), {HasNone(2, PROT_EXEC)});
  rules->AllowIf(SCMP_SYS(mprotect), {HasNone(2, PROT_EXEC)});
  rules->Allow({SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk)});
  rules->AllowIf(SCMP_SYS(prlimit64), {Is(0, 0), Is(1, RLIMIT_AS)});
  rules->Allow({SCMP_SYS(sysinfo)});  // glibc's qsort asks how much memory there is
  // Time, locks, chance.
  rules->Allow({SCMP_SYS(clock_gettime), SCMP_SYS(gettimeofday), SCMP_SYS(setitimer),
                SCMP_SYS(futex), SCMP_SYS(sched_yield), SCMP_SYS(getrandom),
                SCMP_SYS(restart_syscall)});
  // Ending: by itself, or by abort().
  rules->Allow({SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(getpid), SCMP_SYS(gettid),
                SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigreturn)});
  rules->AllowIf(SCMP_SYS(tgkill), {Is(0, static_cast<std::uint64_t>(::getpid()))});
}

// In sanitizer builds only, which are never shipped: their run-time reads
// /proc/self/maps and the program's own file to write a report, maps shadow memory,
// probes memory by writing it to a pipe, and runs a thread of its own. Files can be
// read, still none made.
void AllowSanitizers(RuleList* rules) {
  rules->AllowIf(SCMP_SYS(openat), {HasNone(2, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)});
  rules->AllowIf(SCMP_SYS(open), {HasNone(1, O_WRONLY | O_RDWR | O_CREAT | O_TRUNC)});
  rules->Allow({SCMP_SYS(read),        SCMP_SYS(readlink),
                SCMP_SYS(readlinkat),  SCMP_SYS(fstat),
                SCMP_SYS(newfstatat),  SCMP_SYS(stat),
                SCMP_SYS(lstat),       SCMP_SYS(access),
                SCMP_SYS(sigaltstack), SCMP_SYS(sched_getaffinity),
                SCMP_SYS(getuid),      SCMP_SYS(getrusage),
                SCMP_SYS(mmap),        SCMP_SYS(mprotect),
                SCMP_SYS(nanosleep),   SCMP_SYS(clock_nanosleep),
                SCMP_SYS(prctl),       SCMP_SYS(poll),
                SCMP_SYS(ioctl),       SCMP_SYS(getppid),
                SCMP_SYS(pipe),        SCMP_SYS(pipe2),
                SCMP_SYS(write),       SCMP_SYS(prlimit64),
                SCMP_SYS(uname),       SCMP_SYS(getcwd)});
}

}  // namespace

Status ConfineSystemCalls() {
  const auto failed = [](int error) {
    return Error{ErrorKind::kTransient, fmt::format("seccomp: {}", std::strerror(-error))};
  };
  const Filter filter(::seccomp_init(SCMP_ACT_KILL_PROCESS));
  if (!filter) return Error{ErrorKind::kTransient, "seccomp: no filter can be made"};
  // The other call numberings of this processor (32 bit, x32) are no way around it.
  if (const int error =
          ::seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS)) {
    return failed(error);
  }
  RuleList rules(filter.get());
  AllowJudging(&rules);
  if (kSanitized) AllowSanitizers(&rules);
  if (rules.error() != 0) return failed(rules.error());
  if (const int error = ::seccomp_load(filter.get())) return failed(error);
  return {};
}

}  // namespace clawback
