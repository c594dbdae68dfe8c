// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/flow_watch.h"

#include <condition_variable>
#include <mutex>

#include "policy/base/log.h"
#include "retract/sidecar/flow_health.h"

namespace clawback {
namespace {

constexpr milliseconds kEvery = std::chrono::minutes(1);
constexpr milliseconds kDay = std::chrono::hours(24);
constexpr milliseconds kKept = std::chrono::hours(24 * 35);
constexpr std::string_view kCertificate = "relay certificate";

}  // namespace

void FlowWatch::Run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  while (!stop.stop_requested()) {
    Step();
    stopped.wait_for(lock, stop, kEvery, [] { return false; });
  }
}

std::vector<std::string> FlowWatch::Step() {
  std::vector<std::string> fresh;
  const Time now = clock_.Now();
  for (const std::string& tenant : tenants_()) {
    const auto counts = ledger_.Flow(tenant, now - kFlowLooksBack);
    if (counts) {
      Note(tenant, FlowAlert(AssessFlow(*counts, now)), &fresh);
    } else {
      Log(Severity::kError, "flow-not-read", {{"tenant", tenant}, {"error", counts.error().what}});
    }
  }
  Note(std::string(kCertificate), CertificateAlert(LookAtCertificate(certificate_), now), &fresh);
  ForgetOld();
  return fresh;
}

void FlowWatch::Note(const std::string& about, const std::optional<std::string>& alert,
                     std::vector<std::string>* fresh) {
  const auto said = said_.find(about);
  if (!alert) {
    if (said == said_.end()) return;
    said_.erase(said);
    Log(Severity::kInfo, "alert-over", {{"about", about}});
    return;
  }
  if (said != said_.end() && clock_.Now() - said->second < kDay) return;
  said_[about] = clock_.Now();
  Log(Severity::kError, about == kCertificate ? "certificate-ends" : "flow-stopped",
      {{"about", about}, {"what", *alert}});
  fresh->push_back(about + ": " + *alert);
}

void FlowWatch::ForgetOld() {
  const Time now = clock_.Now();
  if (forgotten_ && now - *forgotten_ < kDay) return;
  forgotten_ = now;
  if (const Status done = ledger_.ForgetFlow(now - kKept); !done) {
    Log(Severity::kError, "flow-not-forgotten", {{"error", done.error().what}});
  }
}

}  // namespace clawback
