// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/world.h"

#include <algorithm>

#include "policy/base/text.h"

namespace clawback::practice {
namespace {

constexpr size_t kMaxLoggedRequests = 100'000;

bool IsCalled(const Tenant& tenant, std::string_view name) {
  const TenantConfig& config = tenant.config;
  return EqualIgnoringCase(config.id, name) || EqualIgnoringCase(config.initial_domain, name) ||
         std::any_of(config.domains.begin(), config.domains.end(),
                     [&](const std::string& domain) { return EqualIgnoringCase(domain, name); });
}

}  // namespace

Tenant* World::FindTenant(std::string_view name) {
  for (Tenant& tenant : tenants) {
    if (IsCalled(tenant, name)) return &tenant;
  }
  return nullptr;
}

Tenant* World::FindTenantForControl(std::string_view name) {
  for (Tenant& tenant : tenants) {
    if (tenant.config.name == name || IsCalled(tenant, name)) return &tenant;
  }
  return nullptr;
}

void World::LogRequest(LoggedRequest request) {
  if (requests.size() >= kMaxLoggedRequests) requests.pop_front();
  requests.push_back(std::move(request));
  ++requests_seen;
}

}  // namespace clawback::practice
