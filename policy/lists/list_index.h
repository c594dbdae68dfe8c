// SPDX-License-Identifier: Apache-2.0
// Long lists as judges look them up: the hosts, files and domains that an operator or a
// tenant lists, as one sorted run of hashes that is written once and shared by all judges.
//
// The bytes (integers little-endian):
//   16 bytes "clawback-lists 1"     3 u64: how many entries of each ListKind
//   32 bytes SHA-256 of all other bytes
//   the entries, 16 bytes each: how the SHA-256 of the entry's text begins; sorted within
//   their kind
#ifndef CLAWBACK_POLICY_LISTS_LIST_INDEX_H_
#define CLAWBACK_POLICY_LISTS_LIST_INDEX_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"
#include "policy/judge/report_bytes.h"

namespace clawback {

enum class ListKind {
  kBlockedHosts,   // hosts or domains that no wanted link leads to
  kBlockedHashes,  // SHA-256 of files, 64 lower-case hexadecimal digits
  kNewDomains,     // domains that were first seen lately
};
inline constexpr ListKind kAllListKinds[] = {ListKind::kBlockedHosts, ListKind::kBlockedHashes,
                                             ListKind::kNewDomains};
inline constexpr std::size_t kListKinds = std::size(kAllListKinds);
std::string_view ToString(ListKind kind);  // "blocked_hosts", "blocked_hashes", "new_domains"
// Whether entry, in lower case, has the form that the list takes, and that form in words.
bool FitsList(ListKind kind, std::string_view entry);
std::string_view FormOf(ListKind kind);

using ListEntries = std::array<std::vector<std::string>, kListKinds>;  // lower case
std::string WriteListIndex(const ListEntries& entries);

// How an entry is looked up; made once for all lists that it may be in.
using ListKey = std::array<char, 16>;
ListKey ListKeyOf(std::string_view entry);

// A view: the bytes must outlive it. Only reads; safe from any thread.
class ListIndex {
 public:
  ListIndex() = default;
  // kInvalid: not an index, or not whole. The digest is not checked again: the bytes come
  // from this program's own memory.
  static Result<ListIndex> Open(std::string_view bytes);

  std::size_t Count(ListKind kind) const {
    return keys_[static_cast<std::size_t>(kind)].size() / kKey;
  }
  bool Holds(ListKind kind, const ListKey& key) const;
  bool Holds(ListKind kind, std::string_view entry) const { return Holds(kind, ListKeyOf(entry)); }
  // The first 12 hexadecimal digits of the digest: names the lists in a judgement.
  const std::string& version() const { return version_; }
  // How the digest begins, as a number: equal for the same lists.
  std::uint64_t id() const { return id_; }

 private:
  static constexpr std::size_t kKey = 16;
  friend std::string WriteListIndex(const ListEntries& entries);
  std::array<std::string_view, kListKinds> keys_{};
  std::string version_;
  std::uint64_t id_ = 0;
};

// Lists that judges are given with a question.
struct JudgeLists {
  ListIndex index;
  std::shared_ptr<const ReportBytes> memory{};  // sealed, what index looks at
};
// In memory that can be handed to judges.
Result<JudgeLists> ShareLists(const ListEntries& entries);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_LISTS_LIST_INDEX_H_
