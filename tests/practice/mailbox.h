// SPDX-License-Identifier: Apache-2.0
// One Exchange mailbox: folders, and items that have two ids each. Not thread-safe:
// World's lock guards it. There may be 100,000 of them, so a folder is made when it is
// first asked for, and copies of one message share its bytes.
#ifndef CLAWBACK_TESTS_PRACTICE_MAILBOX_H_
#define CLAWBACK_TESTS_PRACTICE_MAILBOX_H_

#include <array>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"
#include "policy/base/digest.h"
#include "tests/practice/message_summary.h"

namespace clawback::practice {

struct MailFolder {
  std::string id;          // never changes
  std::string well_known;  // "" for a user's own folder
  std::string display_name;
  std::string parent_id;
  bool hidden = false;  // as that of the copies that Teams keeps of its chats
};

// What all copies of one delivery have in common.
struct StoredMessage {
  explicit StoredMessage(std::string bytes);
  std::string mime;
  Digest digest;  // of mime
  MessageSummary summary;
};

struct Item {
  std::string ordinary_id;   // changes with each move
  std::string immutable_id;  // stays as long as the item is in this mailbox
  std::string folder_id;
  std::shared_ptr<const StoredMessage> message;
  Time received;
  Time modified;
  bool read = false;
  bool listed = false;  // by an app
  int acts = 0;         // moves and deletes by apps
};

// Whether text has the form of an item's or folder's id.
bool LooksLikeExchangeId(std::string_view text);

class Mailbox {
 public:
  // seed: the user's object id; folder ids follow from it.
  explicit Mailbox(std::string seed);

  std::vector<const MailFolder*> folders() const;
  const MailFolder* FolderById(std::string_view id) const;
  const MailFolder* FolderByName(std::string_view well_known) const;  // case ignored
  const MailFolder* FolderByDisplayName(std::string_view name) const;
  const MailFolder& AddFolder(std::string display_name, std::string_view parent_well_known,
                              bool hidden = false);

  // Newest first.
  const std::list<Item>& items() const { return items_; }
  // By either id; null: gone. Ids are compared with case.
  Item* Find(std::string_view id);
  Item& Store(std::shared_ptr<const StoredMessage> message, const MailFolder& folder, Time now);
  // Copies and deletes, as Exchange does: the ordinary id is a new one.
  void Move(Item& item, const MailFolder& folder, Time now);
  // To Purges; without single item recovery and hold it is gone.
  void Purge(Item& item, Time now);
  void Remove(const Item& item);
  void Clear() { items_.clear(); }

  // Recoverable Items and below: not part of "the whole mailbox".
  bool IsRecoverable(const Item& item) const;

  bool single_item_recovery = true;
  bool litigation_hold = false;

 private:
  static constexpr size_t kKnownFolders = 19;
  const MailFolder* Known(size_t row) const;
  const std::string& IdStem() const;  // what the ids of all known folders begin with

  std::string seed_;
  mutable std::string id_stem_;
  mutable std::array<std::unique_ptr<MailFolder>, kKnownFolders> known_;
  std::vector<std::unique_ptr<MailFolder>> own_;
  std::list<Item> items_;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_MAILBOX_H_
