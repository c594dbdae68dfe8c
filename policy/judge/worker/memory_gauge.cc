// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/worker/memory_gauge.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <new>

#include "policy/judge/pool/protocol.h"
#include "policy/judge/pool/sanitized.h"

namespace clawback {
namespace {

// A judge that keeps more than this between messages leaks or is fragmented: a new
// one is cheaper than finding out which.
constexpr std::uint64_t kKeepAtMost = 32ULL << 20;

}  // namespace

Result<MemoryGauge> MemoryGauge::Open() {
  FileDescriptor statm(::open("/proc/self/statm", O_RDONLY | O_CLOEXEC));
  if (!statm) {
    return Error{ErrorKind::kTransient, fmt::format("/proc/self/statm: {}", std::strerror(errno))};
  }
  std::set_new_handler([] { ::_exit(kJudgeOutOfMemory); });
  return MemoryGauge(std::move(statm));
}

// proc(5), /proc/pid/statm: the first number is the program's size in pages.
std::uint64_t MemoryGauge::InUse() const {
  char text[64];
  const ssize_t length = ::pread(statm_.get(), text, sizeof text, 0);
  std::uint64_t pages = 0;
  if (length > 0) std::from_chars(text, text + length, pages);
  return pages * static_cast<std::uint64_t>(::getpagesize());
}

void MemoryGauge::AllowGrowth(std::uint64_t bytes) const {
  if (kSanitized) return;
  rlimit limit{};
  ::getrlimit(RLIMIT_AS, &limit);
  limit.rlim_cur = std::min<rlim_t>(InUse() + bytes, limit.rlim_max);
  ::setrlimit(RLIMIT_AS, &limit);
}

bool MemoryGauge::Settle(std::uint64_t mapped) const {
  if (kSanitized || InUse() <= at_first_ + mapped + kKeepAtMost / 2) return true;
  ::malloc_trim(0);
  return InUse() <= at_first_ + mapped + kKeepAtMost;
}

}  // namespace clawback
