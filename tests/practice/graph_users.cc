// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/graph_users.h"

#include "policy/base/text.h"
#include "tests/practice/graph_query.h"

namespace clawback::practice {
namespace {

namespace json = boost::json;

const std::vector<std::string> kDefaultProperties = {
    "businessPhones", "displayName",       "givenName", "jobTitle",          "mail", "mobilePhone",
    "officeLocation", "preferredLanguage", "surname",   "userPrincipalName", "id"};

QueryRules UserRules() {
  QueryRules rules;
  rules.type = "user";
  rules.properties = {kDefaultProperties.begin(), kDefaultProperties.end()};
  rules.properties.insert({"accountEnabled", "mailNickname", "onPremisesSyncEnabled", "otherMails",
                           "proxyAddresses", "userType", "assignedLicenses", "deletedDateTime"});
  rules.filterable = {{"id", PropertyType::kText},
                      {"mail", PropertyType::kText},
                      {"userPrincipalName", PropertyType::kText},
                      {"displayName", PropertyType::kText},
                      {"userType", PropertyType::kText},
                      {"mailNickname", PropertyType::kText},
                      {"accountEnabled", PropertyType::kBool},
                      {"proxyAddresses", PropertyType::kTexts},
                      {"otherMails", PropertyType::kTexts}};
  rules.default_top = 100;
  rules.max_top = 999;
  rules.syntax_code = "BadRequest";
  rules.filter_code = "Request_UnsupportedQuery";
  return rules;
}

json::value PropertyOf(const User& user, std::string_view name) {
  const UserConfig& config = user.config;
  if (name == "id") return json::value(config.id);
  if (name == "displayName") return json::value(config.display_name);
  if (name == "mail") return json::value(config.mail);
  if (name == "userPrincipalName") return json::value(config.address);
  if (name == "mailNickname") return json::value(config.mail.substr(0, config.mail.find('@')));
  if (name == "userType") return json::value(config.guest ? "Guest" : "Member");
  if (name == "accountEnabled") return json::value(true);
  if (name == "proxyAddresses") return json::value_from(user.ProxyAddresses());
  if (name == "businessPhones" || name == "otherMails") return json::array();
  if (name == "assignedLicenses") {
    const bool licensed = config.mailbox != MailboxKind::kUnlicensed && !config.guest;
    return licensed ? json::array{json::object{{"disabledPlans", json::array()},
                                               {"skuId", GuidFrom("exchange online")}}}
                    : json::array();
  }
  if (name == "onPremisesSyncEnabled" && config.mailbox == MailboxKind::kOnPremises) {
    return json::value(true);
  }
  return nullptr;
}

json::object UserJson(const User& user, const GraphQuery& query) {
  json::object out;
  for (const std::string& name : query.select.empty() ? kDefaultProperties : query.select) {
    out[name] = PropertyOf(user, name);
  }
  if (!query.select.empty() && !query.Selects("id")) out.erase("id");
  return out;
}

bool MayReadAll(const AccessToken& caller) {
  return caller.Has("User.Read.All") || caller.Has("User.ReadWrite.All") ||
         caller.Has("Directory.Read.All");
}

std::optional<Answer> Refusal(const AccessToken& caller, const GraphQuery& query) {
  const bool basic = caller.Has("User.ReadBasic.All") && !query.Selects("proxyAddresses");
  if (MayReadAll(caller) || basic) return std::nullopt;
  return GraphError(403, "Authorization_RequestDenied",
                    "Insufficient privileges to complete the operation.");
}

Answer NoSuchUser(std::string_view name) {
  return GraphError(404, "Request_ResourceNotFound",
                    "Resource '" + std::string(name) +
                        "' does not exist or one of its queried reference-property objects are "
                        "not present.");
}

}  // namespace

Answer ListUsers(World& world, Tenant& tenant, const GraphRequest& request) {
  QueryRules rules = UserRules();
  rules.options = {"$filter", "$select", "$top", "$count", "$skiptoken"};
  GraphQuery query;
  if (auto fault = ReadQuery(world, request, rules, &query)) return *fault;
  if (auto refusal = Refusal(request.caller, query)) return *refusal;
  std::vector<const User*> matches;
  for (const User& user : tenant.users) {
    const auto read = [&](std::string_view name) { return PropertyOf(user, name); };
    if (!query.filter || query.filter->Matches(read)) matches.push_back(&user);
  }
  return Page(world, request, query, "users", matches.size(),
              [&](size_t i) { return UserJson(*matches[i], query); });
}

Answer ListGroups(World& world, Tenant& tenant, const GraphRequest& request) {
  QueryRules rules;
  rules.type = "group";
  rules.options = {"$filter", "$select", "$top", "$count", "$skiptoken"};
  rules.properties = {"id", "displayName", "mail", "mailEnabled", "proxyAddresses"};
  rules.filterable = {{"mail", PropertyType::kText}, {"proxyAddresses", PropertyType::kTexts}};
  rules.default_top = 100;
  rules.max_top = 999;
  rules.syntax_code = "BadRequest";
  rules.filter_code = "Request_UnsupportedQuery";
  GraphQuery query;
  if (auto fault = ReadQuery(world, request, rules, &query)) return *fault;
  const AccessToken& caller = request.caller;
  if (!caller.Has("GroupMember.Read.All") && !caller.Has("Group.Read.All") &&
      !caller.Has("Directory.Read.All")) {
    return GraphError(403, "Authorization_RequestDenied",
                      "Insufficient privileges to complete the operation.");
  }
  std::vector<json::object> matches;
  for (const GroupConfig& group : tenant.config.groups) {
    json::object all{{"id", GuidFrom(LowerAscii(group.address))},
                     {"displayName", group.display_name},
                     {"mail", group.address},
                     {"mailEnabled", true},
                     {"proxyAddresses", json::array{"SMTP:" + group.address}}};
    const auto read = [&](std::string_view name) { return all[name]; };
    if (!query.filter || query.filter->Matches(read)) matches.push_back(std::move(all));
  }
  return Page(world, request, query, "groups", matches.size(), [&](size_t i) {
    if (query.select.empty()) return matches[i];
    json::object selected;
    for (const std::string& name : query.select) selected[name] = matches[i][name];
    return selected;
  });
}

Answer GetUser(World& world, Tenant& tenant, const GraphRequest& request) {
  QueryRules rules = UserRules();
  rules.options = {"$select"};
  GraphQuery query;
  if (auto fault = ReadQuery(world, request, rules, &query)) return *fault;
  if (auto refusal = Refusal(request.caller, query)) return *refusal;
  const User* user = tenant.FindUser(request.At(1));
  if (!user) return NoSuchUser(request.At(1));
  json::object body = UserJson(*user, query);
  body["@odata.context"] = world.graph_url + "/v1.0/$metadata#users/$entity";
  return Ok(std::move(body));
}

Answer ListOrganizations(World& world, const Tenant& tenant, const GraphRequest& request) {
  QueryRules rules;
  rules.type = "organization";
  rules.options = {"$select", "$top"};
  rules.properties = {"id",         "displayName",       "verifiedDomains",
                      "tenantType", "countryLetterCode", "onPremisesSyncEnabled"};
  rules.syntax_code = "BadRequest";
  GraphQuery query;
  if (auto fault = ReadQuery(world, request, rules, &query)) return *fault;
  if (!MayReadAll(request.caller) && !request.caller.Has("Organization.Read.All")) {
    return GraphError(403, "Authorization_RequestDenied",
                      "Insufficient privileges to complete the operation.");
  }
  json::array domains;
  const auto add_domain = [&](const std::string& name, bool initial, bool is_default) {
    domains.push_back(json::object{{"capabilities", "Email, OfficeCommunicationsOnline"},
                                   {"isDefault", is_default},
                                   {"isInitial", initial},
                                   {"name", name},
                                   {"type", "Managed"}});
  };
  add_domain(tenant.config.initial_domain, true, tenant.config.domains.empty());
  for (const std::string& domain : tenant.config.domains) {
    add_domain(domain, false, domain == tenant.config.domains.front());
  }
  return Page(world, request, query, "organization", 1, [&](size_t) {
    json::object all{{"id", tenant.config.id},       {"displayName", tenant.config.name},
                     {"verifiedDomains", domains},   {"tenantType", "AAD"},
                     {"countryLetterCode", nullptr}, {"onPremisesSyncEnabled", nullptr}};
    if (query.select.empty()) return all;
    json::object selected;
    for (const std::string& name : query.select) selected[name] = all[name];
    return selected;
  });
}

Answer GetExchangeSettings(World& world, Tenant& tenant, const GraphRequest& request) {
  const User* user = tenant.FindUser(request.At(1));
  if (!user) return NoSuchUser(request.At(1));
  if (!user->mailbox) {
    return GraphError(404, "MailboxNotEnabledForRESTAPI",
                      "The mailbox is either inactive, soft-deleted, or is hosted on-premise.");
  }
  return Ok(json::object{{"@odata.context", world.graph_url + "/v1.0/$metadata#users('" +
                                                user->config.id + "')/settings/exchange/$entity"},
                         {"id", user->config.id},
                         {"primaryMailboxId", "MBX:" + GuidFrom("mailbox " + user->config.id) +
                                                  "@" + tenant.config.id}});
}

}  // namespace clawback::practice
