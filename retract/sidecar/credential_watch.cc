// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/credential_watch.h"

#include "policy/base/log.h"
#include "retract/graph/sign_in.h"
#include "retract/sidecar/authorization_json.h"

namespace clawback {
namespace {

constexpr auto kPause = std::chrono::hours(1);
constexpr auto kSilence = std::chrono::hours(24);

std::string WarningOf(const Tenant& tenant, Time now) {
  const auto end = CredentialEnd(tenant.graph);
  if (!end) return end.error().what;
  return EndWarning(*end, now).value_or("");
}

}  // namespace

void CredentialWatch::Load(const TenantDirectory& tenants) {
  {
    const std::lock_guard lock(mutex_);
    tenants_ = tenants.tenants();
  }
  Look();
}

std::vector<std::string> CredentialWatch::Look() {
  const std::lock_guard lock(mutex_);
  const Time now = clock_.Now();
  std::vector<std::string> named;
  for (const Tenant& tenant : tenants_) {
    const std::string warning = WarningOf(tenant, now);
    if (warning.empty()) continue;
    Said& said = said_[tenant.name];
    const bool known = said.warning_of == tenant.settings_version && now - said.at < kSilence;
    if (known) continue;
    said = {tenant.settings_version, now};
    Log(Severity::kWarning, "credential-ends", {{"tenant", tenant.name}, {"what", warning}});
    named.push_back(tenant.name);
  }
  return named;
}

void CredentialWatch::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      stopping_.wait_for(lock, stop, kPause, [] { return false; });
    }
    if (!stop.stop_requested()) Look();
  }
}

}  // namespace clawback
