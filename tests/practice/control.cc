// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/control.h"

#include "tests/practice/control_state.h"
#include "tests/practice/graph_answer.h"
#include "tests/practice/json_fields.h"
#include "tests/practice/stored_copy.h"

namespace clawback::practice {
namespace {

namespace json = boost::json;

Error Invalid(std::string what) { return {ErrorKind::kInvalid, std::move(what)}; }
Error NotFound(std::string what) { return {ErrorKind::kNotFound, std::move(what)}; }

int StatusOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNotFound:
      return 404;
    case ErrorKind::kInvalid:
    case ErrorKind::kRefused:
      return 400;
    case ErrorKind::kTransient:
    case ErrorKind::kThrottled:
    case ErrorKind::kConflict:
    case ErrorKind::kFull:
      return 502;
  }
  return 500;
}

// A user of any tenant.
User* FindUser(World& world, std::string_view upn) {
  for (Tenant& tenant : world.tenants) {
    if (User* user = tenant.FindUser(upn)) return user;
  }
  return nullptr;
}

const MailFolder* FindFolder(const Mailbox& mailbox, const std::string& name) {
  const MailFolder* folder = mailbox.FolderByName(name);
  if (!folder) folder = mailbox.FolderById(name);
  return folder ? folder : mailbox.FolderByDisplayName(name);
}

Item* FindItem(Mailbox& mailbox, const std::string& id, const std::string& message_id) {
  if (!id.empty()) return mailbox.Find(id);
  for (const Item& item : mailbox.items()) {
    if (item.message->summary.internet_message_id == message_id)
      return mailbox.Find(item.immutable_id);
  }
  return nullptr;
}

// {internetMessageId or immutableId, destination}: the user, or a rule, moves an
// item; without a destination it goes for good.
Result<json::value> MoveItem(Mailbox& mailbox, const json::value& body, Time now) {
  JsonFields fields(body);
  std::string id;
  std::string message_id;
  std::optional<std::string> destination;
  fields.Text("immutableId", &id);
  fields.Text("internetMessageId", &message_id);
  fields.Text("destination", &destination);
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  Item* item = FindItem(mailbox, id, message_id);
  if (!item) return NotFound("no such item in that mailbox");
  if (!destination) {
    mailbox.Remove(*item);
    return json::value(json::object{{"removed", true}});
  }
  const MailFolder* folder = FindFolder(mailbox, *destination);
  if (!folder) return NotFound("destination: no such folder");
  mailbox.Move(*item, *folder, now);
  return json::value(ItemJson(*item));
}

Result<json::value> StoreItem(Mailbox& mailbox, const json::value& body, Time now) {
  JsonFields fields(body);
  std::string message;
  std::string encoded;
  std::string folder_name = "inbox";
  fields.Text("message", &message);
  fields.Text("messageBase64", &encoded);
  fields.Text("folder", &folder_name);
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  if (!encoded.empty()) message = FromBase64(encoded).value_or("");
  if (message.empty()) return Invalid("message: missing");
  const MailFolder* folder = FindFolder(mailbox, folder_name);
  if (!folder) return NotFound("folder: no such folder");
  return json::value(
      ItemJson(mailbox.Store(std::make_shared<StoredMessage>(WithCrLf(message)), *folder, now)));
}

Result<json::value> AddFolder(Mailbox& mailbox, const json::value& body) {
  JsonFields fields(body);
  std::string name;
  std::string parent;
  bool hidden = false;
  fields.Text("displayName", &name);
  fields.Text("parent", &parent);
  fields.Bool("hidden", &hidden);
  if (name.empty()) fields.Fault("displayName", "missing");
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  const MailFolder& folder = mailbox.AddFolder(name, parent, hidden);
  return json::value(json::object{{"id", folder.id}, {"displayName", folder.display_name}});
}

Result<json::value> SetRecovery(Mailbox& mailbox, const json::value& body) {
  JsonFields fields(body);
  fields.Bool("singleItemRecovery", &mailbox.single_item_recovery);
  fields.Bool("litigationHold", &mailbox.litigation_hold);
  if (Status read = fields.Finish(); !read.ok()) return read.error();
  return json::value(json::object{{"singleItemRecovery", mailbox.single_item_recovery},
                                  {"litigationHold", mailbox.litigation_hold}});
}

Result<json::value> AddFaults(World& world, const json::value& body) {
  if (const json::value* seed = body.is_object() ? body.as_object().if_contains("seed") : nullptr) {
    if (!seed->is_int64()) return Invalid("seed: expected a number");
    world.faults.Seed(static_cast<std::uint32_t>(seed->as_int64()));
    world.chance.seed(static_cast<std::uint32_t>(seed->as_int64()));
  }
  const json::value* list = body.is_object() ? body.as_object().if_contains("faults") : nullptr;
  const json::array one = {body};
  if (list && !list->is_array()) return Invalid("faults: expected a list");
  for (const json::value& each : list ? list->as_array() : one) {
    Result<Fault> fault = FaultFromJson(each);
    if (!fault.ok()) return fault.error();
    world.faults.Add(std::move(*fault));
  }
  return json::value(json::object{{"faults", world.faults.all().size()}});
}

void Reset(World& world) {
  for (Tenant& tenant : world.tenants) {
    for (User& user : tenant.users) {
      if (user.mailbox) user.mailbox->Clear();
    }
  }
  world.faults = {};
  world.throttle.Clear();
  world.requests.clear();
  world.ignored_parameters.clear();
  world.settings = world.config.settings;
  world.tokens_issued = world.requests_seen = 0;
  world.acts = world.repeated_acts = world.moved_on = 0;
}

}  // namespace

Result<json::value> Control::Get(const std::vector<std::string>& path, const HttpRequest& request) {
  if (path.size() == 1 && path[0] == "state") {
    const size_t pending = delivery_.pending();
    const Locked lock = Lock(world_);
    return json::value(StateJson(world_, pending));
  }
  if (path.size() == 1 && path[0] == "summary") {
    const size_t pending = delivery_.pending();
    const Locked lock = Lock(world_);
    return json::value(SummaryJson(world_, pending));
  }
  const Locked lock = Lock(world_);
  if (path.size() == 1 && path[0] == "requests") return json::value(RequestsJson(world_));
  if (path.size() == 1 && path[0] == "settings") return json::value(SettingsJson(world_.settings));
  if (path.size() == 1 && path[0] == "changes") {
    return json::value(json::object{{"changes", json::value_from(CopyChangeNames())}});
  }
  if (path.size() == 4 && path[0] == "users" && path[2] == "items") {
    User* user = FindUser(world_, path[1]);
    Item* item = user && user->mailbox ? user->mailbox->Find(path[3]) : nullptr;
    if (!item) return NotFound("no such item");
    json::object out = ItemJson(*item);
    out["messageBase64"] = Base64(item->message->mime);
    return json::value(std::move(out));
  }
  return NotFound("no such call: GET " + std::string(request.Path()));
}

Result<json::value> Control::PostForUser(const std::string& upn, const std::string& what,
                                         const json::value& body) {
  const Locked lock = Lock(world_);
  User* user = FindUser(world_, upn);
  if (!user) return NotFound(upn + ": no such user");
  if (!user->mailbox) return NotFound(upn + ": has no mailbox here");
  if (what == "move") return MoveItem(*user->mailbox, body, clock_.Now());
  if (what == "items") return StoreItem(*user->mailbox, body, clock_.Now());
  if (what == "folders") return AddFolder(*user->mailbox, body);
  if (what == "recovery") return SetRecovery(*user->mailbox, body);
  return NotFound("no such call: POST /users/.../" + what);
}

Result<json::value> Control::Post(const std::vector<std::string>& path, const json::value& body) {
  const std::string name = path.empty() ? "" : path[0];
  if (path.size() == 3 && name == "users") return PostForUser(path[1], path[2], body);
  if (path.size() != 1) return NotFound("no such call");
  if (name == "deliver-and-journal" || name == "send-report") {
    Result<json::object> sent =
        name == "send-report" ? sender_.SendReport(body) : sender_.DeliverAndJournal(body);
    if (!sent.ok()) return sent.error();
    return json::value(std::move(*sent));
  }
  if (name == "reset") delivery_.DropAll();
  const Locked lock = Lock(world_);
  if (name == "faults") return AddFaults(world_, body);
  if (name == "settings") {
    if (Status changed = ChangeSettings(body, &world_.settings); !changed.ok()) {
      return changed.error();
    }
    return json::value(SettingsJson(world_.settings));
  }
  if (name == "expire-tokens") {
    world_.token_key = NewGuid();
    return json::value(json::object{});
  }
  if (name == "reset") {
    Reset(world_);
    return json::value(json::object{});
  }
  return NotFound("no such call: POST /" + name);
}

HttpReply Control::Handle(const HttpRequest& request) {
  const auto path = PathSegments(request.Path());
  Result<json::value> answer = Invalid("the path is not encoded correctly");
  if (path && request.method == "GET") {
    answer = Get(*path, request);
  } else if (path && request.method == "DELETE" && *path == std::vector<std::string>{"faults"}) {
    const Locked lock = Lock(world_);
    world_.faults.Clear();
    answer = json::value(json::object{});
  } else if (path && request.method == "POST") {
    boost::system::error_code failed;
    const json::value body =
        request.body.empty() ? json::value(json::object{}) : json::parse(request.body, failed);
    answer = failed ? Result<json::value>(Invalid("the body is no JSON: " + failed.message()))
                    : Post(*path, body);
  } else if (path) {
    answer = NotFound("no such call: " + request.method + " " + std::string(request.Path()));
  }
  if (answer.ok()) return JsonReply(200, *answer);
  return JsonReply(StatusOf(answer.error().kind), json::object{{"error", answer.error().what}});
}

}  // namespace clawback::practice
