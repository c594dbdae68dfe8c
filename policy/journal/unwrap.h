// SPDX-License-Identifier: Apache-2.0
// A journal report's bytes → what it says, and the journaled message inside it.
#ifndef CLAWBACK_POLICY_JOURNAL_UNWRAP_H_
#define CLAWBACK_POLICY_JOURNAL_UNWRAP_H_

#include <memory>
#include <string>
#include <string_view>

#include "policy/journal/journal_report.h"

namespace clawback {

struct Unwrapped {
  JournalReport report;
  // The bytes to classify: the journaled message of a report (decoded if the part
  // had a transfer encoding; the clear copy of a decrypted double), or all of a
  // plain message. Empty when there is none. Points into the bytes that Unwrap was
  // given, or into decoded: a big report is not copied.
  std::string_view message;
  std::shared_ptr<const std::string> decoded;
  // A limit of the pre-scan was hit before the report could be read whole.
  std::string limit;
};

// Total: any bytes give an answer. Linear in size; runs in a judge process.
// A report counts as one only if X-MS-Journal-Report stands in its own header and
// the message ids of field part, X-MS-Exchange-Parent-Message-Id and message do not
// contradict each other; text of a field can never make a recipient.
Unwrapped Unwrap(std::string_view bytes);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JOURNAL_UNWRAP_H_
