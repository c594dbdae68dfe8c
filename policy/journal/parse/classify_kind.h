// SPDX-License-Identifier: Apache-2.0
// What arrived on the journal path, told from its own header alone: a marker inside
// an attached message says nothing about the mail that carries it.
#ifndef CLAWBACK_POLICY_JOURNAL_PARSE_CLASSIFY_KIND_H_
#define CLAWBACK_POLICY_JOURNAL_PARSE_CLASSIFY_KIND_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "policy/journal/journal_report.h"
#include "policy/message/parse/header_block.h"

namespace clawback {

// The fields of the wrapper that matter, and where its body begins.
struct Wrapper {
  bool journal_marker = false;                         // X-MS-Journal-Report, whatever its value
  std::string unsupported;                             // the marker of another emitter or form
  std::string content_type;                            // unfolded
  SingleField parent_message_id;                       // X-MS-Exchange-Parent-Message-Id
  std::string message_id, subject, from, return_path;  // unfolded, not decoded
  TenantMarks marks;                                   // without organization_id
  std::size_t body = 0;
  bool has_nul = false;
};
Wrapper ReadWrapper(std::string_view bytes);

// kJournalReport here means: claims to be one.
ReportKind ClassifyKind(const Wrapper& wrapper, std::string_view bytes);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JOURNAL_PARSE_CLASSIFY_KIND_H_
