// SPDX-License-Identifier: Apache-2.0
// What can be done to a mailbox, in words of mail. retract/graph does it through
// Microsoft Graph; tests use the in-memory one. Both pass
// tests/contract/mailbox_provider_contract.
#ifndef CLAWBACK_RETRACT_GRAPH_MAILBOX_PROVIDER_H_
#define CLAWBACK_RETRACT_GRAPH_MAILBOX_PROVIDER_H_

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"
#include "policy/tenant.h"

namespace clawback {

// An Entra object id, so that it is not taken for an address.
struct MailboxId {
  std::string value;
  bool operator==(const MailboxId&) const = default;
};

// One stored copy of a message.
struct MailboxCopy {
  std::string item_id;  // immutable
  std::string folder_id;
  std::string message_id;    // as Graph says it
  std::string request_id{};  // Microsoft's, of the answer that showed it
};

// What a search answered with.
struct FoundCopies {
  std::vector<MailboxCopy> copies;
  std::string request_id{};  // Microsoft's, of the last answer; of none found, too

  bool empty() const { return copies.empty(); }
  std::size_t size() const { return copies.size(); }
  const MailboxCopy& front() const { return copies.front(); }
  auto begin() const { return copies.begin(); }
  auto end() const { return copies.end(); }
};

// Folders that are known by name in every language.
enum class KnownFolder {
  kInbox,
  kJunk,
  kTrash,
  kRecoverable,
  kPurges,
  kSent,
  kDrafts,
  kTeams,  // hidden: copies of chats, which are Teams' own
  kOther
};
std::string_view ToString(KnownFolder folder);  // "Inbox", "Junk Email", ...

struct Folder {
  std::string id;
  std::string name;  // display name, or the known name
  KnownFolder known = KnownFolder::kOther;
};

// What an act answered with.
struct Receipt {
  MailboxCopy copy;        // where it stands now; only item_id is set after a hard delete
  std::string request_id;  // Microsoft's
};

// Until when an act may be begun; what is late is not sent (kTransient). Who was stopped on
// the way to it, or waited long for his turn, may have lost the claim that he acts for.
using BeginBy = std::chrono::steady_clock::time_point;
inline constexpr BeginBy kAnyTime = BeginBy::max();

// One tenant's mailboxes. Safe from any thread; every call may block for as long as
// the provider's own timeouts allow. Errors: kNotFound (no such mailbox, item or
// folder; what begins with the vendor's code), kRefused (not permitted), kThrottled,
// kTransient (retry; after a timeout the act may have happened), kInvalid.
class MailboxProvider {
 public:
  virtual ~MailboxProvider() = default;
  // An SMTP address (primary, alias or user principal name) to its mailbox.
  // kNotFound: no mailbox in this cloud (unknown, group, guest, on-premises).
  virtual Result<MailboxId> Resolve(std::string_view address) = 0;
  // Every copy with exactly that Message-ID, in every folder, Recoverable Items too.
  virtual Result<FoundCopies> Find(const MailboxId& mailbox, std::string_view message_id) = 0;
  // The two halves of Find, for whoever can often do without the second: all but
  // Recoverable Items, and these alone.
  virtual Result<FoundCopies> FindVisible(const MailboxId& mailbox,
                                          std::string_view message_id) = 0;
  virtual Result<FoundCopies> FindRecoverable(const MailboxId& mailbox,
                                              std::string_view message_id) = 0;
  // One copy by its immutable id, wherever it stands.
  virtual Result<MailboxCopy> Look(const MailboxId& mailbox, std::string_view item_id) = 0;
  // The same copy, if it stands in that folder; kNotFound where it stands elsewhere. One
  // question instead of where it stands and what that place is.
  virtual Result<MailboxCopy> LookIn(const MailboxId& mailbox, KnownFolder folder,
                                     std::string_view item_id) = 0;
  // The copy's bytes as MIME.
  virtual Result<std::string> Fetch(const MailboxId& mailbox, std::string_view item_id) = 0;
  virtual Result<Folder> Describe(const MailboxId& mailbox, std::string_view folder_id) = 0;
  // Where that folder is in this mailbox; kNotFound where it has none that can be named.
  virtual Result<Folder> Locate(const MailboxId& mailbox, KnownFolder known) = 0;
  // What action means: a move, or for kHardDelete the removal to where only an
  // administrator finds it. kInvalid for kNone, and for kHardDelete where the cloud
  // cannot do it: nothing else is done instead.
  virtual Result<Receipt> Retract(const MailboxId& mailbox, std::string_view item_id, Action action,
                                  BeginBy by) = 0;
  // To a folder by its id, as an undo does.
  virtual Result<Receipt> Move(const MailboxId& mailbox, std::string_view item_id,
                               std::string_view folder_id, BeginBy by) = 0;
};

// Where action puts a copy. kPurges for kHardDelete; kOther for kNone: nowhere.
KnownFolder DestinationOf(Action action);

// Whether an error is about the tenant's credentials and not about one mailbox: it
// will mend for all retractions at once, so none of them should end because of it.
inline constexpr std::string_view kSignInRefused = "sign-in refused";
bool ConcernsSignIn(const Error& error);

// Whether a kNotFound says that the mailbox itself is not there (final), rather than
// an item or folder in it (look again).
bool MeansNoMailbox(const Error& error);
// Codes of our own, beside Microsoft's.
inline constexpr std::string_view kGuestHasNoMailbox = "GuestHasNoMailbox";
inline constexpr std::string_view kGroupHasNoMailbox = "GroupHasNoMailbox";
// What stands behind the address instead, for people, ending in ": ".
std::string_view WhyNoMailbox(const Error& error);

// Whether the item may not be deleted because something keeps it. Exchange says the same
// of an item that is gone, so look before believing it.
inline constexpr std::string_view kCannotDelete = "ErrorCannotDeleteObject";
bool MeansOnHold(const Error& error);

// Microsoft's id of the request that failed; empty where the error names none.
inline constexpr std::string_view kRequestIdMark = ", request-id ";
std::string RequestIdOf(const Error& error);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_MAILBOX_PROVIDER_H_
