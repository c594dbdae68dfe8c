// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/authorization_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "policy/base/text.h"
#include "policy/json.h"

namespace clawback {
namespace {

namespace json = boost::json;

json::array RolesOf(const Authorization& authorization) {
  json::array roles;
  for (const RoleNeed& need : authorization.needs) {
    json::object role;
    PutText(&role, "role", need.role);
    PutText(&role, "used_for", need.used_for);
    role["required"] = need.required;
    role["granted"] = need.granted;
    roles.push_back(std::move(role));
  }
  return roles;
}

json::array MailboxesOf(const Authorization& authorization) {
  json::array mailboxes;
  for (const MailboxProbe& probe : authorization.mailboxes) {
    json::object mailbox;
    PutText(&mailbox, "address", probe.address);
    mailbox["reached"] = probe.fault.empty();
    PutText(&mailbox, "fault", probe.fault);
    mailboxes.push_back(std::move(mailbox));
  }
  return mailboxes;
}

bool AnyReached(const Authorization& authorization) {
  return std::any_of(authorization.mailboxes.begin(), authorization.mailboxes.end(),
                     [](const MailboxProbe& probe) { return probe.fault.empty(); });
}

// The first thing that stands in the way.
std::string MissingOf(const Authorization& authorization) {
  if (authorization.authorized) return "";
  if (!authorization.sign_in_fault.empty()) {
    return "the app cannot sign in: check graph.client_id and the credential, or have the "
           "administrator consent: clawback tenant authorize NAME";
  }
  if (!authorization.tenant_matches) return "the token is another tenant's: check tenant_id";
  if (!authorization.directory_fault.empty()) {
    return "the directory cannot be read: the app needs User.Read.All (clawback tenant "
           "authorize); a new consent can take minutes";
  }
  if (authorization.mailboxes.empty()) {
    return "no mailbox was found to look into: name one with --mailbox";
  }
  if (!AnyReached(authorization)) {
    return "no mailbox looked into lets the app in: it needs Mail.ReadWrite (clawback tenant "
           "authorize), or with RBAC for Applications a --mailbox within its scope; changes "
           "can take two hours";
  }
  return "mailboxes can be read, but not written: the app needs Mail.ReadWrite (clawback tenant "
         "authorize)";
}

}  // namespace

std::optional<std::string> EndWarning(std::optional<Time> end, Time now) {
  if (!end || *end - now > kWarnBeforeEnd) return std::nullopt;
  if (*end <= now) return "the credential ended at " + FormatTime(*end);
  const auto days = std::chrono::floor<std::chrono::days>(*end - now).count();
  return fmt::format("the credential ends at {}, in {} days: renew it", FormatTime(*end), days);
}

json::object ToJsonObject(const Authorization& authorization, Time now) {
  json::object out;
  out["authorized"] = authorization.authorized;
  PutText(&out, "missing", MissingOf(authorization));
  out["by_rbac"] = authorization.by_rbac;
  PutText(&out, "credential", authorization.credential);
  if (authorization.credential_ends) {
    PutText(&out, "credential_ends", FormatTime(*authorization.credential_ends));
  }
  const auto warning = EndWarning(authorization.credential_ends, now);
  PutText(&out, "credential_warning", warning.value_or(authorization.credential_fault));
  PutText(&out, "sign_in_fault", authorization.sign_in_fault);
  PutText(&out, "token_tenant", authorization.token_tenant);
  out["roles"] = RolesOf(authorization);
  json::array granted;
  for (const std::string& role : authorization.roles) granted.emplace_back(RepairUtf8(role));
  out["granted"] = std::move(granted);
  PutText(&out, "directory_fault", authorization.directory_fault);
  out["mailboxes"] = MailboxesOf(authorization);
  return out;
}

}  // namespace clawback
