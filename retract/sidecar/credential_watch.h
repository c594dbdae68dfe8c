// SPDX-License-Identifier: Apache-2.0
// Warns in the log, once a day, of credentials that end within a month or have ended:
// event "credential-ends".
#ifndef CLAWBACK_RETRACT_SIDECAR_CREDENTIAL_WATCH_H_
#define CLAWBACK_RETRACT_SIDECAR_CREDENTIAL_WATCH_H_

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "policy/base/clock.h"
#include "policy/tenant.h"

namespace clawback {

// Safe from any thread.
class CredentialWatch {
 public:
  explicit CredentialWatch(const Clock& clock) : clock_(clock) {}

  // The tenants from now on; looks at once.
  void Load(const TenantDirectory& tenants);
  // Looks again every hour until asked to stop.
  void Run(const std::stop_token& stop);
  // Logs what is due and answers the tenants that it named.
  std::vector<std::string> Look();

 private:
  struct Said {
    std::string warning_of;  // settings version: a change may be a new credential
    Time at;
  };

  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any stopping_;
  std::vector<Tenant> tenants_;
  std::map<std::string, Said> said_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_CREDENTIAL_WATCH_H_
