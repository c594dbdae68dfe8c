// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/control_state.h"

#include <map>

#include "tests/practice/json_fields.h"

namespace clawback::practice {
namespace {

namespace json = boost::json;

json::array FoldersJson(const Mailbox& mailbox) {
  json::array folders;
  for (const MailFolder* each : mailbox.folders()) {
    const MailFolder& folder = *each;
    json::array items;
    for (const Item& item : mailbox.items()) {
      if (item.folder_id == folder.id) items.push_back(ItemJson(item));
    }
    folders.push_back(json::object{{"id", folder.id},
                                   {"wellKnownName", folder.well_known},
                                   {"displayName", folder.display_name},
                                   {"items", std::move(items)}});
  }
  return folders;
}

json::object UserJson(const User& user) {
  return {{"id", user.config.id},
          {"userPrincipalName", user.config.address},
          {"mail", user.config.mail},
          {"aliases", json::value_from(user.config.aliases)},
          {"folders", user.mailbox ? FoldersJson(*user.mailbox) : json::array()}};
}

json::object CountersJson(const World& world) {
  json::object ignored;
  for (const auto& [name, count] : world.ignored_parameters) ignored[name] = count;
  const Throttle::Counters& throttle = world.throttle.counters();
  return {{"throttled", throttle.refused},
          {"earlyReturns", throttle.early_returns},
          {"earliestMs", throttle.earliest.count()},
          {"overConcurrency", throttle.over_concurrency},
          {"mostInFlight", throttle.most_in_flight},
          {"tokensIssued", world.tokens_issued},
          {"requests", world.requests_seen},
          {"failed", world.faults.met()},
          {"acts", world.acts},
          {"repeatedActs", world.repeated_acts},
          {"movedOn", world.moved_on},
          {"ignoredParameters", std::move(ignored)}};
}

// Where every copy of every message stands, in numbers.
json::object SummaryOf(const Tenant& tenant) {
  std::map<std::string, std::map<std::string, std::int64_t>> messages;
  for (const User& user : tenant.users) {
    if (!user.mailbox) continue;
    for (const Item& item : user.mailbox->items()) {
      const MailFolder* folder = user.mailbox->FolderById(item.folder_id);
      const std::string name = !folder                      ? ""
                               : folder->well_known.empty() ? folder->display_name
                                                            : folder->well_known;
      ++messages[item.message->summary.internet_message_id][name];
    }
  }
  return {{"name", tenant.config.name},
          {"users", tenant.users.size()},
          {"messages", json::value_from(messages)}};
}

}  // namespace

json::object ItemJson(const Item& item) {
  return {{"immutableId", item.immutable_id},
          {"ordinaryId", item.ordinary_id},
          {"internetMessageId", item.message->summary.internet_message_id},
          {"subject", item.message->summary.subject},
          {"sha256", ToHex(item.message->digest)},
          {"size", item.message->mime.size()},
          {"isRead", item.read},
          {"receivedMs", item.received.time_since_epoch().count()},
          {"modifiedMs", item.modified.time_since_epoch().count()}};
}

json::object StateJson(const World& world, size_t pending_deliveries) {
  json::array tenants;
  for (const Tenant& tenant : world.tenants) {
    json::array users;
    for (const User& user : tenant.users) users.push_back(UserJson(user));
    tenants.push_back(json::object{
        {"name", tenant.config.name}, {"id", tenant.config.id}, {"users", std::move(users)}});
  }
  json::array faults;
  for (const Fault& fault : world.faults.all()) faults.push_back(ToJson(fault));
  return {{"tenants", std::move(tenants)},
          {"pendingDeliveries", pending_deliveries},
          {"faults", std::move(faults)},
          {"settings", SettingsJson(world.settings)},
          {"counters", CountersJson(world)}};
}

json::object SummaryJson(const World& world, size_t pending_deliveries) {
  json::array tenants;
  for (const Tenant& tenant : world.tenants) tenants.push_back(SummaryOf(tenant));
  return {{"tenants", std::move(tenants)},
          {"pendingDeliveries", pending_deliveries},
          {"counters", CountersJson(world)}};
}

json::object RequestsJson(const World& world) {
  json::array requests;
  for (const LoggedRequest& request : world.requests) {
    requests.push_back(json::object{{"host", request.host},
                                    {"method", request.method},
                                    {"path", request.target},
                                    {"status", request.status},
                                    {"code", request.code},
                                    {"requestId", request.request_id},
                                    {"clientRequestId", request.client_request_id},
                                    {"batchId", request.batch_id},
                                    {"userId", request.user_id},
                                    {"retryAttempt", request.retry_attempt},
                                    {"timeMs", request.time.time_since_epoch().count()},
                                    {"retryAfter", request.retry_after},
                                    {"throttleScope", request.throttle_scope},
                                    {"tenantId", request.tenant_id}});
  }
  return {{"requests", std::move(requests)}};
}

json::object SettingsJson(const ServiceSettings& settings) {
  return {{"tokenLifetimeMs", settings.token_lifetime.count()},
          {"latencyMs", settings.latency.count()},
          {"mailboxConcurrency", settings.mailbox_concurrency},
          {"mailboxRequests", settings.mailbox_requests},
          {"appRequests", settings.app_requests},
          {"onTheWayMs", settings.on_the_way.count()},
          {"retryAfter", settings.retry_after},
          {"emptyPages", settings.empty_pages},
          {"adminConsents", settings.admin_consents},
          {"movedOnPercent", settings.moved_on_percent}};
}

Status ChangeSettings(const json::value& body, ServiceSettings* settings) {
  JsonFields fields(body);
  ServiceSettings changed = *settings;
  std::optional<std::string> retry_after;
  fields.Milliseconds("tokenLifetimeMs", &changed.token_lifetime);
  fields.Milliseconds("latencyMs", &changed.latency);
  fields.Number("mailboxConcurrency", &changed.mailbox_concurrency);
  fields.Number("mailboxRequests", &changed.mailbox_requests);
  fields.Number("appRequests", &changed.app_requests);
  fields.Milliseconds("onTheWayMs", &changed.on_the_way);
  fields.TextOrNumber("retryAfter", &retry_after);
  fields.Bool("emptyPages", &changed.empty_pages);
  fields.Bool("adminConsents", &changed.admin_consents);
  fields.Number("movedOnPercent", &changed.moved_on_percent);
  if (retry_after) changed.retry_after = *retry_after;
  if (Status read = fields.Finish(); !read.ok()) return read;
  *settings = std::move(changed);
  return {};
}

}  // namespace clawback::practice
