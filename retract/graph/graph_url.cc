// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/graph_url.h"

#include <algorithm>
#include <cstdint>

namespace clawback {
namespace {

constexpr std::string_view kCopyFields = "id,internetMessageId,parentFolderId";
constexpr std::string_view kUserFields = "id,mail,userPrincipalName,userType,proxyAddresses";
constexpr std::size_t kMaxSearched = 2000;

bool IsUnreserved(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string MailboxPath(const MailboxId& mailbox) {
  return "/v1.0/users/" + PercentEncode(mailbox.value);
}

std::string SearchQuery(std::string_view message_id) {
  return "/messages?$filter=" + PercentEncode("internetMessageId eq " + ODataQuoted(message_id)) +
         "&$select=" + std::string(kCopyFields) + "&$top=100";
}

// The length of the UTF-8 sequence at the start of text (RFC 3629), 0 where there is none.
std::size_t SequenceLength(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = at(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((at(i) & 0xc0U) != 0x80) return 0;
  }
  const std::uint8_t next = at(1);
  const bool bad = (lead == 0xe0 && next < 0xa0) || (lead == 0xed && next > 0x9f) ||
                   (lead == 0xf0 && next < 0x90) || (lead == 0xf4 && next > 0x8f);
  return bad ? 0 : length;
}

}  // namespace

std::string PercentEncode(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size() * 3);
  for (const char c : text) {
    if (IsUnreserved(c)) {
      encoded.push_back(c);
      continue;
    }
    const auto byte = static_cast<std::uint8_t>(c);
    encoded.push_back('%');
    encoded.push_back(kDigits[byte >> 4U]);
    encoded.push_back(kDigits[byte & 15U]);
  }
  return encoded;
}

std::string ODataQuoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

bool CanBeSearchedFor(std::string_view text) {
  if (text.empty() || text.size() > kMaxSearched) return false;
  while (!text.empty()) {
    const auto first = static_cast<std::uint8_t>(text.front());
    const std::size_t length = SequenceLength(text);
    if (length == 0 || first < 0x20 || first == 0x7f) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string UserTarget(std::string_view address) {
  return "/v1.0/users/" + PercentEncode(address) + "?$select=" + std::string(kUserFields);
}

std::string AnyUserTarget() { return "/v1.0/users?$select=id&$top=1"; }

std::string FewUsersTarget() {
  return "/v1.0/users?$select=" + std::string(kUserFields) + "&$top=20";
}

std::string UsersByProxyAddressTarget(std::string_view proxy_address) {
  return "/v1.0/users?$filter=" +
         PercentEncode("proxyAddresses/any(p:p eq " + ODataQuoted(proxy_address) + ")") +
         "&$count=true&$select=" + std::string(kUserFields) + "&$top=10";
}

std::string GroupsByProxyAddressTarget(std::string_view proxy_address) {
  return "/v1.0/groups?$filter=" +
         PercentEncode("proxyAddresses/any(p:p eq " + ODataQuoted(proxy_address) + ")") +
         "&$count=true&$select=id&$top=1";
}

std::string SearchTarget(const MailboxId& mailbox, std::string_view message_id) {
  return MailboxPath(mailbox) + SearchQuery(message_id);
}

std::string SearchInFolderTarget(const MailboxId& mailbox, std::string_view folder,
                                 std::string_view message_id) {
  return MailboxPath(mailbox) + "/mailFolders/" + PercentEncode(folder) + SearchQuery(message_id);
}

std::string MessageTarget(const MailboxId& mailbox, std::string_view item_id) {
  return MailboxPath(mailbox) + "/messages/" + PercentEncode(item_id) +
         "?$select=" + std::string(kCopyFields);
}

std::string MessageInFolderTarget(const MailboxId& mailbox, std::string_view folder,
                                  std::string_view item_id) {
  return MailboxPath(mailbox) + "/mailFolders/" + PercentEncode(folder) + "/messages/" +
         PercentEncode(item_id) + "?$select=" + std::string(kCopyFields);
}

std::string ContentTarget(const MailboxId& mailbox, std::string_view item_id) {
  return MailboxPath(mailbox) + "/messages/" + PercentEncode(item_id) + "/$value";
}

std::string MoveTarget(const MailboxId& mailbox, std::string_view item_id) {
  return MailboxPath(mailbox) + "/messages/" + PercentEncode(item_id) + "/move";
}

std::string PermanentDeleteTarget(const MailboxId& mailbox, std::string_view item_id) {
  return MailboxPath(mailbox) + "/messages/" + PercentEncode(item_id) + "/permanentDelete";
}

std::string FolderTarget(const MailboxId& mailbox, std::string_view folder) {
  return MailboxPath(mailbox) + "/mailFolders/" + PercentEncode(folder) +
         "?$select=id,displayName,isHidden";
}

std::string_view WellKnownName(KnownFolder folder) {
  switch (folder) {
    case KnownFolder::kInbox:
      return "inbox";
    case KnownFolder::kJunk:
      return "junkemail";
    case KnownFolder::kTrash:
      return "deleteditems";
    case KnownFolder::kRecoverable:
      return "recoverableitemsdeletions";
    case KnownFolder::kPurges:
      return "recoverableitemspurges";
    case KnownFolder::kSent:
      return "sentitems";
    case KnownFolder::kDrafts:
      return "drafts";
    case KnownFolder::kTeams:
    case KnownFolder::kOther:
      break;
  }
  return "";
}

}  // namespace clawback
