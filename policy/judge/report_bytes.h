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

// The bytes of one report: written once by the session that receives it, then sealed and
// given to a judge. Few stay in this object and are sent along; more stand in an
// anonymous file whose descriptor is sent. Moves; not for several threads.
class ReportBytes {
 public:
  // Up to so many are sent along: that costs less than a file.
  static constexpr std::size_t kFew = 64UL << 10;

  Status Append(std::string_view bytes);
  std::uint64_t size() const { return size_; }
  // Of the anonymous file; -1 where the bytes stand in this object.
  int fd() const { return fd_.get(); }
  bool sealed() const { return sealed_; }
  // All bytes, to be read only; until more are appended or this object is moved or ends.
  Result<std::string_view> View() const;

  // kFile: into the file however few they are, for whoever is to read them by descriptor.
  enum class Place { kAny, kFile };
  // No more writing; a judge cannot change them either.
  Status Seal(Place place = Place::kAny);

  ReportBytes() = default;

  ReportBytes(ReportBytes&&) noexcept;
  ReportBytes& operator=(ReportBytes&&) noexcept;
  ~ReportBytes();

 private:
  Status OpenFile();
  Status Flush();
  void Unmap() const;
  FileDescriptor fd_;
  std::string buffer_;  // what is not in the file
  std::uint64_t size_ = 0;
  bool sealed_ = false;
  mutable void* mapping_ = nullptr;
  mutable std::size_t mapped_ = 0;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_REPORT_BYTES_H_
