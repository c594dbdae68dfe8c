// SPDX-License-Identifier: Apache-2.0
// The tenants in force at the relay: the files' with the sidecar's settings laid over
// them. The sidecar's snapshot stands where a restart of the host loses it, so the milter
// keeps a copy of each that it took, and starts from that one when need be.
#ifndef CLAWBACK_MILTER_LIVE_TENANTS_H_
#define CLAWBACK_MILTER_LIVE_TENANTS_H_

#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "milter/intake.h"
#include "policy/lists/list_shelf.h"
#include "retract/ledger/settings_snapshot.h"

namespace clawback {

// Reads the tenants' files again; nullopt, with every fault logged, if they have one.
using TenantReader = std::function<std::optional<TenantDirectory>()>;

// Safe from any thread. Publishes into the intake, which outlives it.
class LiveTenants {
 public:
  // snapshot: the sidecar's; copy: the milter's own, in its segments folder.
  // lists: the relay's own, for all tenants.
  LiveTenants(Intake& intake, TenantDirectory files, const std::string& snapshot, std::string copy,
              ListFiles lists = {}, TenantReader read_again = {})
      : intake_(intake),
        files_(std::move(files)),
        watch_(snapshot),
        copy_(std::move(copy)),
        shelf_(std::move(lists)),
        read_again_(std::move(read_again)) {}

  // Before the first report: from the snapshot, else from the copy, else from the files
  // alone. Logs which.
  void Start();
  // Takes a new snapshot, and lists whose files changed. What is damaged changes nothing.
  // A snapshot with addresses of a tenant that the files did not have when they were read
  // has them read again: somebody added the tenant since.
  void Poll();
  void Reload(TenantDirectory files);

 private:
  bool PollLocked();
  void Take(Settings settings, std::string_view from);
  bool NamesUnreadTenant() const;
  void ReadAddedTenants();
  void Keep();
  void Publish();

  std::mutex mutex_;
  Intake& intake_;
  TenantDirectory files_;
  SettingsWatch watch_;
  const std::string copy_;
  Settings settings_;
  ListShelf shelf_;
  const TenantReader read_again_;
  bool unread_ = false;     // the settings name a tenant whose file could not be read
  std::string last_fault_;  // said once, not five times a second
};

}  // namespace clawback

#endif  // CLAWBACK_MILTER_LIVE_TENANTS_H_
