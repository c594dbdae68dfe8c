// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/copies.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace clawback {
namespace {

int Depth(KnownFolder folder) {
  switch (folder) {
    case KnownFolder::kJunk:
      return 1;
    case KnownFolder::kTrash:
      return 2;
    case KnownFolder::kRecoverable:
      return 3;
    case KnownFolder::kPurges:
      return 4;
    default:
      return 0;
  }
}

std::pair<OutcomeKind, Standing> KindOf(const std::vector<Copy>& copies) {
  if (CountOf(copies, Standing::kMoved) > 0) return {OutcomeKind::kMoved, Standing::kMoved};
  if (CountOf(copies, Standing::kToAct) > 0) {
    return {OutcomeKind::kWouldHaveMoved, Standing::kToAct};
  }
  return {OutcomeKind::kAlreadyThere, Standing::kThere};
}

constexpr std::pair<Standing, std::string_view> kWords[] = {
    {Standing::kMoved, "moved"},
    {Standing::kToAct, "would have been moved"},
    {Standing::kThere, "already there"},
    {Standing::kLeftAlone, "in Sent Items, Drafts or Teams, left alone"},
    {Standing::kOtherMessage, "another message with this Message-ID, left alone"}};

std::string Tally(const std::vector<Copy>& copies) {
  if (copies.size() == 1) return {};
  std::string text;
  for (const auto& [standing, word] : kWords) {
    const std::size_t number = CountOf(copies, standing);
    if (number == 0) continue;
    text += fmt::format("{}{} {}", text.empty() ? "" : "; ", number, word);
  }
  return text;
}

}  // namespace

Result<MailboxCopy> Believed(Result<MailboxCopy> answer, std::string_view message_id) {
  if (!answer || answer->message_id == message_id) return answer;
  return Error{ErrorKind::kTransient, "the answer is about another message"};
}

bool IsThere(const Folder& folder, Action action) {
  return Depth(folder.known) >= Depth(DestinationOf(action));
}

bool IsLeftAlone(const Folder& folder) {
  return folder.known == KnownFolder::kSent || folder.known == KnownFolder::kDrafts ||
         folder.known == KnownFolder::kTeams;
}

Finality FinalityOf(Action action) {
  switch (action) {
    case Action::kHardDelete:
      return Finality::kFinal;
    case Action::kSoftDelete:
      return Finality::kRecoverable;
    default:
      return Finality::kMovable;
  }
}

void PutOutOfReach(Copy& copy) {
  copy.folder = {"", std::string(ToString(KnownFolder::kPurges)), KnownFolder::kPurges};
  copy.standing = Standing::kMoved;
  if (!copy.intent) return;
  copy.from_folder = copy.intent->from_folder;
  copy.from_folder_id = copy.intent->from_folder_id;
}

std::string MovedIds(const std::vector<Copy>& copies) {
  std::string ids;
  for (const Copy& copy : copies) {
    if (copy.standing == Standing::kMoved) ids += (ids.empty() ? "" : ",") + copy.item.item_id;
  }
  return ids;
}

std::size_t CountOf(const std::vector<Copy>& copies, Standing standing) {
  return static_cast<std::size_t>(
      std::count_if(copies.begin(), copies.end(),
                    [standing](const Copy& copy) { return copy.standing == standing; }));
}

bool AnyOurs(const std::vector<Copy>& copies) {
  return CountOf(copies, Standing::kLeftAlone) + CountOf(copies, Standing::kOtherMessage) <
         copies.size();
}

Outcome OutcomeOf(const std::vector<Copy>& copies) {
  const auto [kind, spoken_of] = KindOf(copies);
  Outcome outcome;
  outcome.kind = kind;
  outcome.detail = Tally(copies);
  for (const Copy& copy : copies) {
    if (copy.standing != spoken_of) continue;
    if (outcome.item_ids.empty()) {
      outcome.folder_before = copy.from_folder;
      outcome.folder_before_id = copy.from_folder_id;
      outcome.folder_after = copy.folder.name;
      outcome.request_id = copy.item.request_id;
    } else {
      outcome.item_ids += ',';
    }
    outcome.item_ids += copy.item.item_id;
  }
  return outcome;
}

}  // namespace clawback
