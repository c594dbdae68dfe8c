// SPDX-License-Identifier: Apache-2.0
// How much address space this process has, and a bound on how much more it gets.
#ifndef CLAWBACK_POLICY_JUDGE_WORKER_MEMORY_GAUGE_H_
#define CLAWBACK_POLICY_JUDGE_WORKER_MEMORY_GAUGE_H_

#include <cstdint>

#include "policy/base/c_handle.h"
#include "policy/base/result.h"

namespace clawback {

class MemoryGauge {
 public:
  // Before confinement: keeps /proc/self/statm open.
  static Result<MemoryGauge> Open();
  // Bytes of address space in use. 0 if the kernel does not say.
  std::uint64_t InUse() const;
  // Lets the process grow by so many bytes from now on and no further; an allocation
  // beyond it ends the process with kJudgeOutOfMemory. Not in sanitizer builds, whose
  // shadow memory is larger than any sensible bound.
  void AllowGrowth(std::uint64_t bytes) const;
  // Gives free memory back. Whether little more than at first is in use after that, but for
  // so many bytes that are mapped on purpose.
  bool Settle(std::uint64_t mapped) const;

 private:
  explicit MemoryGauge(FileDescriptor statm) : statm_(std::move(statm)), at_first_(InUse()) {}
  FileDescriptor statm_;
  std::uint64_t at_first_;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_WORKER_MEMORY_GAUGE_H_
