// SPDX-License-Identifier: Apache-2.0
// The operations by which a tenant's administrator lets our app in, and that show what
// it then may do.
#ifndef CLAWBACK_RETRACT_SIDECAR_TENANT_AUTHORIZATION_H_
#define CLAWBACK_RETRACT_SIDECAR_TENANT_AUTHORIZATION_H_

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <string_view>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "policy/tenant.h"
#include "retract/graph/authorization.h"
#include "retract/ledger/ledger.h"
#include "retract/sidecar/consent_states.h"

namespace clawback {

// Safe from any thread; what is handed in outlives it.
class TenantAuthorization {
 public:
  struct World {
    // kNotFound: there is no such tenant.
    std::function<Result<Tenant>(const std::string& name)> find;
    std::function<Authorization(const Tenant&, std::string_view mailbox)> ask;
    // A new consent was given: what is kept of older tokens is to be dropped.
    std::function<void(const Tenant&)> renew;
    Ledger& ledger;
    const Clock& clock;
  };
  explicit TenantAuthorization(World world)
      : world_(std::move(world)), states_(world_.ledger, world_.clock) {}

  // Arguments and results as docs/api.md says, in JSON. Who asks and how it ends is
  // audited.
  Result<std::string> Begin(const std::string& arguments, const Actor& who);
  Result<std::string> End(const std::string& arguments, const Actor& who);
  // The section "authorization" of a tenant's status. mailbox: the address to look into,
  // or empty.
  boost::json::object Section(const Tenant& tenant, std::string_view mailbox) const;

 private:
  Status Audit(const Actor& who, const Tenant& tenant, std::string what,
               const boost::json::object& evidence);
  Status CheckRedirect(const std::string& redirect, const Tenant& tenant, const Actor& who);

  const World world_;
  ConsentStates states_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_TENANT_AUTHORIZATION_H_
