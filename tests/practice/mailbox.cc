// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/mailbox.h"

#include <openssl/rand.h>

#include <algorithm>
#include <iterator>

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
constexpr KnownFolderRow kKnownFolderRows[] = {
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
constexpr size_t kStemChars = 76;  // base64 of 57 bytes; three more say which folder

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

// The row of that name, case ignored; past the last one where there is none.
size_t RowOf(std::string_view well_known) {
  return static_cast<size_t>(std::find_if(std::begin(kKnownFolderRows), std::end(kKnownFolderRows),
                                          [&](const KnownFolderRow& row) {
                                            return EqualIgnoringCase(row.name, well_known);
                                          }) -
                             std::begin(kKnownFolderRows));
}

// The end of a known folder's id: four characters that say which one.
std::string RowSuffix(size_t row) {
  const char bytes[] = {'\x2a', '\x51', static_cast<char>(row)};
  return Base64Url({bytes, sizeof bytes}) + "AAA=";
}

}  // namespace

bool LooksLikeExchangeId(std::string_view text) {
  if (text.size() < 40 || text.back() != '=') return false;
  if (!text.starts_with(kOrdinary) && !text.starts_with(kImmutable)) return false;
  return FromBase64(text).has_value();
}

StoredMessage::StoredMessage(std::string bytes)
    : mime(std::move(bytes)), digest(Sha256Of(mime)), summary(Summarise(mime)) {}

Mailbox::Mailbox(std::string seed) : seed_(std::move(seed)) {
  static_assert(std::size(kKnownFolderRows) == kKnownFolders);
}

const std::string& Mailbox::IdStem() const {
  if (id_stem_.empty()) id_stem_ = FolderId(seed_, "").substr(0, kOrdinary.size() + kStemChars);
  return id_stem_;
}

const MailFolder* Mailbox::Known(size_t row) const {
  if (!known_[row]) {
    const KnownFolderRow& known = kKnownFolderRows[row];
    const auto id = [&](size_t of) { return IdStem() + RowSuffix(of); };
    const size_t parent = RowOf(known.parent);
    known_[row] = std::make_unique<MailFolder>(MailFolder{
        id(row), known.name, known.display_name, parent < kKnownFolders ? id(parent) : ""});
  }
  return known_[row].get();
}

std::vector<const MailFolder*> Mailbox::folders() const {
  std::vector<const MailFolder*> all;
  for (size_t row = 0; row < kKnownFolders; ++row) all.push_back(Known(row));
  for (const auto& folder : own_) all.push_back(folder.get());
  return all;
}

const MailFolder* Mailbox::FolderById(std::string_view id) const {
  if (id.starts_with(IdStem())) {
    const std::string_view suffix = id.substr(IdStem().size());
    for (size_t row = 0; row < kKnownFolders; ++row) {
      if (RowSuffix(row) == suffix) return Known(row);
    }
  }
  const auto found =
      std::find_if(own_.begin(), own_.end(), [&](const auto& folder) { return folder->id == id; });
  return found == own_.end() ? nullptr : found->get();
}

const MailFolder* Mailbox::FolderByName(std::string_view well_known) const {
  const size_t row = RowOf(well_known);
  return row < kKnownFolders ? Known(row) : nullptr;
}

const MailFolder* Mailbox::FolderByDisplayName(std::string_view name) const {
  for (const MailFolder* folder : folders()) {
    if (folder->display_name == name) return folder;
  }
  return nullptr;
}

const MailFolder& Mailbox::AddFolder(std::string display_name, std::string_view parent_well_known,
                                     bool hidden) {
  const MailFolder* parent = FolderByName(parent_well_known);
  if (!parent) parent = FolderByName("msgfolderroot");
  const std::string id = FolderId(seed_, parent->id + "/" + display_name);
  if (const MailFolder* there = FolderById(id)) return *there;
  return *own_.emplace_back(std::make_unique<MailFolder>(
      MailFolder{id, "", std::move(display_name), parent->id, hidden}));
}

Item* Mailbox::Find(std::string_view id) {
  const auto found = std::find_if(items_.begin(), items_.end(), [&](const Item& item) {
    return item.ordinary_id == id || item.immutable_id == id;
  });
  return found == items_.end() ? nullptr : &*found;
}

Item& Mailbox::Store(std::shared_ptr<const StoredMessage> message, const MailFolder& folder,
                     Time now) {
  Item item;
  item.ordinary_id = NewId(kOrdinary);
  item.immutable_id = NewId(kImmutable);
  item.folder_id = folder.id;
  item.message = std::move(message);
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
