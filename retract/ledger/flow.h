// SPDX-License-Identifier: Apache-2.0
// How the reports of a tenant flow, in numbers: what Exchange sent, what was refused, and
// why. Much of it leaves no record (a repeat, a refusal before any content), so it is
// counted.
#ifndef CLAWBACK_RETRACT_LEDGER_FLOW_H_
#define CLAWBACK_RETRACT_LEDGER_FLOW_H_

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "policy/base/clock.h"

namespace clawback {

enum class FlowKind {
  kReport,         // decided, from Exchange
  kNoCertificate,  // of those: without the client certificate that could be demanded
  kToAddress,      // of those: detail is the service address
  kFork,           // of those: another report of the same Message-ID was there before
  kReplayed,       // put in by an operator
  kRepeat,         // the same report again
  kUnauthentic,    // detail: the proof that is missing
  kMalformed,      // or parked
  kConnectorValidation,
  kOtherRegion,     // refused: the address is another region's
  kUnmetDemand,     // refused: detail is the proof that is missing
  kSecondTenant,    // refused: another tenant's address in one transaction
  kUnknownAddress,  // refused: never issued (no tenant), or ended
  // Of all reports that a judge answered: what other scanners did, detail is which.
  kEngineAnswered,
  kEngineRefused,
  kEngineUnavailable,
};
inline constexpr FlowKind kAllFlowKinds[] = {FlowKind::kReport,
                                             FlowKind::kNoCertificate,
                                             FlowKind::kToAddress,
                                             FlowKind::kFork,
                                             FlowKind::kReplayed,
                                             FlowKind::kRepeat,
                                             FlowKind::kUnauthentic,
                                             FlowKind::kMalformed,
                                             FlowKind::kConnectorValidation,
                                             FlowKind::kOtherRegion,
                                             FlowKind::kUnmetDemand,
                                             FlowKind::kSecondTenant,
                                             FlowKind::kUnknownAddress,
                                             FlowKind::kEngineAnswered,
                                             FlowKind::kEngineRefused,
                                             FlowKind::kEngineUnavailable};
std::string_view ToString(FlowKind kind);  // "report", "no-certificate", ...
std::optional<FlowKind> FlowKindFrom(std::string_view text);

// What is counted together. since: the begin of a minute (segments) or an hour (ledger).
struct FlowKey {
  std::string tenant;  // empty: of none
  FlowKind kind = FlowKind::kReport;
  std::string detail{};
  Time since{};
  auto operator<=>(const FlowKey&) const = default;
};
struct FlowCount {
  std::int64_t count = 0;
  Time last{};  // when the newest of them came; at least to the minute
};
using FlowCounts = std::map<FlowKey, FlowCount>;

// One event at that time, counted in the span (a minute, an hour) that it falls into.
void CountInto(FlowCounts* counts, FlowKey event, Time at, milliseconds span);
Time BeginOf(Time at, milliseconds span);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_FLOW_H_
