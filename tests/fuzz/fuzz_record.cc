// SPDX-License-Identifier: Apache-2.0
// Any text as a row of a segment: read or refused in words, and what is read is
// written and read again the same. Rows are our own, but a disk may not be.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "retract/ledger/decision_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const auto record = clawback::DecisionRecordFromJson(json);
  if (!record) {
    if (record.error().what.empty()) std::abort();
    return 0;
  }
  const std::string written = clawback::ToJson(*record);
  const auto again = clawback::DecisionRecordFromJson(written);
  if (!again || clawback::ToJson(*again) != written) std::abort();
  return 0;
}
