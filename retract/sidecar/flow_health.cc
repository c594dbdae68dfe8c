// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/flow_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "policy/base/names.h"

namespace clawback {
namespace {

using std::chrono::hours;

constexpr Name<FlowState> kStates[] = {{FlowState::kWaiting, "waiting"},
                                       {FlowState::kFlowing, "flowing"},
                                       {FlowState::kStopped, "stopped"}};
constexpr milliseconds kHour = hours(1), kDay = hours(24), kWeek = hours(24 * 7);
constexpr int kDays = 7;

// Reports by the hour up to the last one: what came since is not to be taken for usual.
class Usual {
 public:
  Usual(const FlowCounts& counts, Time last) : last_(BeginOf(last, kHour)), first_(last_) {
    for (const auto& [key, counted] : counts) {
      if (key.kind != FlowKind::kReport) continue;
      reports_[key.since] += counted.count;
      if (key.since > last_ - kFlowLooksBack) first_ = std::min(first_, key.since);
    }
  }

  // How many an hour brings that begins at hour; the hour of the last report and whatever
  // came later tell nothing, for they may be cut off.
  double In(Time hour) const {
    const Time day = Before(hour, kDay);
    double sum = 0;
    int days = 0;
    for (; days < kDays && day - days * kDay >= first_; ++days) sum += At(day - days * kDay);
    return days > 0 ? sum / days : Mean();
  }

  // The same, but not more than a week before: offices are closed on some days.
  double AtLeastIn(Time hour) const {
    const Time week = Before(hour, kWeek);
    return week >= first_ ? std::min(In(hour), At(week)) : In(hour);
  }

 private:
  // The newest hour that is whole periods before hour, and before the last report's.
  Time Before(Time hour, milliseconds period) const {
    if (hour < last_) return hour - period;
    return hour - period * ((hour - last_) / period + 1);
  }
  double At(Time hour) const {
    const auto found = reports_.find(hour);
    return found == reports_.end() ? 0 : static_cast<double>(found->second);
  }
  double Mean() const {
    double sum = 0;
    for (const auto& [hour, count] : reports_) {
      if (hour >= first_ && hour <= last_) sum += static_cast<double>(count);
    }
    return sum / static_cast<double>((last_ - first_) / kHour + 1);
  }

  const Time last_;
  Time first_;
  std::map<Time, std::int64_t> reports_;
};

// Counted hour by hour, the first and the last one in part; a fortnight is enough.
double MissingSince(const Usual& usual, Time last, Time now) {
  double missing = 0;
  const Time end = std::min(now, last + kFlowLooksBack);
  for (Time from = last; from < end;) {
    const Time hour = BeginOf(from, kHour);
    const Time to = std::min(hour + kHour, end);
    missing += usual.AtLeastIn(hour) * static_cast<double>((to - from).count()) /
               static_cast<double>(kHour.count());
    from = to;
  }
  return missing;
}

std::vector<FlowTotal> TotalsOf(const FlowCounts& counts, Time now) {
  std::map<std::pair<FlowKind, std::string>, FlowTotal> totals;
  for (const FlowKind kind : kAllFlowKinds) totals[{kind, ""}] = {kind, "", 0, 0, {}};
  for (const auto& [key, counted] : counts) {
    FlowTotal& total = totals[{key.kind, key.detail}];
    total.kind = key.kind;
    total.detail = key.detail;
    total.last = std::max(total.last, counted.last);
    // Whole hours: one that began before the span counts if it reaches into it.
    if (key.since + kHour > now - kDay) total.day += counted.count;
    if (key.since + kHour > now - kWeek) total.week += counted.count;
  }
  std::vector<FlowTotal> list;
  list.reserve(totals.size());
  for (auto& [key, total] : totals) list.push_back(std::move(total));
  return list;
}

}  // namespace

std::string_view ToString(FlowState state) { return NameOf(kStates, state); }

FlowHealth AssessFlow(const FlowCounts& all, Time now) {
  FlowCounts counts = all;
  // Of a clock that was set back since: they would hide that nothing comes any more.
  std::erase_if(counts, [&](const auto& count) { return count.first.since > now; });
  FlowHealth health;
  health.totals = TotalsOf(counts, now);
  health.hour = BeginOf(now, kHour) - kHour;
  for (const FlowTotal& total : health.totals) {
    if (total.last == Time{}) continue;
    if (total.kind == FlowKind::kReport) health.last_report = total.last;
    if (total.kind == FlowKind::kConnectorValidation) health.connector_validated = total.last;
  }
  if (!health.last_report) return health;
  for (const auto& [key, counted] : counts) {
    if (key.kind == FlowKind::kReport && key.since == health.hour) health.reports += counted.count;
  }
  const Usual usual(counts, *health.last_report);
  health.usual = usual.In(health.hour);
  health.missing = MissingSince(usual, *health.last_report, now);
  health.state = health.missing < kMissing ? FlowState::kFlowing : FlowState::kStopped;
  return health;
}

RelayCertificate LookAtCertificate(const std::string& path) {
  RelayCertificate certificate{path, {}, ""};
  if (path.empty()) return certificate;
  const auto ends = CertificateEnd(path);
  if (ends) {
    certificate.ends = *ends;
  } else {
    certificate.fault = ends.error().what;
  }
  return certificate;
}

std::optional<std::string> CertificateAlert(const RelayCertificate& certificate, Time now) {
  if (!certificate.fault.empty()) {
    return "the relay's certificate cannot be read: " + certificate.fault;
  }
  if (!certificate.ends || *certificate.ends - now > kCertificateAlarm) return std::nullopt;
  const auto days = std::chrono::duration_cast<hours>(*certificate.ends - now).count() / 24;
  if (*certificate.ends <= now) {
    return fmt::format("the relay's certificate {} ended at {}: Exchange keeps the reports",
                       certificate.path, FormatTime(*certificate.ends));
  }
  return fmt::format("the relay's certificate {} ends in {} days, at {}", certificate.path, days,
                     FormatTime(*certificate.ends));
}

std::optional<std::string> FlowAlert(const FlowHealth& health) {
  if (health.state != FlowState::kStopped) return std::nullopt;
  return fmt::format("no report since {}, in which time {:.0f} usually come",
                     FormatTime(*health.last_report), health.missing);
}

}  // namespace clawback
