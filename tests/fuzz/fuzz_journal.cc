// SPDX-License-Identifier: Apache-2.0
// Any bytes as a journal report: unwrapped without a crash, and what comes out keeps
// the promises of unwrap.h.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/base/text.h"
#include "policy/journal/unwrap.h"
#include "policy/judge/prepare.h"

namespace {

void Require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clawback::PrepareJudging();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const clawback::Unwrapped unwrapped = clawback::Unwrap(bytes);
  const clawback::JournalReport& report = unwrapped.report;
  Require(clawback::IsUtf8(report.subject));
  switch (report.kind) {
    case clawback::ReportKind::kJournalReport:
      Require(report.inner_messages > 0 && !report.sender.empty() && report.problem.empty());
      break;
    case clawback::ReportKind::kMalformed:
      Require(report.recipients.empty() && unwrapped.message.empty() && !report.problem.empty());
      break;
    default:
      Require(report.recipients.empty());
  }
  for (const clawback::Recipient& recipient : report.recipients) {
    Require(!recipient.address.empty());
    Require(recipient.redirect.has_value() == !recipient.original.empty());
    Require(recipient.address.find_first_of("\r\n") == std::string::npos);
  }
  return 0;
}
