// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/mailbox_provider.h"

#include <algorithm>
#include <array>

namespace clawback {
namespace {

// Exchange says the same thing in different words at different times and places.
constexpr std::array<std::string_view, 6> kNoMailboxCodes = {
    "MailboxNotEnabledForRESTAPI", "ResourceNotFound",
    "Request_ResourceNotFound",    "ErrorInvalidUser",
    "ErrorNonExistentMailbox",     "GuestHasNoMailbox"};

}  // namespace

std::string_view ToString(KnownFolder folder) {
  switch (folder) {
    case KnownFolder::kInbox:
      return "Inbox";
    case KnownFolder::kJunk:
      return "Junk Email";
    case KnownFolder::kTrash:
      return "Deleted Items";
    case KnownFolder::kRecoverable:
      return "Recoverable Items/Deletions";
    case KnownFolder::kPurges:
      return "Recoverable Items/Purges";
    case KnownFolder::kSent:
      return "Sent Items";
    case KnownFolder::kDrafts:
      return "Drafts";
    case KnownFolder::kOther:
      break;
  }
  return "other";
}

KnownFolder DestinationOf(Action action) {
  switch (action) {
    case Action::kJunk:
      return KnownFolder::kJunk;
    case Action::kTrash:
      return KnownFolder::kTrash;
    case Action::kSoftDelete:
      return KnownFolder::kRecoverable;
    case Action::kHardDelete:
      return KnownFolder::kPurges;
    case Action::kNone:
      break;
  }
  return KnownFolder::kOther;
}

bool ConcernsSignIn(const Error& error) { return error.what.starts_with(kSignInRefused); }

bool MeansNoMailbox(const Error& error) {
  if (error.kind != ErrorKind::kNotFound) return false;
  const std::string_view code = std::string_view(error.what).substr(0, error.what.find(':'));
  return std::find(kNoMailboxCodes.begin(), kNoMailboxCodes.end(), code) != kNoMailboxCodes.end();
}

}  // namespace clawback
