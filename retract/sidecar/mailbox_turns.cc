// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/mailbox_turns.h"

namespace clawback {

std::optional<MailboxTurns::Turn> MailboxTurns::Take(const std::string& tenant,
                                                     const MailboxId& mailbox,
                                                     const std::string& message_id,
                                                     milliseconds patience) {
  const Turn::Key key(tenant, mailbox.value, message_id);
  std::unique_lock lock(mutex_);
  if (!given_back_.wait_for(lock, patience, [&] { return !taken_.contains(key); })) {
    return std::nullopt;
  }
  taken_.insert(key);
  return Turn(this, key);
}

void MailboxTurns::GiveBack(const Turn::Key& key) {
  {
    const std::scoped_lock lock(mutex_);
    taken_.erase(key);
  }
  given_back_.notify_all();
}

}  // namespace clawback
