// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/mailbox.h"

#include <openssl/rand.h>

#include <algorithm>

#include "policy/base/text.h"
#include "tests/practice/text.h"

namespace clawback::practice {
namespace {

struct KnownFolderRow {
  const char* name;
  const char* display_name;
  const char* parent;
};

// The names published for Graph, and those of the dumpster that Exchange knows.
constexpr KnownFolderRow kKnownFolders[] = {
    {"msgfolderroot", "Top of Information Store", ""},
    {"inbox", "Inbox", "msgfolderroot"},
    {"drafts", "Drafts", "msgfolderroot"},
    {"sentitems", "Sent Items", "msgfolderroot"},
    {"deleteditems", "Deleted Items", "msgfolderroot"},
    {"junkemail", "Junk Email", "msgfolderroot"},
    {"archive", "Archive", "msgfolderroot"},
    {"outbox", "Outbox", "msgfolderroot"},
    {"clutter", "Clutter", "msgfolderroot"},
    {"conversationhistory", "Conversation History", "msgfolderroot"},
    {"syncissues", "Sync Issues", "msgfolderroot"},
    {"conflicts", "Conflicts", "syncissues"},
    {"localfailures", "Local Failures", "syncissues"},
    {"serverfailures", "Server Failures", "syncissues"},
    {"scheduled", "Scheduled", "msgfolderroot"},
    {"searchfolders", "Finder", ""},
    {"recoverableitemsroot", "Recoverable Items", ""},
    {"recoverableitemsdeletions", "Deletions", "recoverableitemsroot"},
    {"recoverableitemspurges", "Purges", "recoverableitemsroot"},
};

constexpr std::string_view kOrdinary = "AAMkAD";
constexpr std::string_view kImmutable = "AAkALg";

std::string RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(count));
  return bytes;
}

std::string NewId(std::string_view kind) {
  return std::string(kind) + Base64Url(RandomBytes(84)) + "AAA=";
}

std::string FolderId(const std::string& seed, const std::string& name) {
  std::string bytes;
  for (const char* salt : {"1", "2"}) {
    const Digest digest = Sha256Of(std::string(seed).append("/").append(name).append(salt));
    bytes.append(digest.begin(), digest.end());
  }
  return std::string(kOrdinary) + Base64Url(bytes.substr(0, 60)) + "AAA=";
}

}  // namespace

bool LooksLikeExchangeId(std::string_view text) {
  if (text.size() < 40 || text.back() != '=') return false;
  if (!text.starts_with(kOrdinary) && !text.starts_with(kImmutable)) return false;
  return FromBase64(text).has_value();
}

Mailbox::Mailbox(std::string seed) : seed_(std::move(seed)) {
  for (const KnownFolderRow& row : kKnownFolders) {
    const MailFolder* parent = FolderByName(row.parent);
    folders_.push_back(
        {FolderId(seed_, row.name), row.name, row.display_name, parent ? parent->id : ""});
  }
}

const MailFolder* Mailbox::FolderById(std::string_view id) const {
  const auto found = std::find_if(folders_.begin(), folders_.end(),
                                  [&](const MailFolder& folder) { return folder.id == id; });
  return found == folders_.end() ? nullptr : &*found;
}

const MailFolder* Mailbox::FolderByName(std::string_view well_known) const {
  if (well_known.empty()) return nullptr;
  const auto found = std::find_if(folders_.begin(), folders_.end(), [&](const MailFolder& folder) {
    return EqualIgnoringCase(folder.well_known, well_known);
  });
  return found == folders_.end() ? nullptr : &*found;
}

const MailFolder* Mailbox::FolderByDisplayName(std::string_view name) const {
  const auto found = std::find_if(folders_.begin(), folders_.end(), [&](const MailFolder& folder) {
    return folder.display_name == name;
  });
  return found == folders_.end() ? nullptr : &*found;
}

const MailFolder& Mailbox::AddFolder(std::string display_name, std::string_view parent_well_known,
                                     bool hidden) {
  const MailFolder* parent = FolderByName(parent_well_known);
  if (!parent) parent = FolderByName("msgfolderroot");
  const std::string id = FolderId(seed_, parent->id + "/" + display_name);
  if (const MailFolder* there = FolderById(id)) return *there;
  const std::string parent_id = parent->id;
  return folders_.emplace_back(MailFolder{id, "", std::move(display_name), parent_id, hidden});
}

Item* Mailbox::Find(std::string_view id) {
  const auto found = std::find_if(items_.begin(), items_.end(), [&](const Item& item) {
    return item.ordinary_id == id || item.immutable_id == id;
  });
  return found == items_.end() ? nullptr : &*found;
}

Item& Mailbox::Store(std::string mime, const MailFolder& folder, Time now) {
  Item item;
  item.ordinary_id = NewId(kOrdinary);
  item.immutable_id = NewId(kImmutable);
  item.folder_id = folder.id;
  item.digest = Sha256Of(mime);
  item.summary = Summarise(mime);
  item.mime = std::move(mime);
  item.received = item.modified = now;
  return items_.emplace_front(std::move(item));
}

void Mailbox::Move(Item& item, const MailFolder& folder, Time now) {
  item.ordinary_id = NewId(kOrdinary);
  item.folder_id = folder.id;
  item.modified = now;
}

void Mailbox::Purge(Item& item, Time now) {
  if (!single_item_recovery && !litigation_hold) {
    Remove(item);
  } else {
    Move(item, *FolderByName("recoverableitemspurges"), now);
  }
}

void Mailbox::Remove(const Item& item) {
  items_.remove_if([&](const Item& other) { return &other == &item; });
}

bool Mailbox::IsRecoverable(const Item& item) const {
  const MailFolder* folder = FolderById(item.folder_id);
  return folder && folder->well_known.starts_with("recoverableitems");
}

}  // namespace clawback::practice
