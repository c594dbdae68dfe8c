// SPDX-License-Identifier: Apache-2.0
// What the practice tenant is made of: tenants with their apps, people and groups,
// and how the service behaves. The secrets in here open nothing but a rehearsal.
#ifndef CLAWBACK_TESTS_PRACTICE_CONFIG_H_
#define CLAWBACK_TESTS_PRACTICE_CONFIG_H_

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "policy/base/yaml.h"

namespace clawback::practice {

using std::chrono::milliseconds;

// What stands behind an address; all but kCloud answer 404 to mail requests.
enum class MailboxKind {
  kCloud,
  kOnPremises,    // MailboxNotEnabledForRESTAPI
  kUnlicensed,    // MailboxNotEnabledForRESTAPI
  kUndiscovered,  // ResourceNotFound
  kForbidden,     // 403: outside the mailboxes that the app may reach
};

enum class NationalCloud { kGlobal, kGccHigh, kDod, kChina };

struct AppConfig {
  std::string client_id;
  std::vector<std::string> secrets;
  std::vector<std::string> certificates;  // paths of PEM files
  std::vector<std::string> roles = {"Mail.ReadWrite", "User.Read.All"};
  std::vector<std::string> rbac_mailboxes;    // addresses that Exchange lets it into besides
  std::vector<std::string> federated_tokens;  // paths of tokens that another issuer gave it
  std::vector<std::string> redirect_uris;
  bool consented = true;  // false: not in the tenant until an administrator consents
};

struct UserConfig {
  std::string address;  // userPrincipalName
  std::string id;       // object id; empty: derived from address
  std::string mail;     // empty: address
  std::string display_name;
  std::vector<std::string> aliases;
  bool guest = false;
  MailboxKind mailbox = MailboxKind::kCloud;
  std::vector<std::string> folders;  // the user's own
};

// Many people who differ in nothing: PREFIX00000@DOMAIN, PREFIX00001@DOMAIN, ...
struct CrowdConfig {
  std::int64_t count = 0;
  std::string prefix = "person";
  std::string domain;
};

struct GroupConfig {
  std::string address;
  std::string display_name;
  std::vector<std::string> members;
};

struct TenantConfig {
  std::string name;
  std::string id;
  std::string initial_domain;  // ...onmicrosoft.com
  std::vector<std::string> domains;
  NationalCloud cloud = NationalCloud::kGlobal;
  bool purges_by_name = false;  // move to recoverableitemspurges is accepted
  std::vector<AppConfig> apps;
  std::vector<UserConfig> users;
  std::vector<GroupConfig> groups;
};

// How the service behaves; can be changed while it runs.
struct ServiceSettings {
  milliseconds token_lifetime = std::chrono::hours(1);
  milliseconds latency{0};  // of each Graph request
  std::int64_t mailbox_concurrency = 4;
  std::int64_t mailbox_requests = 10'000;  // in 10 minutes
  std::int64_t app_requests = 130'000;     // of one app in one tenant, in 10 seconds
  milliseconds on_the_way{100};            // after a refusal: what comes then was sent before
  std::string retry_after = "1";           // as written into the header; "": none
  bool empty_pages = true;                 // listings over one page hold an empty one
  bool admin_consents = true;              // what an administrator answers
  // So many in a hundred items that an app finds in an Inbox are moved on, by their owner
  // or by a rule, before the app comes back to them.
  std::int64_t moved_on_percent = 0;
};

struct PracticeConfig {
  std::string certificate;  // PEM with certificate and key, for localhost
  std::int64_t login_port = 0;
  std::int64_t graph_port = 0;
  std::int64_t control_port = 0;
  std::string graph_public_url;  // what nextLinks and scopes begin with; empty: Graph's own
  ServiceSettings settings;
  std::vector<TenantConfig> tenants;
};

struct PracticeConfigFile {
  PracticeConfig config;
  std::vector<ConfigFault> faults;  // none: config may be used
};
// YAML, and so JSON. Relative paths in it start at the file's folder.
PracticeConfigFile ReadPracticeConfig(const std::string& path);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_CONFIG_H_
