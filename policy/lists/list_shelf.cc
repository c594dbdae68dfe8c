// SPDX-License-Identifier: Apache-2.0
#include "policy/lists/list_shelf.h"

#include <algorithm>
#include <utility>

#include "policy/base/log.h"

namespace clawback {
namespace {

const std::vector<std::string>& Listed(const Tenant& tenant, ListName list) {
  static const std::vector<std::string> none;
  const auto found = tenant.lists.find(list);
  return found == tenant.lists.end() ? none : found->second;
}

// What a tenant lists by hand.
ListEntries OwnEntries(const Tenant& tenant) {
  ListEntries entries;
  entries[static_cast<std::size_t>(ListKind::kBlockedHosts)] =
      Listed(tenant, ListName::kBlockedHosts);
  entries[static_cast<std::size_t>(ListKind::kBlockedHashes)] =
      Listed(tenant, ListName::kBlockedHashes);
  return entries;
}

bool AreEmpty(const ListEntries& entries) {
  return std::all_of(entries.begin(), entries.end(), [](const auto& list) { return list.empty(); });
}

void AddOwn(const Tenant& tenant, std::vector<JudgeLists>* to) {
  const ListEntries own = OwnEntries(tenant);
  if (AreEmpty(own)) return;
  Result<JudgeLists> shared = ShareLists(own);
  if (shared) return to->push_back(std::move(*shared));
  Log(Severity::kError, "lists-not-shared",
      {{"tenant", tenant.name}, {"why", shared.error().what}});
}

}  // namespace

TenantDirectory ListShelf::Stock(const TenantDirectory& tenants) {
  for (auto& [files, shelved] : shelved_) shelved.asked_for = false;
  std::vector<Tenant> stocked;
  for (Tenant tenant : tenants.tenants()) {
    tenant.judge_lists.clear();
    Add(relays_, &tenant.judge_lists);
    Add(tenant.list_files, &tenant.judge_lists);
    AddOwn(tenant, &tenant.judge_lists);
    stocked.push_back(std::move(tenant));
  }
  std::erase_if(shelved_, [](const auto& entry) { return !entry.second.asked_for; });
  return TenantDirectory(std::move(stocked));
}

bool ListShelf::FilesChanged() const {
  return std::any_of(shelved_.begin(), shelved_.end(), [](const auto& entry) {
    return StampsOf(entry.first) != entry.second.stamps;
  });
}

void ListShelf::Add(const ListFiles& files, std::vector<JudgeLists>* to) {
  if (files.empty()) return;
  const auto [at, fresh] = shelved_.try_emplace(files);
  Shelved& shelved = at->second;
  // Once for all tenants that have the same files.
  if (!std::exchange(shelved.asked_for, true) && (fresh || StampsOf(files) != shelved.stamps)) {
    Read(files, &shelved);
  }
  if (shelved.lists) to->push_back(*shelved.lists);
}

void ListShelf::Read(const ListFiles& files, Shelved* shelved) {
  // Before reading: a file that changes meanwhile is read once more.
  shelved->stamps = StampsOf(files);
  const ListFilesRead read = ReadListFiles(files);
  for (const ConfigFault& fault : read.faults) {
    Log(Severity::kError, "list-refused",
        {{"fault", ToString(fault)},
         {"kept", shelved->lists ? "version " + shelved->lists->index.version() : "nothing"}});
  }
  if (!read.faults.empty()) return;
  Result<JudgeLists> shared = ShareLists(read.entries);
  if (!shared) {
    Log(Severity::kError, "lists-not-shared", {{"why", shared.error().what}});
    return;
  }
  shelved->lists = std::move(*shared);
  const ListIndex& index = shelved->lists->index;
  Log(Severity::kInfo, "lists",
      {{"version", index.version()},
       {"blocked_hosts", std::to_string(index.Count(ListKind::kBlockedHosts))},
       {"blocked_hashes", std::to_string(index.Count(ListKind::kBlockedHashes))},
       {"new_domains", std::to_string(index.Count(ListKind::kNewDomains))}});
}

Result<std::vector<JudgeLists>> ReadLists(const Tenant& tenant, const ListFiles& relays) {
  std::vector<JudgeLists> all;
  for (const ListFiles* files : {&relays, &tenant.list_files}) {
    if (files->empty()) continue;
    const ListFilesRead read = ReadListFiles(*files);
    if (!read.faults.empty()) return Error{ErrorKind::kInvalid, ToString(read.faults.front())};
    Result<JudgeLists> shared = ShareLists(read.entries);
    if (!shared) return shared.error();
    all.push_back(std::move(*shared));
  }
  AddOwn(tenant, &all);
  return all;
}

}  // namespace clawback
