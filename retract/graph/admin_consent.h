// SPDX-License-Identifier: Apache-2.0
// The page on which a tenant's administrator lets our app in (Microsoft identity
// platform, "admin consent on the Microsoft identity platform"), and the address that
// the browser ends at. That address passes through a person's hands and proves nothing.
#ifndef CLAWBACK_RETRACT_GRAPH_ADMIN_CONSENT_H_
#define CLAWBACK_RETRACT_GRAPH_ADMIN_CONSENT_H_

#include <string>
#include <string_view>

#include "policy/base/result.h"
#include "policy/tenant.h"

namespace clawback {

// kInvalid: the tenant's settings cannot work, with the key that is wrong.
Result<std::string> AdminConsentUrl(const Tenant& tenant, std::string_view state);

// What the address of the browser says; each member as sent, without its encoding.
struct ConsentRedirect {
  std::string state;
  std::string error;  // empty: none
  std::string error_description;
  std::string tenant;      // a claim
  bool consented = false;  // says nothing where there is an error
};

// kInvalid: url does not begin with redirect_uri, is no URL, is longer than 8 KiB, or
// says a thing twice.
Result<ConsentRedirect> ReadConsentRedirect(std::string_view url, std::string_view redirect_uri);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_ADMIN_CONSENT_H_
