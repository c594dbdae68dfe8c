// SPDX-License-Identifier: Apache-2.0
// Bytes of a sealed memfd: a report's, its lists', or the learned model's.
#ifndef CLAWBACK_POLICY_JUDGE_WORKER_MAPPING_H_
#define CLAWBACK_POLICY_JUDGE_WORKER_MAPPING_H_

#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

#include <cstddef>
#include <optional>
#include <string>
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

// The bytes of a message: mapped, but for a small one, which is read at less cost.
class MessageBytes {
 public:
  MessageBytes(int fd, std::size_t size) {
    if (size > kSmall) {
      mapping_.emplace(fd, size);
      return;
    }
    small_.resize(size);
    const ssize_t got = ::pread(fd, small_.data(), size, 0);
    whole_ = got >= 0 && static_cast<std::size_t>(got) == size;
  }
  bool ok() const { return mapping_ ? mapping_->ok() : whole_; }
  std::string_view bytes() const { return mapping_ ? mapping_->bytes() : small_; }

 private:
  static constexpr std::size_t kSmall = 64UL << 10;
  std::optional<Mapping> mapping_;
  std::string small_;
  bool whole_ = false;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_WORKER_MAPPING_H_
