// SPDX-License-Identifier: Apache-2.0
// The targets of the Graph requests that we make, every value in them escaped for
// OData and for the URL: a raw '+' or a single quote makes a search silently find
// nothing. Pure functions.
#ifndef CLAWBACK_RETRACT_GRAPH_GRAPH_URL_H_
#define CLAWBACK_RETRACT_GRAPH_GRAPH_URL_H_

#include <string>
#include <string_view>

#include "retract/graph/mailbox_provider.h"

namespace clawback {

// RFC 3986 2.3: everything but unreserved characters as %XX.
std::string PercentEncode(std::string_view text);
// An OData string literal: in single quotes, those inside doubled.
std::string ODataQuoted(std::string_view text);

// Whether text can stand in an OData filter: 1 to 2000 bytes of UTF-8, no controls.
bool CanBeSearchedFor(std::string_view text);

// The cheapest question to the directory.
std::string AnyUserTarget();
// A few users with all that is ever asked about one.
std::string FewUsersTarget();
std::string UserTarget(std::string_view address);
// proxy_address with its type: "smtp:anna@contoso.example".
std::string UsersByProxyAddressTarget(std::string_view proxy_address);
std::string GroupsByProxyAddressTarget(std::string_view proxy_address);
std::string SearchTarget(const MailboxId& mailbox, std::string_view message_id);
std::string SearchInFolderTarget(const MailboxId& mailbox, std::string_view folder,
                                 std::string_view message_id);
std::string MessageTarget(const MailboxId& mailbox, std::string_view item_id);
// folder: a well-known name.
std::string MessageInFolderTarget(const MailboxId& mailbox, std::string_view folder,
                                  std::string_view item_id);
std::string ContentTarget(const MailboxId& mailbox, std::string_view item_id);
std::string MoveTarget(const MailboxId& mailbox, std::string_view item_id);
std::string PermanentDeleteTarget(const MailboxId& mailbox, std::string_view item_id);
// folder: an id or a well-known name.
std::string FolderTarget(const MailboxId& mailbox, std::string_view folder);

// The name by which Graph knows a folder in every language; empty for
// kTeams, which has none, and kOther.
std::string_view WellKnownName(KnownFolder folder);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_GRAPH_URL_H_
