// SPDX-License-Identifier: Apache-2.0
// What may be done to open the documents and pictures of one message, or its archives: counted and
// not timed, so that the same bytes give the same verdict on every machine, however busy it is. A
// unit is about what a processor of 2020 does in a nanosecond; each prices what it does by what was
// measured of its library, where its worst is within two times of it. The judge's own limit of
// processor time stands behind it.
#ifndef CLAWBACK_POLICY_MESSAGE_OPEN_WORK_H_
#define CLAWBACK_POLICY_MESSAGE_OPEN_WORK_H_

#include <algorithm>
#include <cstdint>

namespace clawback {

class Work {
 public:
  explicit Work(std::uint64_t most = 300'000'000) : left_(most) {}
  bool IsUsedUp() const { return left_ == 0; }
  void Do(std::uint64_t units) { left_ -= std::min(units, left_); }
  std::uint64_t left() const { return left_; }

 private:
  std::uint64_t left_;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_OPEN_WORK_H_
