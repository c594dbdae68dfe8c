// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/tenant_authorization.h"

#include <utility>

#include "policy/base/log.h"
#include "policy/base/text.h"
#include "policy/json.h"
#include "retract/graph/admin_consent.h"
#include "retract/sidecar/authorization_json.h"

namespace clawback {
namespace {

namespace json = boost::json;

struct EndArguments {
  std::string tenant, redirect, mailbox;
};

Result<EndArguments> ReadEnd(const std::string& text) {
  EndArguments arguments;
  const Status read = ReadJson(text, [&](const JsonReader& in) {
    in.Text("tenant", &arguments.tenant);
    in.Text("redirect", &arguments.redirect);
    in.Text("mailbox", &arguments.mailbox);
    if (arguments.redirect.empty()) in.Fault("redirect", "is missing: where the browser ended");
  });
  if (!read) return read.error();
  return arguments;
}

Error Refused(std::string what) { return {ErrorKind::kRefused, std::move(what)}; }

// A token of the tenant itself is the proof; the address that was pasted is none.
Status CheckProof(const Authorization& proof, const Tenant& tenant) {
  if (!proof.sign_in_fault.empty()) {
    return Refused("consent is not proven, no token is to be had: " + proof.sign_in_fault +
                   ". A new consent can take minutes; clawback tenant status shows it");
  }
  if (proof.tenant_matches) return {};
  return Refused("consent is not proven: the token is of tenant " + proof.token_tenant + ", not " +
                 tenant.tenant_id);
}

}  // namespace

Status TenantAuthorization::Audit(const Actor& who, const Tenant& tenant, std::string what,
                                  const json::object& evidence) {
  return world_.ledger.AppendAudit({who, std::move(what), tenant.name, tenant.tenant_id,
                                    "administrator's consent", json::serialize(evidence)});
}

Result<std::string> TenantAuthorization::Begin(const std::string& arguments, const Actor& who) {
  std::string name;
  const Status read = ReadJson(arguments, [&](const JsonReader& in) { in.Text("tenant", &name); });
  if (!read) return read.error();
  const auto tenant = world_.find(name);
  if (!tenant) return tenant.error();
  const auto state = states_.Issue(tenant->name, who);
  if (!state) return state.error();
  const auto url = AdminConsentUrl(*tenant, *state);
  if (!url) return url.error();
  json::object evidence;
  PutText(&evidence, "client_id", tenant->graph.client_id);
  if (Status noted = Audit(who, *tenant, "consent.asked", evidence); !noted) return noted.error();
  json::object result;
  PutText(&result, "tenant", tenant->name);
  PutText(&result, "url", *url);
  PutText(&result, "redirect_uri", tenant->graph.redirect_uri);
  PutText(&result, "ends", FormatTime(world_.clock.Now() + ConsentStates::kLife));
  return json::serialize(result);
}

// The state first, for it is used up by whatever comes with it; then the error, which
// comes with admin_consent=True; what is said of success last.
Status TenantAuthorization::CheckRedirect(const std::string& redirect, const Tenant& tenant,
                                          const Actor& who) {
  const auto said = ReadConsentRedirect(redirect, tenant.graph.redirect_uri);
  if (!said) return said.error();
  if (Status taken = states_.Take(said->state, tenant.name, who); !taken) return taken;
  if (!said->error.empty()) {
    return Refused("the administrator did not consent: " + said->error + " " +
                   RepairUtf8(CutUtf8(said->error_description, 500)));
  }
  if (!said->consented) return Refused("the address does not say that consent was given");
  if (EqualIgnoringCase(said->tenant, tenant.tenant_id)) return {};
  return Refused("consent was given in another tenant, " + RepairUtf8(CutUtf8(said->tenant, 100)) +
                 ", expected " + tenant.tenant_id);
}

Result<std::string> TenantAuthorization::End(const std::string& text, const Actor& who) {
  const auto arguments = ReadEnd(text);
  if (!arguments) return arguments.error();
  const auto tenant = world_.find(arguments->tenant);
  if (!tenant) return tenant.error();
  Authorization proof;
  Status proven = CheckRedirect(arguments->redirect, *tenant, who);
  if (proven) {
    proof = world_.ask(*tenant, arguments->mailbox);
    proven = CheckProof(proof, *tenant);
  }
  json::object evidence;
  if (!proven) PutText(&evidence, "fault", proven.error().what);
  if (proven) evidence["roles"] = json::value_from(proof.roles);
  Status noted = Audit(who, *tenant, proven ? "consent.given" : "consent.refused", evidence);
  if (!proven) return proven.error();
  if (!noted) return noted.error();
  world_.renew(*tenant);
  json::object result;
  PutText(&result, "tenant", tenant->name);
  result["authorization"] = ToJsonObject(proof, world_.clock.Now());
  return json::serialize(result);
}

json::object TenantAuthorization::Section(const Tenant& tenant, std::string_view mailbox) const {
  return ToJsonObject(world_.ask(tenant, mailbox), world_.clock.Now());
}

}  // namespace clawback
