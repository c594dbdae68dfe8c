// SPDX-License-Identifier: Apache-2.0
// Every answer of Graph that is not a success, and what becomes of the retraction that
// met it: data, so that it can be read and tested row by row (Microsoft Graph, "error
// responses", "throttling guidance"; docs/architecture.md tells the same in words).
#ifndef CLAWBACK_RETRACT_GRAPH_ANSWER_TABLE_H_
#define CLAWBACK_RETRACT_GRAPH_ANSWER_TABLE_H_

#include <array>
#include <optional>
#include <span>
#include <string_view>

#include "policy/base/result.h"

namespace clawback {

enum class AnswerClass {
  kOurFault,    // we asked wrongly, or the data is bad: final, failed
  kNewToken,    // one new token and one more request, then as kNotAllowed
  kNotAllowed,  // final for this mailbox: not-permitted
  kOnHold,      // kept under hold or retention: final unless it is gone by now, on-hold
  kLookAgain,   // the item is not there: looked for again
  kNoMailbox,   // final: not-a-mailbox
  kFewTimes,    // another change is in the way: again a few times, then failed
  kWait,        // throttled: the mailbox, or the app in the tenant, waits
  kRetry,       // again with back-off; it may have been done
  kFull,        // final, failed, with what the operator can do
};

struct AnswerRow {
  AnswerClass meaning;
  std::array<int, 7> statuses;            // 0: none
  std::array<std::string_view, 7> codes;  // empty: none
};

std::span<const AnswerRow> AnswerTable();

// nullopt: not in the table.
std::optional<AnswerClass> ClassOfCode(std::string_view code);
// Of any status that is no success: what the table leaves out is our fault below 500
// and worth a retry elsewhere (Graph never redirects: whatever does is not Graph).
AnswerClass ClassOfStatus(int status);

ErrorKind KindOf(AnswerClass meaning);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_ANSWER_TABLE_H_
