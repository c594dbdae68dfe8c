// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/mailbox_directory.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "retract/graph/graph_json.h"
#include "retract/graph/graph_url.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxAddresses = 200'000;
constexpr std::size_t kMaxAddress = 320;  // RFC 5321 4.5.3.1: 64 + "@" + 255
constexpr auto kFoundLife = std::chrono::hours(4);
constexpr auto kMissingLife = std::chrono::minutes(5);

std::string Lowered(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lowered;
}

bool HasAddress(const DirectoryUser& user, const std::string& address) {
  const std::string proxy = "smtp:" + address;
  return Lowered(user.mail) == address ||
         std::any_of(user.proxy_addresses.begin(), user.proxy_addresses.end(),
                     [&](const std::string& other) { return Lowered(other) == proxy; });
}

bool HasName(const DirectoryUser& user, const std::string& address) {
  return Lowered(user.principal_name) == address;
}

// Something in between may answer another question than ours; whose mailbox that names is
// nobody's that we may look into.
Error AboutOthers(const std::string& address) {
  return {ErrorKind::kTransient, "the answer is about somebody else than " + address};
}

// Whether the address may stand in a path: Graph gives some characters there a meaning
// of their own, escaped or not.
bool CanBeInPath(std::string_view address) {
  return !address.starts_with('$') && address.find_first_of("/\\") == address.npos;
}

Error NoMailbox(std::string_view code, const std::string& address) {
  return {ErrorKind::kNotFound, std::string(code) + ": " + address};
}

bool IsGuest(const DirectoryUser& user) { return Lowered(user.type) == "guest"; }

Result<MailboxId> MailboxOf(const DirectoryUser& user, const std::string& address) {
  if (IsGuest(user)) return NoMailbox(kGuestHasNoMailbox, address);
  return MailboxId{user.id};
}

Result<MailboxId> OnlyOneOf(std::vector<DirectoryUser> users, const std::string& address) {
  if (users.empty()) return NoMailbox("Request_ResourceNotFound", address);
  const bool guests_only = std::all_of(users.begin(), users.end(), IsGuest);
  if (!guests_only) std::erase_if(users, IsGuest);
  const bool one = std::all_of(users.begin(), users.end(), [&](const DirectoryUser& user) {
    return user.id == users.front().id;
  });
  if (!one) return Error{ErrorKind::kInvalid, "the address is that of two users: " + address};
  return MailboxOf(users.front(), address);
}

}  // namespace

MailboxDirectory::MailboxDirectory(GraphSession& session, const Clock& clock)
    : session_(session), known_(clock, kMaxAddresses), groups_closed_(clock, 1) {}

Result<MailboxId> MailboxDirectory::Resolve(std::string_view address) {
  const std::string lowered = Lowered(address);
  if (lowered.size() > kMaxAddress || !CanBeSearchedFor(lowered) ||
      lowered.find('@') == lowered.npos) {
    return Error{ErrorKind::kInvalid, "not an address that can be looked up"};
  }
  if (auto known = known_.Find(lowered)) return *std::move(known);
  auto asked = Ask(lowered);
  if (asked.ok()) {
    known_.Put(lowered, asked, kFoundLife);
  } else if (MeansNoMailbox(asked.error())) {
    known_.Put(lowered, asked, kMissingLife);
  }
  return asked;
}

Result<std::vector<DirectoryUser>> MailboxDirectory::WithProxyAddress(
    const std::string& proxy_address) {
  const auto response = session_.Call({.target = UsersByProxyAddressTarget(proxy_address),
                                       .mailbox = std::string(kDirectory),
                                       .consistency = Consistency::kEventual});
  if (!response.ok()) return response.error();
  return ReadUsers(response->body);
}

// Only to tell people what the address is, so it is no fault that the app may not ask;
// then nothing is asked for a while.
Result<bool> MailboxDirectory::IsGroup(const std::string& address) {
  const std::string closed = "groups";
  if (groups_closed_.Find(closed)) return false;
  for (const std::string_view type : {"smtp:", "SMTP:"}) {
    const auto response =
        session_.Call({.target = GroupsByProxyAddressTarget(std::string(type) + address),
                       .mailbox = "directory",
                       .consistency = Consistency::kEventual});
    if (!response.ok()) {
      if (response.error().kind != ErrorKind::kRefused || ConcernsSignIn(response.error())) {
        return response.error();
      }
      groups_closed_.Put(closed, true, kFoundLife);
      return false;
    }
    auto any = ReadAny(response->body);
    if (!any.ok() || *any) return any;
  }
  return false;
}

// The cheap question first: it answers where the address is the user principal name.
// Mail goes by proxy address, though: somebody's principal name can be another's
// address, so the name alone counts only where nobody has the address.
Result<MailboxId> MailboxDirectory::Ask(const std::string& address) {
  std::optional<DirectoryUser> by_name;
  if (CanBeInPath(address)) {
    const auto response =
        session_.Call({.target = UserTarget(address), .mailbox = std::string(kDirectory)});
    if (!response.ok() && !MeansNoMailbox(response.error())) return response.error();
    if (response.ok()) {
      auto user = ReadUser(response->body);
      if (!user.ok()) return user.error();
      if (HasAddress(*user, address)) return MailboxOf(*user, address);
      if (!HasName(*user, address)) return AboutOthers(address);
      by_name = *std::move(user);
    }
  }
  // The primary address is spelled SMTP: in capitals, and not every data centre's index
  // ignores case.
  for (const std::string_view type : {"smtp:", "SMTP:"}) {
    auto users = WithProxyAddress(std::string(type) + address);
    if (!users.ok()) return users.error();
    if (users->empty()) continue;
    std::erase_if(*users, [&](const DirectoryUser& user) { return !HasAddress(user, address); });
    if (users->empty()) return AboutOthers(address);
    return OnlyOneOf(*std::move(users), address);
  }
  if (by_name) return MailboxOf(*by_name, address);
  const auto group = IsGroup(address);
  if (!group.ok()) return group.error();
  return *group ? NoMailbox(kGroupHasNoMailbox, address) : OnlyOneOf({}, address);
}

}  // namespace clawback
