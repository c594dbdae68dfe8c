// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/known_tenant.h"

#include <algorithm>

#include "retract/sidecar/live_settings.h"
#include "retract/sidecar/no_tenant.h"

namespace clawback {

Status CheckTenantKnown(const std::string& name, LiveSettings* settings, Ledger& ledger) {
  if (name.empty() || settings == nullptr) return {};
  if (std::ranges::count(settings->TenantNames(), name) > 0) return {};
  AuditQuery entries;
  entries.tenant = name;
  entries.limit = 1;
  const auto audit = ledger.FindAudit(entries);
  if (!audit) return audit.error();
  if (!audit->empty()) return {};
  TraceQuery reports;
  reports.tenant = name;
  reports.limit = 1;
  const auto trace = ledger.Search(reports);
  if (!trace) return trace.error();
  if (!trace->empty()) return {};
  return NoTenant(name);
}

}  // namespace clawback
