// SPDX-License-Identifier: Apache-2.0
// Bytes that judges are to read, in anonymous memory that can be sealed and handed over
// by its descriptor: a report, and what a judge is given beside it.
#ifndef CLAWBACK_POLICY_JUDGE_REPORT_BYTES_H_
#define CLAWBACK_POLICY_JUDGE_REPORT_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "policy/base/c_handle.h"
#include "policy/base/result.h"

namespace clawback {

// The bytes of one report in an anonymous file: written once by the session that
// receives it, then sealed and read by a judge. Moves; not for several threads.
class ReportBytes {
 public:
  static Result<ReportBytes> Create();
  Status Append(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  int fd() const { return fd_.get(); }
  bool sealed() const { return sealed_; }
  // A read-only mapping of all bytes, for digests; lives as long as this object.
  Result<std::string_view> View() const;
  // No more writing; a judge cannot change it either.
  Status Seal();

  ReportBytes(ReportBytes&&) noexcept;
  ReportBytes& operator=(ReportBytes&&) noexcept;
  ~ReportBytes();

 private:
  ReportBytes() = default;
  Status Flush() const;
  void Unmap() const;
  FileDescriptor fd_;
  mutable std::string buffer_;  // small appends gathered
  std::uint64_t size_ = 0;
  bool sealed_ = false;
  mutable void* mapping_ = nullptr;
  mutable std::size_t mapped_ = 0;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_REPORT_BYTES_H_
