// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/worker/planted_fault.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <new>

#include "policy/base/fault_point.h"

namespace clawback {
namespace {

bool Holds(std::string_view bytes, const std::optional<std::string>& text) {
  return text && bytes.find(*text) != std::string_view::npos;
}

// A futex that nobody wakes: the one way to wait that a confined judge has.
[[noreturn]] void WaitForEver() {
  std::atomic<int> never{0};
  while (true) never.wait(0);
}

[[noreturn]] void GrowForEver() {
  constexpr std::size_t kStep = 1UL << 20;
  while (true) {
    char* memory = static_cast<char*>(::operator new(kStep));
    for (std::size_t i = 0; i < kStep; i += 4096) static_cast<volatile char*>(memory)[i] = 1;
  }
}

}  // namespace

PlantedFaults::PlantedFaults()
    : crash_on_(FaultSetting("judge.crash-on")),
      loop_on_(FaultSetting("judge.loop-on")),
      hang_on_(FaultSetting("judge.hang-on")),
      grow_on_(FaultSetting("judge.grow-on")),
      leave_on_(FaultSetting("judge.leave-on")),
      try_(FaultSetting("judge.try")) {}

// The results do not matter: a judge that lives to see one is not confined.
void PlantedFaults::TryForbiddenCall() const {
  if (!try_) return;
  if (*try_ == "open") ::open("/etc/passwd", O_RDONLY | O_CLOEXEC);
  if (*try_ == "create") ::open("/tmp", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
  if (*try_ == "socket") ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (*try_ == "exec") ::execl("/bin/true", "true", nullptr);
  if (*try_ == "fork") ::syscall(SYS_fork);
  if (*try_ == "signal") ::kill(::getppid(), 0);
  if (*try_ == "executable-memory") {
    static_cast<void>(
        ::mmap(nullptr, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  }
}

void PlantedFaults::BeforeJudging(std::string_view bytes) const {
  if (Holds(bytes, crash_on_)) std::abort();
  if (Holds(bytes, hang_on_)) WaitForEver();
  if (Holds(bytes, grow_on_)) GrowForEver();
  if (Holds(bytes, loop_on_)) {
    std::atomic<unsigned> turns{0};
    while (true) ++turns;
  }
}

bool PlantedFaults::LeavesAfter(std::string_view bytes) const { return Holds(bytes, leave_on_); }

}  // namespace clawback
