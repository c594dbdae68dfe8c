// SPDX-License-Identifier: Apache-2.0
// The answers of Graph that we read, as the openapi subset describes them. Strict: an
// answer that lacks what it must have is kTransient, for it is not Graph's.
#ifndef CLAWBACK_RETRACT_GRAPH_GRAPH_JSON_H_
#define CLAWBACK_RETRACT_GRAPH_GRAPH_JSON_H_

#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"
#include "retract/graph/mailbox_provider.h"

namespace clawback {

struct CopyPage {
  std::vector<MailboxCopy> copies;
  std::string next_link;  // empty: the last page
};

struct DirectoryUser {
  std::string id;
  std::string mail;
  std::string principal_name;
  std::string type;                          // "Member", "Guest", or empty
  std::vector<std::string> proxy_addresses;  // "SMTP:a@b" the primary one, "smtp:c@d"
};

Result<MailboxCopy> ReadCopy(std::string_view body);
Result<CopyPage> ReadCopyPage(std::string_view body);
Result<DirectoryUser> ReadUser(std::string_view body);
Result<std::vector<DirectoryUser>> ReadUsers(std::string_view body);
// Whether a collection has an entry on its first page.
Result<bool> ReadAny(std::string_view body);
Result<Folder> ReadFolder(std::string_view body);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_GRAPH_JSON_H_
