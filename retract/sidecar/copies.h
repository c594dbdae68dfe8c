// SPDX-License-Identifier: Apache-2.0
// The copies of one message in one mailbox, and what is to be said of them. Pure.
#ifndef CLAWBACK_RETRACT_SIDECAR_COPIES_H_
#define CLAWBACK_RETRACT_SIDECAR_COPIES_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/message/fingerprint.h"
#include "policy/tenant.h"
#include "retract/graph/mailbox_provider.h"
#include "retract/ledger/ledger.h"

namespace clawback {

// How one copy stands to a retraction.
enum class Standing {
  kToAct,         // the message, and not where it should be
  kMoved,         // the message, moved by us
  kThere,         // the message, in the destination or deeper before us
  kLeftAlone,     // in Sent Items, Drafts or Teams' own folder
  kOtherMessage,  // the same Message-ID, another message
};

struct Copy {
  MailboxCopy item;
  Folder folder;                    // where it stands now
  std::optional<ActIntent> intent;  // of an earlier attempt of this retraction
  Standing standing = Standing::kToAct;
  std::string from_folder, from_folder_id;  // where it stood before our act
  std::string why;                          // of kOtherMessage
  std::string print;                        // the copy's fingerprint, as JSON, where it is in doubt
};

// What Graph shows under an id, believed only where it has the Message-ID that was asked for:
// an answer may be another request's.
Result<MailboxCopy> Believed(Result<MailboxCopy> answer, std::string_view message_id);

// Whether folder is where action puts a copy, or lies deeper on the way from the
// inbox to nowhere: junk, trash, recoverable, purges.
bool IsThere(const Folder& folder, Action action);

// Whether what stands there is somebody's own: Sent Items, Drafts, Teams' copies.
bool IsLeftAlone(const Folder& folder);

// How much has to agree before action may be taken.
Finality FinalityOf(Action action);

// Hard-deleted: in Purges, by all that can be told.
void PutOutOfReach(Copy& copy);

std::size_t CountOf(const std::vector<Copy>& copies, Standing standing);
// Of those moved by us, comma separated.
std::string MovedIds(const std::vector<Copy>& copies);
// Whether any is the message itself and not to be left alone.
bool AnyOurs(const std::vector<Copy>& copies);

// What is to be recorded when nothing is left to do: kMoved if any was, else
// kWouldHaveMoved if any is left to act on (observe), else kAlreadyThere. The ids
// and folders are those of the copies that the kind speaks of, the detail counts
// them all where there is more than one. The caller adds mailbox, request and time.
Outcome OutcomeOf(const std::vector<Copy>& copies);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_COPIES_H_
