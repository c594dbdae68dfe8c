// SPDX-License-Identifier: Apache-2.0
// Whether a tenant that somebody names is one: a mistyped name shall not look like a tenant
// of which there is nothing.
#ifndef CLAWBACK_RETRACT_SIDECAR_KNOWN_TENANT_H_
#define CLAWBACK_RETRACT_SIDECAR_KNOWN_TENANT_H_

#include <string>

#include "policy/base/result.h"
#include "retract/ledger/ledger.h"

namespace clawback {

class LiveSettings;

// kNotFound where no file names the tenant and the ledger holds neither a report nor an entry
// of the audit of it: what came of one that was removed can still be looked up. Anything goes
// for the empty name, which means all tenants, and without settings (null).
Status CheckTenantKnown(const std::string& name, LiveSettings* settings, Ledger& ledger);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_KNOWN_TENANT_H_
