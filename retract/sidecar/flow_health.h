// SPDX-License-Identifier: Apache-2.0
// Whether a tenant's reports still flow: the numbers of its flow against the usual. Pure.
#ifndef CLAWBACK_RETRACT_SIDECAR_FLOW_HEALTH_H_
#define CLAWBACK_RETRACT_SIDECAR_FLOW_HEALTH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/certificate.h"
#include "retract/ledger/flow.h"

namespace clawback {

// How far back anything here looks: ask the ledger for the flow since then.
inline constexpr milliseconds kFlowLooksBack = std::chrono::hours(24 * 15);

enum class FlowState {
  kWaiting,  // no report yet
  kFlowing,
  kStopped,  // so many are missing that it is no chance: a person has to look
};
std::string_view ToString(FlowState state);  // "waiting", "flowing", "stopped"

// Of one kind and detail, in the last 24 hours and 7 days.
struct FlowTotal {
  FlowKind kind = FlowKind::kReport;
  std::string detail;
  std::int64_t day = 0, week = 0;
  Time last{};
};

struct FlowHealth {
  FlowState state = FlowState::kWaiting;
  std::optional<Time> last_report, connector_validated;
  Time hour{};               // begin of the last whole hour
  std::int64_t reports = 0;  // in it
  // Its mean over the same hour of the day, on the up to 7 days before the last report;
  // with less than a day of history the mean of all hours.
  double usual = 0;
  // How many would usually have come since the last one; from kMissing on it is stopped.
  double missing = 0;
  std::vector<FlowTotal> totals;  // every kind is there, by kind and detail
};
inline constexpr double kMissing = 10;

FlowHealth AssessFlow(const FlowCounts& counts, Time now);

// The relay's own certificate, as Postfix shows it to Exchange.
struct RelayCertificate {
  std::string path;  // empty: the relay's file names none
  std::optional<Time> ends;
  std::string fault;  // why it cannot be read
};
inline constexpr milliseconds kCertificateAlarm = std::chrono::hours(24 * 21);
RelayCertificate LookAtCertificate(const std::string& path);
// In words; nothing where all is well.
std::optional<std::string> CertificateAlert(const RelayCertificate& certificate, Time now);
std::optional<std::string> FlowAlert(const FlowHealth& health);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_FLOW_HEALTH_H_
