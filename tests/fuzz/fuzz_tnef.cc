// SPDX-License-Identifier: Apache-2.0
// Any bytes as a TNEF stream and as RTF: read without a crash, and no more told than
// the bytes can hold.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/base/text.h"
#include "policy/judge/prepare.h"
#include "policy/message/parse/rtf.h"
#include "policy/message/parse/tnef.h"

namespace {

void Require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clawback::PrepareJudging();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const clawback::TnefLimits limits;
  int parts = 0;
  const bool whole = clawback::ReadTnef(bytes, limits, [&](const clawback::TnefPart& part) {
    Require(part.depth <= limits.depth && clawback::IsUtf8(part.file_name));
    Require(part.content.size() <= 64 * size + 64);  // packed text grows eightfold, then as UTF-8
    return ++parts < 1000;
  });
  Require(!whole || clawback::IsTnefStream(bytes));
  Require(clawback::IsUtf8(clawback::ReadRtf(bytes).text));
  if (const auto unpacked = clawback::UnpackRtf(bytes, 1UL << 20)) {
    Require(unpacked->size() <= 1UL << 20);
  }
  return 0;
}
