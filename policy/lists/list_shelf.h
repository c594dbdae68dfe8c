// SPDX-License-Identifier: Apache-2.0
// Gives every tenant the lists that judges look things up in: the relay's files, its own
// files, and what it lists by hand. Files are read once and again when they change.
#ifndef CLAWBACK_POLICY_LISTS_LIST_SHELF_H_
#define CLAWBACK_POLICY_LISTS_LIST_SHELF_H_

#include <map>
#include <optional>
#include <string>

#include "policy/lists/list_files.h"
#include "policy/tenant.h"

namespace clawback {

// One thread at a time.
class ListShelf {
 public:
  explicit ListShelf(ListFiles relays = {}) : relays_(std::move(relays)) {}

  // The same tenants with their judge_lists. A file that cannot be read or has a bad line
  // is logged, and what was read of it before stays in force; nothing, where that is none.
  TenantDirectory Stock(const TenantDirectory& tenants);
  // Whether a file that the last Stock asked for is another one by now.
  bool FilesChanged() const;

 private:
  struct Shelved {
    ListStamps stamps{};
    std::optional<JudgeLists> lists;
    bool asked_for = false;
  };
  void Add(const ListFiles& files, std::vector<JudgeLists>* to);
  static void Read(const ListFiles& files, Shelved* shelved);

  ListFiles relays_;
  std::map<ListFiles, Shelved> shelved_;
};

// For who asks once: all lists that are looked through for the tenant, in the order in which
// the shelf gives them; what was read is not logged. kInvalid with the first fault of a file.
Result<std::vector<JudgeLists>> ReadLists(const Tenant& tenant, const ListFiles& relays = {});

}  // namespace clawback

#endif  // CLAWBACK_POLICY_LISTS_LIST_SHELF_H_
