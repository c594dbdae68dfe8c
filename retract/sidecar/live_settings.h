// SPDX-License-Identifier: Apache-2.0
// The tenants as they are in force: the files' with the ledger's settings laid over
// them. Changes settings, and publishes them to the milter.
#ifndef CLAWBACK_RETRACT_SIDECAR_LIVE_SETTINGS_H_
#define CLAWBACK_RETRACT_SIDECAR_LIVE_SETTINGS_H_

#include <mutex>
#include <string>

#include "retract/ledger/ledger.h"

namespace clawback {

// Safe from any thread.
class LiveSettings {
 public:
  // tenants: the folder of the files. snapshot: where the milter reads.
  LiveSettings(Ledger& ledger, std::string tenants, std::string snapshot)
      : ledger_(ledger), tenants_(std::move(tenants)), snapshot_(std::move(snapshot)) {}

  Status Publish();

  // Arguments and results as docs/api.md says, in JSON.
  Result<std::string> List();
  Result<std::string> Show(const std::string& arguments);
  Result<std::string> Set(const std::string& arguments, const Actor& who);

 private:
  Result<TenantDirectory> ReadTenants() const;

  Ledger& ledger_;
  const std::string tenants_, snapshot_;
  std::mutex changing_;  // one change, and its publication, at a time
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_LIVE_SETTINGS_H_
