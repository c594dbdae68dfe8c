// SPDX-License-Identifier: Apache-2.0
// One retraction at a time of a message in a mailbox: two recipients can be one mailbox and
// share the copy, and the second must see what the first has done. Different messages share
// nothing.
#ifndef CLAWBACK_RETRACT_SIDECAR_MAILBOX_TURNS_H_
#define CLAWBACK_RETRACT_SIDECAR_MAILBOX_TURNS_H_

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "policy/base/clock.h"
#include "retract/graph/mailbox_provider.h"

namespace clawback {

// Safe from any thread.
class MailboxTurns {
 public:
  // Given back when it goes. May not outlive the turns.
  class Turn {
   public:
    Turn(Turn&& other) noexcept
        : turns_(std::exchange(other.turns_, nullptr)), key_(std::move(other.key_)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_ != nullptr) turns_->GiveBack(key_);
    }

   private:
    friend class MailboxTurns;
    using Key = std::tuple<std::string, std::string, std::string>;
    Turn(MailboxTurns* turns, Key key) : turns_(turns), key_(std::move(key)) {}
    MailboxTurns* turns_;
    Key key_;
  };

  // nullopt: another one was at work on that message there for all of patience.
  std::optional<Turn> Take(const std::string& tenant, const MailboxId& mailbox,
                           const std::string& message_id, milliseconds patience);

 private:
  void GiveBack(const Turn::Key& key);
  std::mutex mutex_;
  std::condition_variable given_back_;
  std::set<Turn::Key> taken_;  // tenant, mailbox, Message-ID
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_MAILBOX_TURNS_H_
