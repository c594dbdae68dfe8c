// SPDX-License-Identifier: Apache-2.0
// Bytes of a sealed memfd: a report's, its lists', or the learned model's.
#ifndef CLAWBACK_POLICY_JUDGE_WORKER_MAPPING_H_
#define CLAWBACK_POLICY_JUDGE_WORKER_MAPPING_H_

#include <sys/mman.h>

#include <cstddef>
#include <string_view>

namespace clawback {

class Mapping {
 public:
  Mapping(int fd, std::size_t size) : size_(size) {
    if (size > 0) address_ = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  }
  ~Mapping() {
    if (address_ != nullptr && address_ != MAP_FAILED) ::munmap(address_, size_);
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  bool ok() const { return address_ != MAP_FAILED; }
  std::string_view bytes() const { return {static_cast<const char*>(address_), size_}; }

 private:
  void* address_ = nullptr;
  std::size_t size_;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_WORKER_MAPPING_H_
