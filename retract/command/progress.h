// SPDX-License-Identifier: Apache-2.0
// What a long command is at, for the person who waits: one line on a terminal, written over.
#ifndef CLAWBACK_RETRACT_COMMAND_PROGRESS_H_
#define CLAWBACK_RETRACT_COMMAND_PROGRESS_H_

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace clawback {

// One thread at a time. Says nothing where nobody looks.
class Progress {
 public:
  // shows: whether err is a terminal.
  Progress(std::ostream& err, bool shows) : err_(err), shows_(shows) {}
  // "reading 1200 of 7028 messages"; only what differs by a hundredth or more is written.
  void Tell(std::string_view doing, std::size_t done, std::size_t of, std::string_view what);
  // Takes the line away, before anything else is written.
  void Clear();

 private:
  std::ostream& err_;
  const bool shows_;
  std::string doing_;
  std::size_t hundredths_ = 0;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_PROGRESS_H_
