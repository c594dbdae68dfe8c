// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/config.h"

#include <fmt/format.h>

#include <filesystem>

#include "policy/base/text.h"
#include "tests/practice/text.h"

namespace clawback::practice {
namespace {

constexpr milliseconds kNoTime{0};
constexpr milliseconds kDay = std::chrono::hours(24);

std::string Beside(const std::string& file, const std::string& path) {
  if (path.empty()) return path;
  return (std::filesystem::path(file).parent_path() / path).string();
}

void ReadApp(YamlMap& map, const std::string& file, TenantConfig* tenant) {
  AppConfig app;
  map.String("client_id", &app.client_id, Presence::kRequired);
  map.Strings("secrets", &app.secrets);
  map.Strings("certificates", &app.certificates);
  map.Strings("roles", &app.roles);
  map.Strings("rbac_mailboxes", &app.rbac_mailboxes);
  map.Strings("federated_tokens", &app.federated_tokens);
  map.Strings("redirect_uris", &app.redirect_uris);
  map.Bool("consented", &app.consented);
  for (std::string& path : app.federated_tokens) path = Beside(file, path);
  for (std::string& path : app.certificates) path = Beside(file, path);
  tenant->apps.push_back(std::move(app));
}

void AddUser(UserConfig user, TenantConfig* tenant) {
  if (user.id.empty()) user.id = GuidFrom(LowerAscii(user.address));
  if (user.mail.empty()) user.mail = user.address;
  if (user.display_name.empty()) user.display_name = user.address.substr(0, user.address.find('@'));
  tenant->users.push_back(std::move(user));
}

void ReadCrowd(YamlMap& map, TenantConfig* tenant) {
  CrowdConfig crowd;
  map.Integer("count", &crowd.count, 1, 1'000'000, Presence::kRequired);
  map.String("prefix", &crowd.prefix);
  map.String("domain", &crowd.domain, Presence::kRequired);
  for (std::int64_t number = 0; number < crowd.count; ++number) {
    UserConfig user;
    user.address = fmt::format("{}{:05}@{}", crowd.prefix, number, crowd.domain);
    AddUser(std::move(user), tenant);
  }
}

void ReadUser(YamlMap& map, TenantConfig* tenant) {
  UserConfig user;
  map.String("address", &user.address, Presence::kRequired);
  map.String("id", &user.id);
  map.String("mail", &user.mail);
  map.String("display_name", &user.display_name);
  map.Strings("aliases", &user.aliases);
  map.Bool("guest", &user.guest);
  map.Enum("mailbox", &user.mailbox,
           {{"cloud", MailboxKind::kCloud},
            {"on-premises", MailboxKind::kOnPremises},
            {"unlicensed", MailboxKind::kUnlicensed},
            {"undiscovered", MailboxKind::kUndiscovered},
            {"forbidden", MailboxKind::kForbidden}});
  map.Strings("folders", &user.folders);
  if (!user.id.empty() && !LooksLikeGuid(user.id)) map.Fault("id", "expected a GUID");
  AddUser(std::move(user), tenant);
}

void ReadGroup(YamlMap& map, TenantConfig* tenant) {
  GroupConfig group;
  map.String("address", &group.address, Presence::kRequired);
  map.String("display_name", &group.display_name);
  map.Strings("members", &group.members);
  tenant->groups.push_back(std::move(group));
}

void ReadTenant(YamlMap& map, const std::string& file, PracticeConfig* config) {
  TenantConfig tenant;
  map.String("name", &tenant.name, Presence::kRequired);
  map.String("id", &tenant.id, Presence::kRequired);
  if (!tenant.id.empty() && !LooksLikeGuid(tenant.id)) map.Fault("id", "expected a GUID");
  tenant.id = LowerAscii(tenant.id);
  tenant.initial_domain = tenant.name + ".onmicrosoft.com";
  map.String("initial_domain", &tenant.initial_domain);
  map.Strings("domains", &tenant.domains);
  map.Enum("cloud", &tenant.cloud,
           {{"global", NationalCloud::kGlobal},
            {"gcc-high", NationalCloud::kGccHigh},
            {"dod", NationalCloud::kDod},
            {"china", NationalCloud::kChina}});
  map.Bool("purges_by_name", &tenant.purges_by_name);
  map.List("apps", [&](YamlMap& app) { ReadApp(app, file, &tenant); });
  map.List("users", [&](YamlMap& user) { ReadUser(user, &tenant); });
  map.Map("crowd", [&](YamlMap& crowd) { ReadCrowd(crowd, &tenant); });
  map.List("groups", [&](YamlMap& group) { ReadGroup(group, &tenant); });
  config->tenants.push_back(std::move(tenant));
}

void ReadSettings(YamlMap& map, ServiceSettings* settings) {
  map.Duration("token_lifetime", &settings->token_lifetime, milliseconds(1), kDay);
  map.Duration("latency", &settings->latency, kNoTime, kDay);
  map.Integer("mailbox_concurrency", &settings->mailbox_concurrency, 1, 1000);
  map.Integer("mailbox_requests", &settings->mailbox_requests, 1, 100'000'000);
  map.Integer("app_requests", &settings->app_requests, 1, 100'000'000);
  map.Duration("on_the_way", &settings->on_the_way, kNoTime, kDay);
  map.String("retry_after", &settings->retry_after);
  map.Bool("empty_pages", &settings->empty_pages);
  map.Bool("admin_consents", &settings->admin_consents);
  map.Integer("moved_on_percent", &settings->moved_on_percent, 0, 100);
}

}  // namespace

PracticeConfigFile ReadPracticeConfig(const std::string& path) {
  PracticeConfigFile file;
  PracticeConfig& config = file.config;
  file.faults = ReadYamlFile(path, [&](YamlMap& map) {
    map.String("certificate", &config.certificate, Presence::kRequired);
    config.certificate = Beside(path, config.certificate);
    map.Integer("login_port", &config.login_port, 0, 65535);
    map.Integer("graph_port", &config.graph_port, 0, 65535);
    map.Integer("control_port", &config.control_port, 0, 65535);
    map.String("graph_public_url", &config.graph_public_url);
    map.Map("settings", [&](YamlMap& settings) { ReadSettings(settings, &config.settings); });
    map.List(
        "tenants", [&](YamlMap& tenant) { ReadTenant(tenant, path, &config); },
        Presence::kRequired);
  });
  return file;
}

}  // namespace clawback::practice
