// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/mailbox_provider.h"

#include <algorithm>
#include <array>

namespace clawback {
namespace {

struct NoMailboxCode {
  std::string_view code;
  std::string_view why;
};

constexpr std::string_view kNobody = "nobody in the directory has this address: ";
constexpr std::string_view kUnreachable =
    "no mailbox in this cloud (on premises, without a licence, inactive or deleted): ";

// Exchange says the same thing in different words at different times and places.
constexpr std::array<NoMailboxCode, 7> kNoMailboxCodes = {{
    {"MailboxNotEnabledForRESTAPI", kUnreachable},
    {"ResourceNotFound", kUnreachable},
    {"ErrorNonExistentMailbox", kUnreachable},
    {"Request_ResourceNotFound", kNobody},
    {"ErrorInvalidUser", kNobody},
    {kGuestHasNoMailbox, "a guest, whose mailbox is in another organisation: "},
    {kGroupHasNoMailbox, "a group; its members have lines of their own in the report: "},
}};

std::string_view CodeOf(const Error& error) {
  return std::string_view(error.what).substr(0, error.what.find(':'));
}

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
    case KnownFolder::kTeams:
      return "Teams";
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

bool MeansNoMailbox(const Error& error) { return !WhyNoMailbox(error).empty(); }

std::string_view WhyNoMailbox(const Error& error) {
  if (error.kind != ErrorKind::kNotFound) return "";
  const auto found =
      std::find_if(kNoMailboxCodes.begin(), kNoMailboxCodes.end(),
                   [code = CodeOf(error)](const NoMailboxCode& each) { return each.code == code; });
  return found == kNoMailboxCodes.end() ? std::string_view() : found->why;
}

bool MeansOnHold(const Error& error) {
  return error.kind == ErrorKind::kRefused && CodeOf(error) == kCannotDelete;
}

std::string RequestIdOf(const Error& error) {
  const std::size_t at = error.what.find(kRequestIdMark);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + kRequestIdMark.size();
  return error.what.substr(begin, error.what.find(',', begin) - begin);
}

}  // namespace clawback
