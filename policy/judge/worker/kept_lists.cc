// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/worker/kept_lists.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace clawback {

Result<std::vector<JudgeLists>> KeptLists::Of(const RequestHeader& header,
                                              std::span<const FileDescriptor> descriptors) {
  std::vector<JudgeLists> lists;
  for (std::size_t i = 0; i < header.lists; ++i) {
    Result<ListIndex> index = Find(header.list_ids[i], header.list_bytes[i], descriptors[i].get());
    if (!index) return index.error();
    lists.push_back({std::move(*index)});
  }
  return lists;
}

Result<ListIndex> KeptLists::Find(std::uint64_t id, std::uint64_t size, int fd) {
  const auto found = std::find_if(kept_.begin(), kept_.end(), [&](const Kept& each) {
    return each.id == id && each.mapping.bytes().size() == size;
  });
  if (found != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, found);
    return kept_.front().index;
  }
  // At least twice as many as one question may have: none of this one's goes.
  while (kept_.size() >= kMost) kept_.pop_back();
  kept_.emplace_front(id, fd, size);
  if (!kept_.front().mapping.ok()) {
    kept_.pop_front();
    return Error{ErrorKind::kTransient, "cannot map a list"};
  }
  Result<ListIndex> index = ListIndex::Open(kept_.front().mapping.bytes());
  if (!index) {
    kept_.pop_front();
    return index.error();
  }
  kept_.front().index = *index;
  return index;
}

std::uint64_t KeptLists::bytes() const {
  return std::accumulate(
      kept_.begin(), kept_.end(), std::uint64_t{0},
      [](std::uint64_t sum, const Kept& each) { return sum + each.mapping.bytes().size(); });
}

}  // namespace clawback
