// SPDX-License-Identifier: Apache-2.0
#include "milter/live_tenants.h"

#include <algorithm>
#include <utility>

#include "policy/base/log.h"

namespace clawback {

void LiveTenants::Start() {
  const std::lock_guard lock(mutex_);
  if (PollLocked()) return;
  auto kept = ReadSettingsSnapshot(copy_);
  if (kept) return Take(std::move(*kept), "own-copy");
  Publish();
  const bool none = kept.error().kind == ErrorKind::kNotFound;
  Log(none ? Severity::kWarning : Severity::kError, "settings-not-known",
      {{"why", kept.error().what},
       {"meaning", "the tenants' files alone are in force; unknown addresses wait"}});
}

void LiveTenants::Poll() {
  const std::lock_guard lock(mutex_);
  if (!PollLocked() && shelf_.FilesChanged()) Publish();
}

void LiveTenants::Reload(TenantDirectory files) {
  const std::lock_guard lock(mutex_);
  files_ = std::move(files);
  // An address just issued to a tenant just added shall not wait for the next look.
  if (!PollLocked()) Publish();
  if (std::exchange(unread_, false)) intake_.settings_seen = true;
}

bool LiveTenants::NamesUnreadTenant() const {
  return std::ranges::any_of(settings_.tenants, [&](const auto& named) {
    return !named.second.addresses.empty() && files_.FindByName(named.first) == nullptr;
  });
}

// A tenant that was removed stays in the settings: then nothing comes of it.
void LiveTenants::ReadAddedTenants() {
  unread_ = false;
  if (!read_again_ || !NamesUnreadTenant()) return;
  auto fresh = read_again_();
  unread_ = !fresh;
  if (fresh) files_ = std::move(*fresh);
}

void LiveTenants::Publish() { intake_.tenants.Publish(shelf_.Stock(Effective(files_, settings_))); }

bool LiveTenants::PollLocked() {
  auto fresh = watch_.Poll();
  if (!fresh) return false;
  if (!*fresh) {
    const std::string& fault = fresh->error().what;
    if (fault != std::exchange(last_fault_, fault)) {
      Log(Severity::kError, "settings-not-read",
          {{"why", fault}, {"kept", "version " + std::to_string(settings_.version)}});
    }
    return false;
  }
  last_fault_.clear();
  Take(std::move(**fresh), "snapshot");
  Keep();
  return true;
}

void LiveTenants::Take(Settings settings, std::string_view from) {
  settings_ = std::move(settings);
  ReadAddedTenants();
  Publish();
  intake_.settings_seen = !unread_;
  Log(Severity::kInfo, "settings",
      {{"version", std::to_string(settings_.version)}, {"from", from}});
}

// What cannot be kept is in force all the same: only the next start is at stake.
void LiveTenants::Keep() {
  if (const Status kept = WriteSettingsSnapshot(copy_, settings_); !kept) {
    Log(Severity::kError, "settings-not-kept", {{"why", kept.error().what}});
  }
}

}  // namespace clawback
