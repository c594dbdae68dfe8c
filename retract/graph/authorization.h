// SPDX-License-Identifier: Apache-2.0
// What a tenant's administrator has granted to our app, as far as it shows: the roles in
// a fresh token, and what a look into the directory and into a few mailboxes meets. An
// app may work without any Mail role in its token, by RBAC for Applications in Exchange
// Online; so what counts is what can be reached.
#ifndef CLAWBACK_RETRACT_GRAPH_AUTHORIZATION_H_
#define CLAWBACK_RETRACT_GRAPH_AUTHORIZATION_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "policy/tenant.h"
#include "retract/graph/http_client.h"
#include "retract/graph/request_limits.h"

namespace clawback {

// One permission of Graph that the app can use.
struct RoleNeed {
  std::string_view role;
  std::string_view used_for;
  bool required = true;  // false: it goes without
  bool granted = false;
};

// A mailbox that was looked into.
struct MailboxProbe {
  std::string address;
  std::string fault;  // empty: its Inbox can be seen
};

struct Authorization {
  std::string credential;  // "client-secret", "certificate", "federated-token"
  std::optional<Time> credential_ends;
  std::string credential_fault;    // why nobody can tell; empty: none
  std::string sign_in_fault;       // empty: a token was issued
  std::string token_tenant;        // whose the token is
  bool tenant_matches = false;     // and that this is the tenant meant
  std::vector<std::string> roles;  // all that the token names
  std::vector<RoleNeed> needs;
  std::string directory_fault;  // empty: users and their addresses can be read
  std::vector<MailboxProbe> mailboxes;
  bool by_rbac = false;  // mailboxes are reached without a Mail role
  // All that automatic work needs was seen to be there.
  bool authorized = false;
};

// Asks with a token of its own, so that a fresh consent shows; nothing is changed in the
// tenant. mailbox: the address to look into; empty: a few that the directory names. Takes
// as long as the requests do, at most a dozen. Never fails: what fails is the answer.
Authorization AskAuthorization(const Tenant& tenant, std::string_view mailbox, HttpClient& http,
                               RequestLimits& limits, const Clock& clock);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_AUTHORIZATION_H_
