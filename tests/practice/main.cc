// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>
#include <signal.h>

#include <boost/json.hpp>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "tests/practice/certificates.h"
#include "tests/practice/practice_tenant.h"

namespace {

using clawback::practice::PracticeTenant;

constexpr std::string_view kHelp = R"(usage: clawback-practice certificates DIR
       clawback-practice serve --config FILE

The practice tenant: a stand-in for Microsoft's cloud on loopback.

certificates DIR   makes DIR/ca.pem, server.pem, journal-client.pem, app.crt and
                   app.key; what was there under these names is replaced
serve              runs Entra ID's login, Microsoft Graph and a control port until
                   SIGTERM or SIGINT; prints one line when all are open:
                   {"login_url":...,"graph_url":...,"control_url":...}

FILE is YAML or JSON; paths in it start at its folder:

certificate: server.pem      # certificate and key of both hosts (required)
login_port: 0                # 0: any free port; also graph_port, control_port
graph_public_url: ""         # behind a proxy: what @odata.nextLink and scopes begin with
settings:                    # the control port's POST /settings changes them
  token_lifetime: 1h
  latency: 0ms               # of each Graph request
  mailbox_concurrency: 4     # requests in flight for one app and mailbox, then 429
  mailbox_requests: 10000    # in 10 minutes, likewise
  app_requests: 130000       # of one app in one tenant, in 10 seconds, likewise
  on_the_way: 100ms          # after a refusal: what comes then is no early return
  retry_after: "1"           # as written into the header of such a 429
  empty_pages: true          # listings over one page hold an empty page
  admin_consents: true       # what an administrator answers who is asked for consent
  moved_on_percent: 0        # of the items found in an Inbox: moved on before the app acts
tenants:
- name: contoso              # name and id are required
  id: 7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1
  initial_domain: contosotest.onmicrosoft.com
  domains: [contoso.example]
  cloud: global              # gcc-high, dod, china: no permanentDelete
  purges_by_name: false      # true: Purges can be addressed by its name
  apps:
  - client_id: 0a8c6f0e-0d0b-4a55-9d1c-0f4b8f1c2d3e
    secrets: [a secret for practice]
    certificates: [app.crt]
    roles: [Mail.ReadWrite, User.Read.All]
    redirect_uris: ["https://localhost/clawback-consent"]
    consented: true          # false: until an administrator consents
    rbac_mailboxes: []       # addresses that Exchange lets it into without a role
    federated_tokens: []     # files with another issuer's token for it
  users:
  - address: alice@contoso.example    # userPrincipalName; the rest is optional
    id: 9b1c...                       # object id, else derived from address
    mail: alice@contoso.example
    display_name: Alice
    aliases: [a.smith@contoso.example]
    guest: false
    mailbox: cloud           # on-premises, unlicensed, undiscovered, forbidden
    folders: [Projects]      # the user's own
  crowd:                     # many more: person00000@contoso.example, person00001@...
    count: 10000
    prefix: person
    domain: contoso.example
  groups:
  - address: all@contoso.example
    display_name: All
    members: [alice@contoso.example]

The control API is described in tests/practice/README.md.
Exit status: 0, 1 when something failed, 2 for wrong usage.
)";

int Fail(const std::string& what) {
  fmt::print(stderr, "clawback-practice: {}\n", what);
  return 1;
}

int Usage() {
  fmt::print(stderr,
             "clawback-practice: expected certificates DIR, or serve --config FILE; "
             "see clawback-practice --help\n");
  return 2;
}

int Certificates(const std::string& folder) {
  const auto written = clawback::practice::WriteCertificates(folder);
  return written.ok() ? 0 : Fail(written.error().what);
}

int Serve(const std::string& path) {
  // Blocked before any thread starts, so that only sigwait takes them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  signal(SIGPIPE, SIG_IGN);

  const auto file = clawback::practice::ReadPracticeConfig(path);
  for (const auto& fault : file.faults) fmt::print(stderr, "{}\n", clawback::ToString(fault));
  if (!file.faults.empty()) return 1;
  const clawback::SystemClock clock;
  const auto tenant = PracticeTenant::Start(file.config, clock);
  if (!tenant.ok()) return Fail(tenant.error().what);
  const auto& urls = (*tenant)->urls();
  fmt::print("{}\n", boost::json::serialize(boost::json::object{{"login_url", urls.login},
                                                                {"graph_url", urls.graph},
                                                                {"control_url", urls.control}}));
  std::fflush(stdout);
  int received = 0;
  sigwait(&ends, &received);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 1 && (arguments[0] == "--help" || arguments[0] == "-h")) {
    fmt::print("{}", kHelp);
    return 0;
  }
  if (arguments.size() == 2 && arguments[0] == "certificates") return Certificates(arguments[1]);
  if (arguments.size() == 3 && arguments[0] == "serve" && arguments[1] == "--config") {
    return Serve(arguments[2]);
  }
  return Usage();
}
