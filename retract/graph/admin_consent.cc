// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/admin_consent.h"

#include <boost/url.hpp>

#include "policy/base/text.h"
#include "retract/graph/clouds.h"
#include "retract/graph/graph_url.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxUrl = 8UL * 1024;

Error Unusable(std::string what) { return {ErrorKind::kInvalid, std::move(what)}; }

// Where each parameter goes; nullptr: it is not of interest.
std::string* FieldOf(ConsentRedirect& redirect, std::string_view key, std::string* consented) {
  if (key == "state") return &redirect.state;
  if (key == "error") return &redirect.error;
  if (key == "error_description") return &redirect.error_description;
  if (key == "tenant") return &redirect.tenant;
  return key == "admin_consent" ? consented : nullptr;
}

}  // namespace

Result<std::string> AdminConsentUrl(const Tenant& tenant, std::string_view state) {
  const auto endpoints = EndpointsOf(tenant.graph);
  if (!endpoints.ok()) return Within("tenant " + tenant.name, endpoints.error());
  return endpoints->login.Url() + "/" + PercentEncode(tenant.tenant_id) +
         "/v2.0/adminconsent?client_id=" + PercentEncode(tenant.graph.client_id) +
         "&scope=" + PercentEncode(endpoints->graph.Url() + "/.default") +
         "&redirect_uri=" + PercentEncode(tenant.graph.redirect_uri) +
         "&state=" + PercentEncode(state);
}

Result<ConsentRedirect> ReadConsentRedirect(std::string_view url, std::string_view redirect_uri) {
  url = Trim(url);
  if (url.size() > kMaxUrl) return Unusable("the address is longer than 8 KiB");
  const auto parsed = boost::urls::parse_uri(url);
  const bool ours = url.starts_with(redirect_uri) && url.size() > redirect_uri.size() &&
                    url[redirect_uri.size()] == '?';
  if (!parsed || !ours) {
    return Unusable("expected the whole address at which the browser ended, it begins with " +
                    std::string(redirect_uri) + "?");
  }
  ConsentRedirect redirect;
  std::string consented;
  for (const auto& parameter : parsed->params()) {
    std::string* field = FieldOf(redirect, parameter.key, &consented);
    if (field == nullptr) continue;
    if (!field->empty()) return Unusable("the address says \"" + parameter.key + "\" twice");
    *field = parameter.value;
  }
  redirect.consented = EqualIgnoringCase(consented, "true");
  return redirect;
}

}  // namespace clawback
