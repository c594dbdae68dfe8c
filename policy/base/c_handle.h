// SPDX-License-Identifier: Apache-2.0
// Owners for what C libraries hand out: no bare handle outlives the line that
// made it, and an owner is the size of the handle.
#ifndef CLAWBACK_POLICY_BASE_C_HANDLE_H_
#define CLAWBACK_POLICY_BASE_C_HANDLE_H_

#include <unistd.h>

#include <memory>
#include <utility>

namespace clawback {

template <auto Release>
struct Releaser {
  template <typename T>
  void operator()(T* handle) const noexcept {
    Release(handle);
  }
};

// using Statement = CHandle<sqlite3_stmt, sqlite3_finalize>;
template <typename T, auto Release>
using CHandle = std::unique_ptr<T, Releaser<Release>>;

// Owns one file descriptor.
class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    if (this != &other) Reset(std::exchange(other.fd_, -1));
    return *this;
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() { Reset(); }

  int get() const { return fd_; }
  explicit operator bool() const { return fd_ >= 0; }
  int release() { return std::exchange(fd_, -1); }
  void Reset(int fd = -1) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = fd;
  }

 private:
  int fd_ = -1;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_C_HANDLE_H_
