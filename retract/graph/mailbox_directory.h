// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_RETRACT_GRAPH_MAILBOX_DIRECTORY_H_
#define CLAWBACK_RETRACT_GRAPH_MAILBOX_DIRECTORY_H_

#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/result.h"
#include "retract/graph/expiring_map.h"
#include "retract/graph/graph_json.h"
#include "retract/graph/graph_session.h"
#include "retract/graph/mailbox_provider.h"

namespace clawback {

// Which user of Entra ID has an address. Remembers answers: positive ones for hours,
// "no such mailbox" for minutes. Safe from any thread.
class MailboxDirectory {
 public:
  MailboxDirectory(GraphSession& session, const Clock& clock);
  // As MailboxProvider::Resolve.
  Result<MailboxId> Resolve(std::string_view address);

 private:
  Result<MailboxId> Ask(const std::string& address);
  Result<std::vector<DirectoryUser>> WithProxyAddress(const std::string& proxy_address);
  Result<bool> IsGroup(const std::string& address);

  GraphSession& session_;
  ExpiringMap<Result<MailboxId>> known_;  // by address in lower case
  ExpiringMap<bool> groups_closed_;       // one key: the app may not read groups
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_MAILBOX_DIRECTORY_H_
