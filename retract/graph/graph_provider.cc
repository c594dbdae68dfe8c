// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/graph_provider.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <utility>

#include "retract/graph/clouds.h"
#include "retract/graph/expiring_map.h"
#include "retract/graph/graph_json.h"
#include "retract/graph/graph_session.h"
#include "retract/graph/graph_url.h"
#include "retract/graph/mailbox_directory.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxCopies = 1000;
constexpr int kMaxPages = 200;
constexpr std::size_t kMaxMime = 256UL << 20;
constexpr std::size_t kMaxKnownFolders = 100'000;
constexpr auto kFolderLife = std::chrono::hours(1);

// In the order in which copies are mostly met.
constexpr std::array kKnownFolders = {
    KnownFolder::kInbox, KnownFolder::kRecoverable, KnownFolder::kJunk,  KnownFolder::kTrash,
    KnownFolder::kSent,  KnownFolder::kDrafts,      KnownFolder::kPurges};

class GraphProvider final : public MailboxProvider {
 public:
  GraphProvider(Cloud cloud, HttpPeer graph, SignIn sign_in, HttpClient& http,
                RequestLimits& limits, const Clock& clock)
      : cloud_(cloud),
        session_(std::move(graph), std::move(sign_in), http, limits, clock),
        directory_(session_, clock),
        known_folders_(clock, kMaxKnownFolders) {}

  Result<MailboxId> Resolve(std::string_view address) override {
    return directory_.Resolve(address);
  }
  Result<FoundCopies> Find(const MailboxId& mailbox, std::string_view message_id) override;
  Result<FoundCopies> FindVisible(const MailboxId& mailbox, std::string_view message_id) override;
  Result<FoundCopies> FindRecoverable(const MailboxId& mailbox,
                                      std::string_view message_id) override;
  Result<MailboxCopy> Look(const MailboxId& mailbox, std::string_view item_id) override;
  Result<MailboxCopy> LookIn(const MailboxId& mailbox, KnownFolder folder,
                             std::string_view item_id) override;
  Result<std::string> Fetch(const MailboxId& mailbox, std::string_view item_id) override;
  Result<Folder> Describe(const MailboxId& mailbox, std::string_view folder_id) override;
  Result<Receipt> Retract(const MailboxId& mailbox, std::string_view item_id, Action action,
                          BeginBy by) override;
  Result<Folder> Locate(const MailboxId& mailbox, KnownFolder known) override;
  Result<Receipt> Move(const MailboxId& mailbox, std::string_view item_id,
                       std::string_view folder_id, BeginBy by) override;

 private:
  Result<Receipt> HardDelete(const MailboxId& mailbox, std::string_view item_id, BeginBy by);
  Status Collect(const MailboxId& mailbox, std::string target, std::string_view message_id,
                 FoundCopies& found);
  Result<std::string> KnownFolderId(const MailboxId& mailbox, KnownFolder known);

  const Cloud cloud_;
  GraphSession session_;
  MailboxDirectory directory_;
  ExpiringMap<std::string> known_folders_;  // an empty id: the mailbox has none
};

// Whether that answer says that the mailbox has no such folder. Purges has no published name
// in Graph: a cloud that does not know it refuses the question. Of any other folder that
// would be no answer: who took Sent Items for absent would move what stands there.
bool SaysAbsent(const Error& error, KnownFolder known) {
  if (MeansNoMailbox(error)) return false;
  return error.kind == ErrorKind::kNotFound ||
         (error.kind == ErrorKind::kInvalid && known == KnownFolder::kPurges);
}

std::string FolderKey(const MailboxId& mailbox, const std::string& name) {
  return mailbox.value + "/" + name;
}

// The service compares Message-IDs in its own way, without case for one; what it says
// counts only where every byte agrees. Takes one more than may be, at most.
void Take(CopyPage& page, std::string_view message_id, std::vector<MailboxCopy>& copies) {
  for (MailboxCopy& copy : page.copies) {
    if (copies.size() > kMaxCopies) return;
    const bool known = std::any_of(copies.begin(), copies.end(), [&](const MailboxCopy& other) {
      return other.item_id == copy.item_id;
    });
    if (copy.message_id == message_id && !known) copies.push_back(std::move(copy));
  }
}

// Follows the pages; one may be empty and yet have a next one.
Status GraphProvider::Collect(const MailboxId& mailbox, std::string target,
                              std::string_view message_id, FoundCopies& found) {
  std::set<std::string> seen;
  while (seen.insert(target).second && seen.size() <= kMaxPages) {
    const auto response = session_.Call({.target = target, .mailbox = mailbox.value});
    if (!response.ok()) return response.error();
    auto page = ReadCopyPage(response->body);
    if (!page.ok()) return page.error();
    found.request_id = response->Header("request-id");
    for (MailboxCopy& copy : page->copies) copy.request_id = found.request_id;
    Take(*page, message_id, found.copies);
    if (found.size() > kMaxCopies) {
      return Error{ErrorKind::kInvalid, "more than 1000 copies in one mailbox"};
    }
    if (page->next_link.empty()) return {};
    auto next = TargetWithin(session_.origin(), page->next_link);
    if (!next.ok()) return next.error();
    target = *std::move(next);
  }
  return Error{ErrorKind::kTransient, "Graph's pages have no end"};
}

// The search over the whole mailbox leaves Recoverable Items out.
Result<FoundCopies> GraphProvider::FindVisible(const MailboxId& mailbox,
                                               std::string_view message_id) {
  if (!CanBeSearchedFor(message_id)) {
    return Error{ErrorKind::kInvalid, "the Message-ID cannot be searched for"};
  }
  FoundCopies copies;
  const Status searched = Collect(mailbox, SearchTarget(mailbox, message_id), message_id, copies);
  if (!searched.ok()) return searched.error();
  return copies;
}

Result<FoundCopies> GraphProvider::Find(const MailboxId& mailbox, std::string_view message_id) {
  auto copies = FindVisible(mailbox, message_id);
  if (!copies.ok()) return copies;
  auto recoverable = FindRecoverable(mailbox, message_id);
  if (!recoverable.ok()) return recoverable;
  // What was moved between the two questions is in both answers.
  CopyPage page{std::move(recoverable->copies), ""};
  Take(page, message_id, copies->copies);
  copies->request_id = std::move(recoverable->request_id);
  return copies;
}

Result<FoundCopies> GraphProvider::FindRecoverable(const MailboxId& mailbox,
                                                   std::string_view message_id) {
  if (!CanBeSearchedFor(message_id)) {
    return Error{ErrorKind::kInvalid, "the Message-ID cannot be searched for"};
  }
  FoundCopies copies;
  const Status recoverable = Collect(
      mailbox, SearchInFolderTarget(mailbox, WellKnownName(KnownFolder::kRecoverable), message_id),
      message_id, copies);
  const bool no_folder = !recoverable.ok() && recoverable.error().kind == ErrorKind::kNotFound &&
                         !MeansNoMailbox(recoverable.error());
  if (!recoverable.ok() && !no_folder) return recoverable.error();
  if (no_folder) copies.request_id = RequestIdOf(recoverable.error());
  return copies;
}

Result<MailboxCopy> GraphProvider::Look(const MailboxId& mailbox, std::string_view item_id) {
  const auto response =
      session_.Call({.target = MessageTarget(mailbox, item_id), .mailbox = mailbox.value});
  if (!response.ok()) return response.error();
  auto copy = ReadCopy(response->body);
  if (copy.ok()) copy->request_id = response->Header("request-id");
  return copy;
}

Result<MailboxCopy> GraphProvider::LookIn(const MailboxId& mailbox, KnownFolder folder,
                                          std::string_view item_id) {
  const std::string name(WellKnownName(folder));
  const auto response = session_.Call(
      {.target = MessageInFolderTarget(mailbox, name, item_id), .mailbox = mailbox.value});
  if (!response.ok()) return response.error();
  auto copy = ReadCopy(response->body);
  if (!copy.ok()) return copy;
  copy->request_id = response->Header("request-id");
  // Graph itself has just said which folder bears that name.
  known_folders_.Put(FolderKey(mailbox, name), copy->folder_id, kFolderLife);
  return copy;
}

Result<std::string> GraphProvider::Fetch(const MailboxId& mailbox, std::string_view item_id) {
  auto response = session_.Call({.target = ContentTarget(mailbox, item_id),
                                 .mailbox = mailbox.value,
                                 .max_response_bytes = kMaxMime});
  if (!response.ok()) return response.error();
  // A page of a gateway on the way is no message, whatever its status says.
  const std::string_view type = response->Header("Content-Type");
  const bool is_other = type.starts_with("text/html") || type.starts_with("application/json");
  if (is_other || response->body.empty()) {
    return Error{ErrorKind::kTransient,
                 "the answer is not the message, but " + std::string(is_other ? type : "nothing")};
  }
  return std::move(response->body);
}

Result<std::string> GraphProvider::KnownFolderId(const MailboxId& mailbox, KnownFolder known) {
  const std::string name(WellKnownName(known));
  const std::string key = FolderKey(mailbox, name);
  if (auto cached = known_folders_.Find(key)) return *std::move(cached);
  std::string id;
  const auto response =
      session_.Call({.target = FolderTarget(mailbox, name), .mailbox = mailbox.value});
  if (response.ok()) {
    auto folder = ReadFolder(response->body);
    if (!folder.ok()) return folder.error();
    id = std::move(folder->id);
  } else if (!SaysAbsent(response.error(), known)) {
    return response.error();
  }
  known_folders_.Put(key, id, kFolderLife);
  return id;
}

Result<Folder> GraphProvider::Describe(const MailboxId& mailbox, std::string_view folder_id) {
  for (const KnownFolder known : kKnownFolders) {
    const auto id = KnownFolderId(mailbox, known);
    if (!id.ok()) return id.error();
    if (*id == folder_id) return Folder{*id, std::string(ToString(known)), known};
  }
  const auto response =
      session_.Call({.target = FolderTarget(mailbox, folder_id), .mailbox = mailbox.value});
  if (!response.ok()) return response.error();
  return ReadFolder(response->body);
}

Result<Receipt> GraphProvider::Retract(const MailboxId& mailbox, std::string_view item_id,
                                       Action action, BeginBy by) {
  if (action == Action::kNone) return Error{ErrorKind::kInvalid, "that action does nothing"};
  if (action == Action::kHardDelete) return HardDelete(mailbox, item_id, by);
  return Move(mailbox, item_id, WellKnownName(DestinationOf(action)), by);
}

// permanentDelete exists in the global cloud alone; anything else that could be done
// instead would be weaker, or stronger, than what was asked for.
Result<Receipt> GraphProvider::HardDelete(const MailboxId& mailbox, std::string_view item_id,
                                          BeginBy by) {
  if (const auto why_not = WhyNoHardDelete(cloud_)) return Error{ErrorKind::kInvalid, *why_not};
  const auto response = session_.Call({.method = HttpMethod::kPost,
                                       .target = PermanentDeleteTarget(mailbox, item_id),
                                       .mailbox = mailbox.value,
                                       .begin_by = by});
  if (!response.ok()) return response.error();
  return Receipt{{std::string(item_id), "", ""}, std::string(response->Header("request-id"))};
}

Result<Folder> GraphProvider::Locate(const MailboxId& mailbox, KnownFolder known) {
  const Error none{ErrorKind::kNotFound, "ErrorFolderNotFound: no such folder in the mailbox"};
  if (WellKnownName(known).empty()) return none;
  auto id = KnownFolderId(mailbox, known);
  if (!id.ok()) return id.error();
  if (id->empty()) return none;
  return Folder{*std::move(id), std::string(ToString(known)), known};
}

Result<Receipt> GraphProvider::Move(const MailboxId& mailbox, std::string_view item_id,
                                    std::string_view folder_id, BeginBy by) {
  const boost::json::object body{{"destinationId", folder_id}};
  const auto response = session_.Call({.method = HttpMethod::kPost,
                                       .target = MoveTarget(mailbox, item_id),
                                       .mailbox = mailbox.value,
                                       .body = boost::json::serialize(body),
                                       .begin_by = by});
  if (!response.ok()) return response.error();
  auto copy = ReadCopy(response->body);
  if (!copy.ok()) return Within("moved, perhaps", copy.error());
  return Receipt{*std::move(copy), std::string(response->Header("request-id"))};
}

}  // namespace

Result<std::unique_ptr<MailboxProvider>> OpenGraphProvider(const Tenant& tenant, HttpClient& http,
                                                           RequestLimits& limits,
                                                           const Clock& clock) {
  auto sign_in = SignInOf(tenant);
  if (!sign_in.ok()) return sign_in.error();
  const auto endpoints = EndpointsOf(tenant.graph);
  if (!endpoints.ok()) return endpoints.error();
  std::unique_ptr<MailboxProvider> provider = std::make_unique<GraphProvider>(
      tenant.graph.cloud, HttpPeer{endpoints->graph, tenant.graph.ca_file}, *std::move(sign_in),
      http, limits, clock);
  return provider;
}

}  // namespace clawback
