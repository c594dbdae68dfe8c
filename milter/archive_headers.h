// SPDX-License-Identifier: Apache-2.0
// What a report that goes on to an archive says of itself: header fields of ours, and none that
// came in under their name.
#ifndef CLAWBACK_MILTER_ARCHIVE_HEADERS_H_
#define CLAWBACK_MILTER_ARCHIVE_HEADERS_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "milter/answer.h"
#include "policy/decide.h"

namespace clawback {

// Counts the header fields of one report whose names are kept for the relay: X-Clawback-
// and anything, in any case, also with white space before the colon.
class ReservedHeaders {
 public:
  // Beyond this many no report of Exchange's is, and taking them out would cost Postfix
  // more than it is worth.
  static constexpr int kMost = 1000;

  void See(std::string_view name);
  int count() const { return count_; }
  // Takes all of them out; the last of each name first, so that no number changes.
  std::vector<HeaderEdit> Removals() const;

 private:
  std::map<std::string, int, std::less<>> seen_;  // by name in lower case, trimmed
  int count_ = 0;
};

// X-Clawback-Disposition: the disposition where the report was decided, else the word of
// its handling. X-Clawback-Attributes, where there are any: "bec, executable".
// X-Clawback-Findings: "reason=weight, ..." with the weightiest first, or
// "none". Printable ASCII, each at most 900 bytes: what a judge says is not trusted to be.
std::vector<HeaderEdit> MarksOf(const Decision& decision, const Verdict& verdict);

}  // namespace clawback

#endif  // CLAWBACK_MILTER_ARCHIVE_HEADERS_H_
