// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/directory.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>

#include "tests/practice/text.h"

namespace clawback::practice {
namespace {

std::string Thumbprint(const X509* certificate, const EVP_MD* digest) {
  unsigned char bytes[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  X509_digest(certificate, digest, bytes, &size);
  return Base64Url({reinterpret_cast<const char*>(bytes), size});
}

Result<AppCertificate> LoadCertificate(const std::string& path) {
  const CHandle<BIO, BIO_free_all> file(BIO_new_file(path.c_str(), "r"));
  if (!file) return Error{ErrorKind::kInvalid, path + ": cannot be read"};
  const CHandle<X509, X509_free> certificate(
      PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  if (!certificate) return Error{ErrorKind::kInvalid, path + ": holds no PEM certificate"};
  AppCertificate loaded;
  loaded.sha256 = Thumbprint(certificate.get(), EVP_sha256());
  loaded.sha1 = Thumbprint(certificate.get(), EVP_sha1());
  loaded.key.reset(X509_get_pubkey(certificate.get()));
  return loaded;
}

}  // namespace

std::vector<std::string> User::ProxyAddresses() const {
  std::vector<std::string> addresses = {"SMTP:" + config.mail};
  for (const std::string& alias : config.aliases) addresses.push_back("smtp:" + alias);
  return addresses;
}

bool User::HasAddress(std::string_view address) const {
  const auto is = [&](const std::string& mine) { return EqualIgnoringCase(mine, address); };
  return is(config.address) || is(config.mail) ||
         std::any_of(config.aliases.begin(), config.aliases.end(), is);
}

const App* Tenant::FindApp(std::string_view client_id) const {
  const auto found = std::find_if(apps.begin(), apps.end(), [&](const App& app) {
    return app.config.consented && EqualIgnoringCase(app.config.client_id, client_id);
  });
  return found == apps.end() ? nullptr : &*found;
}

App* Tenant::FindRegistered(std::string_view client_id) {
  const auto found = std::find_if(apps.begin(), apps.end(), [&](const App& app) {
    return EqualIgnoringCase(app.config.client_id, client_id);
  });
  return found == apps.end() ? nullptr : &*found;
}

User* Tenant::FindUser(std::string_view id_or_upn) {
  const auto found = by_name.find(LowerAscii(id_or_upn));
  return found == by_name.end() ? nullptr : found->second;
}

User* Tenant::FindByAddress(std::string_view address) {
  const auto found = by_address.find(LowerAscii(address));
  return found == by_address.end() ? nullptr : found->second;
}

std::string_view Tenant::LoginHost() const {
  switch (config.cloud) {
    case NationalCloud::kGlobal:
      return "login.microsoftonline.com";
    case NationalCloud::kGccHigh:
    case NationalCloud::kDod:
      return "login.microsoftonline.us";
    case NationalCloud::kChina:
      return "login.chinacloudapi.cn";
  }
  return {};
}

std::string_view Tenant::GraphHost() const {
  switch (config.cloud) {
    case NationalCloud::kGlobal:
      return "graph.microsoft.com";
    case NationalCloud::kGccHigh:
      return "graph.microsoft.us";
    case NationalCloud::kDod:
      return "dod-graph.microsoft.us";
    case NationalCloud::kChina:
      return "microsoftgraph.chinacloudapi.cn";
  }
  return {};
}

Result<Tenant> MakeTenant(const TenantConfig& config) {
  Tenant tenant;
  tenant.config = config;
  for (const AppConfig& app_config : config.apps) {
    App app;
    app.config = app_config;
    for (const std::string& path : app_config.certificates) {
      Result<AppCertificate> certificate = LoadCertificate(path);
      if (!certificate.ok()) return certificate.error();
      app.certificates.push_back(std::move(*certificate));
    }
    tenant.apps.push_back(std::move(app));
  }
  for (const UserConfig& user_config : config.users) {
    User& user = tenant.users.emplace_back();
    user.config = user_config;
    tenant.by_name.emplace(LowerAscii(user_config.id), &user);
    tenant.by_name.emplace(LowerAscii(user_config.address), &user);
    tenant.by_address.emplace(LowerAscii(user_config.address), &user);
    tenant.by_address.emplace(LowerAscii(user_config.mail), &user);
    for (const std::string& alias : user_config.aliases) {
      tenant.by_address.emplace(LowerAscii(alias), &user);
    }
    const bool has_mailbox = user_config.mailbox == MailboxKind::kCloud ||
                             user_config.mailbox == MailboxKind::kForbidden;
    if (!has_mailbox || user_config.guest) continue;
    user.mailbox = std::make_unique<Mailbox>(user_config.id);
    for (const std::string& folder : user_config.folders) user.mailbox->AddFolder(folder, "");
  }
  return tenant;
}

}  // namespace clawback::practice
