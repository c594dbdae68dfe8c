// SPDX-License-Identifier: Apache-2.0
// The SHA-256 of the files of one message, each made once whoever asks for it: of parts when
// somebody does, and of files in archives where those are opened, which tells them here for
// the hunts to come. All in lower-case hexadecimal. Of one thread.
#ifndef CLAWBACK_POLICY_DETECT_FILE_DIGESTS_H_
#define CLAWBACK_POLICY_DETECT_FILE_DIGESTS_H_

#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/message/message.h"

namespace clawback {

// Of files in archives, kept of one message.
inline constexpr std::size_t kMostArchivedDigests = 64;

class FileDigests {
 public:
  // message: outlives this, and gets no further parts. archived: how many are kept of files in
  // archives; 0 where no hunt will ask for them.
  explicit FileDigests(const Message& message, std::size_t archived = kMostArchivedDigests);

  const std::string& OfPart(std::size_t index);

  bool HasRoom() const { return archived_.size() < most_archived_; }
  void AddArchived(std::string sha256) { archived_.insert(std::move(sha256)); }  // has room
  void LeaveOut() { more_ = true; }                                              // has none
  const std::set<std::string>& archived() const { return archived_; }
  bool more() const { return more_; }  // one was left out

 private:
  const Message& message_;
  const std::size_t most_archived_;
  std::vector<std::string> of_parts_;  // empty: not made yet
  std::set<std::string> archived_;
  bool more_ = false;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_FILE_DIGESTS_H_
