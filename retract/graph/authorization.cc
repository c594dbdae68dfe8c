// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/authorization.h"

#include <algorithm>
#include <array>
#include <utility>

#include "policy/base/text.h"
#include "retract/graph/clouds.h"
#include "retract/graph/graph_json.h"
#include "retract/graph/graph_session.h"
#include "retract/graph/graph_url.h"
#include "retract/graph/mailbox_directory.h"
#include "retract/graph/mailbox_provider.h"
#include "retract/graph/sign_in.h"

namespace clawback {
namespace {

constexpr std::size_t kMostProbes = 3;
constexpr std::size_t kMostAsked = 8;  // some users have no mailbox

struct Role {
  RoleNeed need;
  std::array<std::string_view, 3> covered_by;  // wider ones that do as well
};
constexpr std::array kRoles = {
    Role{{"Mail.ReadWrite", "find, compare and move messages"}, {}},
    Role{{"User.Read.All", "find whose mailbox an address is"},
         {"User.ReadWrite.All", "Directory.Read.All", "Directory.ReadWrite.All"}},
    Role{{"GroupMember.Read.All", "tell a group from an unknown address", false},
         {"Group.Read.All", "Directory.Read.All", "Directory.ReadWrite.All"}},
};

bool Names(const std::vector<std::string>& roles, std::string_view role) {
  return !role.empty() && std::find(roles.begin(), roles.end(), role) != roles.end();
}

std::vector<RoleNeed> NeedsOf(const std::vector<std::string>& roles) {
  std::vector<RoleNeed> needs;
  for (const Role& role : kRoles) {
    RoleNeed need = role.need;
    need.granted = Names(roles, need.role) ||
                   std::any_of(role.covered_by.begin(), role.covered_by.end(),
                               [&](std::string_view wider) { return Names(roles, wider); });
    needs.push_back(need);
  }
  return needs;
}

bool HasMailRole(const std::vector<std::string>& roles) {
  return std::any_of(roles.begin(), roles.end(),
                     [](const std::string& role) { return role.starts_with("Mail."); });
}

// One tenant's answer in the making.
class Asking {
 public:
  Asking(const Tenant& tenant, SignIn sign_in, const WebOrigin& graph, HttpClient& http,
         RequestLimits& limits, const Clock& clock, Authorization& answer)
      : tenant_(tenant),
        clock_(clock),
        session_({graph, tenant.graph.ca_file}, std::move(sign_in), http, limits, clock),
        answer_(answer) {}

  void Run(std::string_view mailbox) {
    if (!AskToken()) return;
    const std::vector<DirectoryUser> users = AskDirectory();
    if (!mailbox.empty()) {
      ProbeNamed(mailbox);
    } else {
      ProbeSome(users);
    }
    Conclude();
  }

 private:
  // False: no further question has a sense.
  bool AskToken() {
    const auto claims = session_.Claims();
    if (!claims.ok()) {
      answer_.sign_in_fault = claims.error().what;
      return false;
    }
    answer_.token_tenant = claims->tenant_id;
    answer_.tenant_matches = EqualIgnoringCase(claims->tenant_id, tenant_.tenant_id);
    answer_.roles = claims->roles;
    answer_.needs = NeedsOf(claims->roles);
    return answer_.tenant_matches;
  }

  std::vector<DirectoryUser> AskDirectory() {
    const auto response = session_.Call({.target = FewUsersTarget(), .mailbox = "directory"});
    if (!response.ok()) {
      answer_.directory_fault = response.error().what;
      return {};
    }
    auto users = ReadUsers(response->body);
    if (users.ok()) return *std::move(users);
    answer_.directory_fault = users.error().what;
    return {};
  }

  // False: there is no mailbox.
  bool Probe(const MailboxId& mailbox, std::string address) {
    const std::string inbox(WellKnownName(KnownFolder::kInbox));
    const auto response =
        session_.Call({.target = FolderTarget(mailbox, inbox), .mailbox = mailbox.value});
    if (!response.ok() && MeansNoMailbox(response.error())) return false;
    answer_.mailboxes.push_back(
        {std::move(address), response.ok() ? std::string() : response.error().what});
    return true;
  }

  void ProbeNamed(std::string_view address) {
    MailboxDirectory directory(session_, clock_);
    const auto mailbox = directory.Resolve(address);
    if (!mailbox.ok()) {
      answer_.mailboxes.push_back({std::string(address), mailbox.error().what});
    } else if (!Probe(*mailbox, std::string(address))) {
      answer_.mailboxes.push_back({std::string(address), "there is no mailbox in this cloud"});
    }
  }

  void ProbeSome(const std::vector<DirectoryUser>& users) {
    std::size_t asked = 0;
    for (const DirectoryUser& user : users) {
      if (answer_.mailboxes.size() == kMostProbes || asked == kMostAsked) return;
      if (user.mail.empty() || EqualIgnoringCase(user.type, "guest")) continue;
      ++asked;
      Probe(MailboxId{user.id}, user.mail);
    }
  }

  void Conclude() {
    const auto& probes = answer_.mailboxes;
    const bool reached = std::any_of(probes.begin(), probes.end(),
                                     [](const MailboxProbe& probe) { return probe.fault.empty(); });
    answer_.by_rbac = reached && !HasMailRole(answer_.roles);
    const bool may_mail = answer_.needs.front().granted || answer_.by_rbac;
    answer_.authorized = answer_.directory_fault.empty() && reached && may_mail;
  }

  const Tenant& tenant_;
  const Clock& clock_;
  GraphSession session_;
  Authorization& answer_;
};

}  // namespace

Authorization AskAuthorization(const Tenant& tenant, std::string_view mailbox, HttpClient& http,
                               RequestLimits& limits, const Clock& clock) {
  Authorization answer;
  answer.credential = CredentialName(tenant.graph);
  answer.needs = NeedsOf({});
  const auto end = CredentialEnd(tenant.graph);
  if (end.ok()) {
    answer.credential_ends = *end;
  } else {
    answer.credential_fault = end.error().what;
  }
  auto sign_in = SignInOf(tenant);
  const auto endpoints = EndpointsOf(tenant.graph);
  if (!sign_in.ok() || !endpoints.ok()) {
    answer.sign_in_fault = sign_in.ok() ? endpoints.error().what : sign_in.error().what;
    return answer;
  }
  Asking asking(tenant, *std::move(sign_in), endpoints->graph, http, limits, clock, answer);
  asking.Run(mailbox);
  return answer;
}

}  // namespace clawback
