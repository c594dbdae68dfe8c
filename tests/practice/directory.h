// SPDX-License-Identifier: Apache-2.0
// Tenants, their apps and people, as Entra ID knows them. Guarded by World's lock.
#ifndef CLAWBACK_TESTS_PRACTICE_DIRECTORY_H_
#define CLAWBACK_TESTS_PRACTICE_DIRECTORY_H_

#include <openssl/x509.h>

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "policy/base/c_handle.h"
#include "policy/base/result.h"
#include "tests/practice/config.h"
#include "tests/practice/mailbox.h"

namespace clawback::practice {

struct AppCertificate {
  std::string sha256;  // base64url of the certificate's digest: x5t#S256
  std::string sha1;    // the older x5t
  CHandle<EVP_PKEY, EVP_PKEY_free> key;
};

struct App {
  AppConfig config;
  std::vector<AppCertificate> certificates;
};

struct User {
  UserConfig config;
  std::unique_ptr<Mailbox> mailbox;  // null unless MailboxKind::kCloud or kForbidden

  // "SMTP:primary", "smtp:alias", ...
  std::vector<std::string> ProxyAddresses() const;
  bool HasAddress(std::string_view address) const;  // any of them, or the UPN
};

struct Tenant {
  TenantConfig config;
  std::vector<App> apps;
  std::deque<User> users;
  // Lower case; what two users share is the first one's.
  std::unordered_map<std::string, User*> by_name;     // object id or userPrincipalName
  std::unordered_map<std::string, User*> by_address;  // any address, or userPrincipalName

  // Only an app that the tenant's administrator has consented to.
  const App* FindApp(std::string_view client_id) const;
  App* FindRegistered(std::string_view client_id);
  // As Graph takes it in a path: object id or userPrincipalName, no alias.
  User* FindUser(std::string_view id_or_upn);
  User* FindByAddress(std::string_view address);
  std::string_view LoginHost() const;  // of its national cloud
  std::string_view GraphHost() const;
};

Result<Tenant> MakeTenant(const TenantConfig& config);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_DIRECTORY_H_
