// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/graph_mail.h"

#include <algorithm>
#include <utility>

#include "tests/practice/graph_query.h"
#include "tests/practice/message_json.h"

namespace clawback::practice {
namespace {

namespace json = boost::json;

// One mail request on its way: who asks, whose mailbox, what path below it.
struct MailCall {
  World& world;
  Tenant& tenant;
  User& user;
  const GraphRequest& request;
  IdKind ids;

  Mailbox& mailbox() const { return *user.mailbox; }
  std::string Context(const std::string& what) const {
    return "users('" + PercentEncode(user.config.id) + "')/" + what;
  }
  bool BasicOnly() const {
    return request.caller.Has("Mail.ReadBasic.All") && !request.caller.Has("Mail.Read") &&
           !request.caller.Has("Mail.ReadWrite");
  }
};

Answer AccessDenied() {
  return GraphError(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
}

Answer MalformedId() { return GraphError(400, "ErrorInvalidIdMalformed", "Id is malformed."); }

Answer ItemNotFound() {
  return GraphError(404, "ErrorItemNotFound",
                    "The specified object was not found in the store., The process failed to get "
                    "the correct properties.");
}

// Why this user has no mailbox that Graph could open.
std::optional<Answer> MailboxFault(const User* user, std::string_view name) {
  if (!user) {
    return GraphError(404, "ErrorInvalidUser",
                      "The requested user '" + std::string(name) + "' is invalid.");
  }
  switch (user->config.mailbox) {
    case MailboxKind::kForbidden:
      return GraphError(403, "ErrorAccessDenied", "Access to OData is disabled.");
    case MailboxKind::kUndiscovered:
      return GraphError(404, "ResourceNotFound", "Resource could not be discovered.");
    case MailboxKind::kCloud:
    case MailboxKind::kOnPremises:
    case MailboxKind::kUnlicensed:
      break;
  }
  if (user->mailbox) return std::nullopt;
  return GraphError(404, "MailboxNotEnabledForRESTAPI",
                    "The mailbox is either inactive, soft-deleted, or is hosted on-premise.");
}

enum class Need { kBasic, kRead, kWrite };

// RBAC for Applications: Exchange lets the app into some mailboxes, whatever Entra ID
// granted.
bool MayByRbac(const MailCall& call) {
  const App* app = call.tenant.FindApp(call.request.caller.client_id);
  if (!app) return false;
  const auto& mailboxes = app->config.rbac_mailboxes;
  return std::any_of(mailboxes.begin(), mailboxes.end(), [&](const std::string& address) {
    return call.tenant.FindByAddress(address) == &call.user;
  });
}

bool May(const MailCall& call, Need need) {
  const AccessToken& caller = call.request.caller;
  if (caller.Has("Mail.ReadWrite") || MayByRbac(call)) return true;
  if (need == Need::kWrite) return false;
  if (caller.Has("Mail.Read")) return true;
  return need == Need::kBasic && caller.Has("Mail.ReadBasic.All");
}

// A folder of the path or of a move's destination: by id or well-known name. Purges
// has no name that is published for Graph.
const MailFolder* FindFolder(const MailCall& call, std::string_view name) {
  const Mailbox& mailbox = call.mailbox();
  const MailFolder* folder = mailbox.FolderById(name);
  if (!folder) folder = mailbox.FolderByName(name);
  if (!folder) return nullptr;
  const bool unpublished = folder->well_known == "recoverableitemspurges" ||
                           folder->well_known == "recoverableitemsroot";
  return unpublished && !call.tenant.config.purges_by_name ? nullptr : folder;
}

Answer NoSuchFolder(std::string_view name) {
  return LooksLikeExchangeId(name) ? ItemNotFound() : MalformedId();
}

// The item named in the path, if this caller can see it there.
Item* FindItem(const MailCall& call, const MailFolder* folder, std::string_view id) {
  Item* item = call.mailbox().Find(id);
  if (!item || (folder && item->folder_id != folder->id)) return nullptr;
  const MailFolder* where = call.mailbox().FolderById(item->folder_id);
  const bool purged = where && where->well_known == "recoverableitemspurges";
  return purged && !call.tenant.config.purges_by_name ? nullptr : item;
}

void SortNewestFirst(std::vector<const Item*>* items, const std::string& order_by) {
  const bool oldest_first =
      BeginsWith(order_by, "receivedDateTime") && !order_by.ends_with(" desc") && !order_by.empty();
  std::stable_sort(items->begin(), items->end(), [&](const Item* a, const Item* b) {
    return oldest_first ? a->received < b->received : a->received > b->received;
  });
}

// What an app has seen in an Inbox for the first time may be moved on before it acts.
void MaybeMoveOn(const MailCall& call, Item& item) {
  const bool seen = std::exchange(item.listed, true);
  const Mailbox& mailbox = call.mailbox();
  if (seen || item.folder_id != mailbox.FolderByName("inbox")->id) return;
  const auto chance = static_cast<std::int64_t>(call.world.chance() % 100);
  if (chance >= call.world.settings.moved_on_percent) return;
  ++call.world.moved_on;
  call.mailbox().Move(item, *mailbox.FolderByName("archive"), call.request.now);
}

Answer ListMessages(const MailCall& call, const MailFolder* folder) {
  QueryRules rules = MessageRules();
  rules.options = {"$filter", "$select",  "$top",       "$skip",
                   "$count",  "$orderby", "$skiptoken", "includeHiddenMessages"};
  GraphQuery query;
  if (auto fault = ReadQuery(call.world, call.request, rules, &query)) return *fault;
  std::vector<const Item*> matches;
  for (const Item& item : call.mailbox().items()) {
    const bool in_scope =
        folder ? item.folder_id == folder->id : !call.mailbox().IsRecoverable(item);
    const auto read = [&](std::string_view path) { return MessageProperty(item, path, call.ids); };
    if (in_scope && (!query.filter || query.filter->Matches(read))) matches.push_back(&item);
  }
  SortNewestFirst(&matches, query.order_by);
  const std::string context =
      folder ? "mailFolders('" + PercentEncode(folder->id) + "')/messages" : "messages";
  Answer answer =
      Page(call.world, call.request, query, call.Context(context), matches.size(),
           [&](size_t i) { return MessageJson(*matches[i], query, call.ids, call.BasicOnly()); });
  for (const Item* item : matches) MaybeMoveOn(call, *call.mailbox().Find(item->immutable_id));
  return answer;
}

Answer EntityAnswer(const MailCall& call, const Item& item, const GraphQuery& query, int status) {
  json::object body = MessageJson(item, query, call.ids, call.BasicOnly());
  body["@odata.context"] =
      call.world.graph_url + "/v1.0/$metadata#" + call.Context("messages/$entity");
  return Ok(std::move(body), status);
}

Answer GetMessage(const MailCall& call, const Item& item) {
  QueryRules rules = MessageRules();
  rules.options = {"$select", "includeHiddenMessages"};
  GraphQuery query;
  if (auto fault = ReadQuery(call.world, call.request, rules, &query)) return *fault;
  return EntityAnswer(call, item, query, 200);
}

Answer GetContent(const Item& item) {
  Answer answer;
  answer.text = item.message->mime;
  return answer;
}

// The metadata says DestinationId, the page destinationId; both are taken.
std::optional<std::string> DestinationOf(const HttpRequest& request) {
  boost::system::error_code failed;
  const json::value body = json::parse(request.body, failed);
  if (failed || !body.is_object()) return std::nullopt;
  for (const char* name : {"destinationId", "DestinationId"}) {
    const auto* value = body.as_object().if_contains(name);
    if (value && value->is_string()) return std::string(value->as_string());
  }
  return std::nullopt;
}

Answer MoveMessage(const MailCall& call, Item& item) {
  if (!BeginsWith(call.request.http.headers.Get("Content-Type"), "application/json")) {
    return GraphError(400, "RequestBodyRead",
                      "A supported MIME type could not be found that matches the content type of "
                      "the request.");
  }
  const auto destination = DestinationOf(call.request.http);
  if (!destination) {
    return GraphError(400, "ErrorInvalidParameter", "DestinationId: the parameter is missing.");
  }
  const MailFolder* folder = FindFolder(call, *destination);
  if (!folder) return NoSuchFolder(*destination);
  call.mailbox().Move(item, *folder, call.request.now);
  return EntityAnswer(call, item, GraphQuery{}, 201);
}

Answer PermanentDelete(const MailCall& call, Item& item) {
  const std::string_view body = Trim(call.request.http.body);
  if (!body.empty() && body != "{}") {
    return GraphError(400, "BadRequest", "The action 'permanentDelete' takes no parameters.");
  }
  // What a hold keeps in Recoverable Items cannot be taken out of there.
  if (call.mailbox().litigation_hold && call.mailbox().IsRecoverable(item)) {
    return GraphError(403, "ErrorCannotDeleteObject", "Object cannot be deleted.");
  }
  call.mailbox().Purge(item, call.request.now);
  return Ok(nullptr, 204);
}

// Where DELETE puts an item is not written anywhere; in the field it lands in
// Deletions, and items that are there already refuse.
Answer DeleteMessage(const MailCall& call, Item& item) {
  if (call.mailbox().IsRecoverable(item)) {
    return GraphError(403, "ErrorCannotDeleteObject", "Object cannot be deleted.");
  }
  call.mailbox().Move(item, *call.mailbox().FolderByName("recoverableitemsdeletions"),
                      call.request.now);
  return Ok(nullptr, 204);
}

// Counted where it is done, whatever becomes of its answer.
Answer Act(const MailCall& call, Item& item, std::string_view rest) {
  const bool before = item.acts > 0;
  ++item.acts;  // a purge may end the item
  Answer answer = rest == "move"              ? MoveMessage(call, item)
                  : rest == "permanentDelete" ? PermanentDelete(call, item)
                                              : DeleteMessage(call, item);
  if (answer.status >= 400) {
    --item.acts;
    return answer;
  }
  ++call.world.acts;
  if (before) ++call.world.repeated_acts;
  return answer;
}

// rest: what follows .../messages/{id}.
Answer AnswerMessage(const MailCall& call, const MailFolder* folder, std::string_view id,
                     std::string_view rest) {
  const std::string& method = call.request.http.method;
  const bool has_permanent_delete = call.tenant.config.cloud == NationalCloud::kGlobal;
  const bool known = rest.empty() || rest == "$value" || rest == "move" ||
                     (rest == "permanentDelete" && has_permanent_delete);
  if (!known) return UnknownSegment(rest);
  const bool get = method == "GET" && (rest.empty() || rest == "$value");
  const bool act = method == "POST" && (rest == "move" || rest == "permanentDelete");
  const bool remove = method == "DELETE" && rest.empty();
  if (!get && !act && !remove) return MethodNotAllowed();
  const Need need = !get ? Need::kWrite : rest.empty() ? Need::kBasic : Need::kRead;
  if (!May(call, need)) return AccessDenied();
  if (!LooksLikeExchangeId(id)) return MalformedId();
  Item* item = FindItem(call, folder, id);
  if (!item) return ItemNotFound();
  if (!get) return Act(call, *item, rest);
  return rest.empty() ? GetMessage(call, *item) : GetContent(*item);
}

// segments[from] is "messages".
Answer AnswerMessages(const MailCall& call, const MailFolder* folder, size_t from) {
  const size_t count = call.request.segments.size();
  if (count == from + 1) {
    if (call.request.http.method != "GET") return MethodNotAllowed();
    if (!May(call, Need::kBasic)) return AccessDenied();
    return ListMessages(call, folder);
  }
  if (count > from + 3) return UnknownSegment(call.request.At(from + 3));
  return AnswerMessage(call, folder, call.request.At(from + 1), call.request.At(from + 2));
}

json::object FolderJson(const MailCall& call, const MailFolder& folder, const GraphQuery& query) {
  std::int64_t total = 0;
  std::int64_t unread = 0;
  for (const Item& item : call.mailbox().items()) {
    if (item.folder_id != folder.id) continue;
    ++total;
    if (!item.read) ++unread;
  }
  const auto folders = call.mailbox().folders();
  const auto children = std::count_if(folders.begin(), folders.end(), [&](const MailFolder* other) {
    return other->parent_id == folder.id;
  });
  json::object all{{"id", folder.id},
                   {"displayName", folder.display_name},
                   {"parentFolderId", folder.parent_id},
                   {"childFolderCount", children},
                   {"unreadItemCount", unread},
                   {"totalItemCount", total},
                   {"isHidden", folder.hidden}};
  if (folder.parent_id.empty()) all["parentFolderId"] = folder.id + "root";
  if (query.select.empty()) return all;
  json::object selected{{"id", folder.id}};
  for (const std::string& name : query.select) selected[name] = all[name];
  return selected;
}

QueryRules FolderRules() {
  QueryRules rules;
  rules.type = "mailFolder";
  rules.options = {
      "$select", "$filter", "$top", "$skip", "$count", "$skiptoken", "includeHiddenFolders"};
  rules.properties = {"id",
                      "displayName",
                      "parentFolderId",
                      "childFolderCount",
                      "unreadItemCount",
                      "totalItemCount",
                      "isHidden"};
  rules.filterable = {{"displayName", PropertyType::kText}};
  rules.syntax_code = "RequestBroker--ParseUri";
  rules.filter_code = "ErrorInvalidUrlQueryFilter";
  return rules;
}

Answer ListFolders(const MailCall& call, const MailFolder& parent) {
  GraphQuery query;
  if (auto fault = ReadQuery(call.world, call.request, FolderRules(), &query)) return *fault;
  std::vector<const MailFolder*> matches;
  for (const MailFolder* each : call.mailbox().folders()) {
    const MailFolder& folder = *each;
    const auto read = [&](std::string_view) { return json::value(folder.display_name); };
    if (folder.parent_id != parent.id) continue;
    if (!query.filter || query.filter->Matches(read)) matches.push_back(&folder);
  }
  return Page(call.world, call.request, query, call.Context("mailFolders"), matches.size(),
              [&](size_t i) { return FolderJson(call, *matches[i], query); });
}

Answer GetFolder(const MailCall& call, const MailFolder& folder) {
  QueryRules rules = FolderRules();
  rules.options = {"$select", "includeHiddenFolders"};
  GraphQuery query;
  if (auto fault = ReadQuery(call.world, call.request, rules, &query)) return *fault;
  json::object body = FolderJson(call, folder, query);
  body["@odata.context"] =
      call.world.graph_url + "/v1.0/$metadata#" + call.Context("mailFolders/$entity");
  return Ok(std::move(body));
}

Answer AnswerFolders(const MailCall& call) {
  const GraphRequest& request = call.request;
  const bool names_folder = request.segments.size() > 3;
  const MailFolder* folder = FindFolder(call, names_folder ? request.At(3) : "msgfolderroot");
  if (!folder) return NoSuchFolder(request.At(3));
  if (request.At(4) == "messages") return AnswerMessages(call, folder, 4);
  const bool children = request.segments.size() == 5 && request.At(4) == "childFolders";
  if (request.segments.size() > 4 && !children) return UnknownSegment(request.At(4));
  if (request.http.method != "GET") return MethodNotAllowed();
  if (!May(call, Need::kBasic)) return AccessDenied();
  return names_folder && !children ? GetFolder(call, *folder) : ListFolders(call, *folder);
}

}  // namespace

bool IsMailRequest(const GraphRequest& request) {
  return request.At(0) == "users" &&
         (request.At(2) == "messages" || request.At(2) == "mailFolders");
}

Answer AnswerMail(World& world, Tenant& tenant, const GraphRequest& request) {
  User* user = tenant.FindUser(request.At(1));
  if (auto fault = MailboxFault(user, request.At(1))) return *fault;
  const IdKind ids = request.WantsImmutableIds() ? IdKind::kImmutable : IdKind::kOrdinary;
  const MailCall call{world, tenant, *user, request, ids};
  Answer answer =
      request.At(2) == "messages" ? AnswerMessages(call, nullptr, 2) : AnswerFolders(call);
  if (ids == IdKind::kImmutable) {
    answer.headers.Set("Preference-Applied", "IdType=\"ImmutableId\"");
  }
  return answer;
}

}  // namespace clawback::practice
