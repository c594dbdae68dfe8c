// SPDX-License-Identifier: Apache-2.0
// Each tenant's own mailbox provider, with its own credential and token: a worker is
// handed the one of its claim's tenant and nothing else, so tenants cannot be mixed.
#ifndef CLAWBACK_RETRACT_SIDECAR_TENANT_MAILBOXES_H_
#define CLAWBACK_RETRACT_SIDECAR_TENANT_MAILBOXES_H_

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"
#include "policy/tenant.h"
#include "retract/graph/mailbox_provider.h"

namespace clawback {

// Safe from any thread.
class TenantMailboxes {
 public:
  using Open = std::function<Result<std::unique_ptr<MailboxProvider>>(const Tenant&)>;
  explicit TenantMailboxes(Open open) : open_(std::move(open)) {}

  // Takes over the tenants of directory. A tenant whose settings have not changed
  // keeps its provider and token. Errors, one a tenant: those that cannot be opened
  // are left as they were, if they were there.
  std::vector<Error> Load(const TenantDirectory& directory);

  // Opens the tenant's mailboxes anew, without what was kept of an older token. Where
  // that fails they are left as they were.
  void Renew(const Tenant& tenant);

  // How many tenants there are.
  std::size_t size() const;

  // null: no such tenant. Stays usable while held, whatever is loaded meanwhile.
  std::shared_ptr<MailboxProvider> Of(std::string_view tenant) const;

 private:
  struct Entry {
    std::string settings_version;
    std::shared_ptr<MailboxProvider> mailboxes;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  const Open open_;
  mutable std::mutex mutex_;
  Entries entries_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_TENANT_MAILBOXES_H_
