// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/tenant_mailboxes.h"

#include <utility>

namespace clawback {

std::vector<Error> TenantMailboxes::Load(const TenantDirectory& directory) {
  Entries before;
  {
    const std::scoped_lock lock(mutex_);
    before = entries_;
  }
  std::vector<Error> errors;
  Entries now;
  for (const Tenant& tenant : directory.tenants()) {
    const auto old = before.find(tenant.name);
    if (old != before.end() && old->second.settings_version == tenant.settings_version) {
      now.insert(*old);
      continue;
    }
    auto opened = open_(tenant);
    if (opened) {
      now[tenant.name] = {tenant.settings_version, std::move(*opened)};
      continue;
    }
    errors.push_back(Within("tenant " + tenant.name, opened.error()));
    if (old != before.end()) now.insert(*old);
  }
  const std::scoped_lock lock(mutex_);
  entries_ = std::move(now);
  return errors;
}

void TenantMailboxes::Renew(const Tenant& tenant) {
  auto opened = open_(tenant);
  if (!opened) return;
  const std::scoped_lock lock(mutex_);
  const auto entry = entries_.find(tenant.name);
  if (entry == entries_.end() || entry->second.settings_version != tenant.settings_version) return;
  entry->second.mailboxes = std::move(*opened);
}

std::size_t TenantMailboxes::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::shared_ptr<MailboxProvider> TenantMailboxes::Of(std::string_view tenant) const {
  const std::scoped_lock lock(mutex_);
  const auto entry = entries_.find(tenant);
  return entry == entries_.end() ? nullptr : entry->second.mailboxes;
}

}  // namespace clawback
