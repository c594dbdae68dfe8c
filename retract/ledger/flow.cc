// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/flow.h"

#include <algorithm>
#include <utility>

#include "policy/base/names.h"

namespace clawback {
namespace {

constexpr Name<FlowKind> kKinds[] = {{FlowKind::kReport, "report"},
                                     {FlowKind::kNoCertificate, "no-certificate"},
                                     {FlowKind::kToAddress, "to-address"},
                                     {FlowKind::kFork, "fork"},
                                     {FlowKind::kReplayed, "replayed"},
                                     {FlowKind::kRepeat, "repeat"},
                                     {FlowKind::kUnauthentic, "unauthentic"},
                                     {FlowKind::kMalformed, "malformed"},
                                     {FlowKind::kConnectorValidation, "connector-validation"},
                                     {FlowKind::kOtherRegion, "other-region"},
                                     {FlowKind::kUnmetDemand, "unmet-demand"},
                                     {FlowKind::kSecondTenant, "second-tenant"},
                                     {FlowKind::kUnknownAddress, "unknown-address"},
                                     {FlowKind::kEngineAnswered, "engine-answered"},
                                     {FlowKind::kEngineRefused, "engine-refused"},
                                     {FlowKind::kEngineUnavailable, "engine-unavailable"}};

}  // namespace

std::string_view ToString(FlowKind kind) { return NameOf(kKinds, kind); }
std::optional<FlowKind> FlowKindFrom(std::string_view text) { return ValueOf(kKinds, text); }

Time BeginOf(Time at, milliseconds span) {
  return at - milliseconds(at.time_since_epoch().count() % span.count());
}

void CountInto(FlowCounts* counts, FlowKey event, Time at, milliseconds span) {
  event.since = BeginOf(at, span);
  FlowCount& counted = (*counts)[std::move(event)];
  ++counted.count;
  counted.last = std::max(counted.last, at);
}

}  // namespace clawback
