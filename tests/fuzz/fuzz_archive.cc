// SPDX-License-Identifier: Apache-2.0
// Any bytes as an archive: walked without a crash, and within what a message may spend.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/detect/archive.h"

namespace {

void Require(bool promise) {
  if (!promise) std::abort();
}

struct Counter : clawback::ArchiveVisitor {
  void OnFile(const clawback::ArchivedFile&) override { ++files; }
  void OnTrouble(clawback::ArchiveTrouble, const std::string&) override {}
  std::size_t files = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clawback::ArchiveLimits limits;
  limits.unpacked = 8UL << 20;
  clawback::ArchiveBudget budget(limits);
  Counter counter;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  static_cast<void>(clawback::IsArchive(bytes));
  clawback::WalkArchive(bytes, "a.gz", &budget, &counter);
  Require(counter.files <= limits.entries);
  Require(budget.held == 0);
  Require(budget.unpacked <= limits.unpacked + (16UL << 20));  // one block more
  return 0;
}
