// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/graph_json.h"

#include <boost/json.hpp>
#include <functional>
#include <optional>

namespace clawback {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxId = 1024;

Error NotGraphs(std::string_view what) {
  return {ErrorKind::kTransient, "Graph's answer cannot be read: " + std::string(what)};
}

// Empty where the member is absent, null or of another type.
std::string TextAt(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  const json::string* text = value != nullptr ? value->if_string() : nullptr;
  return text != nullptr ? std::string(*text) : std::string();
}

bool IsId(std::string_view id) { return !id.empty() && id.size() <= kMaxId; }

std::optional<MailboxCopy> CopyFrom(const json::object& object) {
  MailboxCopy copy{TextAt(object, "id"), TextAt(object, "parentFolderId"),
                   TextAt(object, "internetMessageId")};
  if (!IsId(copy.item_id) || !IsId(copy.folder_id)) return std::nullopt;
  return copy;
}

std::optional<DirectoryUser> UserFrom(const json::object& object) {
  DirectoryUser user;
  user.id = TextAt(object, "id");
  user.mail = TextAt(object, "mail");
  user.principal_name = TextAt(object, "userPrincipalName");
  user.type = TextAt(object, "userType");
  const json::value* addresses = object.if_contains("proxyAddresses");
  const json::array* list = addresses != nullptr ? addresses->if_array() : nullptr;
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const json::string* address = (*list)[i].if_string();
    if (address != nullptr) user.proxy_addresses.emplace_back(*address);
  }
  if (!IsId(user.id)) return std::nullopt;
  return user;
}

std::optional<Folder> FolderFrom(const json::object& object) {
  Folder folder{TextAt(object, "id"), TextAt(object, "displayName")};
  if (!IsId(folder.id)) return std::nullopt;
  const json::value* hidden = object.if_contains("isHidden");
  const bool is_hidden = hidden != nullptr && hidden->is_bool() && hidden->get_bool();
  // Where Teams keeps its copies, in every language; what people see is their own.
  if (is_hidden && folder.name == "TeamsMessagesData") folder.known = KnownFolder::kTeams;
  return folder;
}

// Parses body as one object and hands it to read.
template <typename Value>
Result<Value> ReadObject(std::string_view body,
                         const std::function<std::optional<Value>(const json::object&)>& read) {
  boost::system::error_code failed;
  const json::value value = json::parse(body, failed);
  if (failed) return NotGraphs("not JSON");
  const json::object* object = value.if_object();
  auto made = object != nullptr ? read(*object) : std::nullopt;
  if (!made) return NotGraphs("a member is missing");
  return *std::move(made);
}

// The "value" array of a collection; nullopt where one of its entries cannot be read.
template <typename Entry>
std::optional<std::vector<Entry>> EntriesOf(
    const json::object& object,
    const std::function<std::optional<Entry>(const json::object&)>& read) {
  const json::value* value = object.if_contains("value");
  const json::array* list = value != nullptr ? value->if_array() : nullptr;
  if (list == nullptr) return std::nullopt;
  std::vector<Entry> entries;
  for (const json::value& item : *list) {
    const json::object* entry = item.if_object();
    auto made = entry != nullptr ? read(*entry) : std::nullopt;
    if (!made) return std::nullopt;
    entries.push_back(*std::move(made));
  }
  return entries;
}

}  // namespace

Result<MailboxCopy> ReadCopy(std::string_view body) {
  return ReadObject<MailboxCopy>(body, CopyFrom);
}

Result<CopyPage> ReadCopyPage(std::string_view body) {
  return ReadObject<CopyPage>(body, [](const json::object& object) -> std::optional<CopyPage> {
    auto copies = EntriesOf<MailboxCopy>(object, CopyFrom);
    const json::value* next = object.if_contains("@odata.nextLink");
    const bool readable = next == nullptr || next->is_null() || next->is_string();
    if (!copies || !readable) return std::nullopt;
    return CopyPage{*std::move(copies), TextAt(object, "@odata.nextLink")};
  });
}

Result<DirectoryUser> ReadUser(std::string_view body) {
  return ReadObject<DirectoryUser>(body, UserFrom);
}

Result<std::vector<DirectoryUser>> ReadUsers(std::string_view body) {
  return ReadObject<std::vector<DirectoryUser>>(
      body, [](const json::object& object) { return EntriesOf<DirectoryUser>(object, UserFrom); });
}

Result<bool> ReadAny(std::string_view body) {
  return ReadObject<bool>(body, [](const json::object& object) -> std::optional<bool> {
    const json::value* value = object.if_contains("value");
    const json::array* list = value != nullptr ? value->if_array() : nullptr;
    if (list == nullptr) return std::nullopt;
    return !list->empty();
  });
}

Result<Folder> ReadFolder(std::string_view body) { return ReadObject<Folder>(body, FolderFrom); }

}  // namespace clawback
