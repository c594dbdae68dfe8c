// SPDX-License-Identifier: Apache-2.0
// The lists of a question, kept mapped for the next one: most questions come with the
// same, and to map a long list anew costs more than to look something up in it.
#ifndef CLAWBACK_POLICY_JUDGE_WORKER_KEPT_LISTS_H_
#define CLAWBACK_POLICY_JUDGE_WORKER_KEPT_LISTS_H_

#include <cstddef>
#include <cstdint>
#include <list>
#include <span>
#include <vector>

#include "policy/base/c_handle.h"
#include "policy/base/result.h"
#include "policy/judge/pool/protocol.h"
#include "policy/judge/worker/mapping.h"

namespace clawback {

class KeptLists {
 public:
  // Those that header names, in its order, with their descriptors. Views that
  // hold until the next call. kTransient: no room to map one. kInvalid: one is no index.
  Result<std::vector<JudgeLists>> Of(const RequestHeader& header,
                                     std::span<const FileDescriptor> descriptors);
  // How much is mapped now.
  std::uint64_t bytes() const;

 private:
  static constexpr std::size_t kMost = 2 * kMostJudgeLists;  // a few tenants, in turn
  struct Kept {
    Kept(std::uint64_t its_id, int fd, std::size_t size) : id(its_id), mapping(fd, size) {}
    std::uint64_t id;
    Mapping mapping;
    ListIndex index{};
  };
  Result<ListIndex> Find(std::uint64_t id, std::uint64_t size, int fd);

  std::list<Kept> kept_;  // used last first
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_WORKER_KEPT_LISTS_H_
