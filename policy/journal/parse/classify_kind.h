// SPDX-License-Identifier: Apache-2.0
// What arrived on the journal path, told from its own header alone: a marker inside
// an attached message says nothing about the mail that carries it.
#ifndef CLAWBACK_POLICY_JOURNAL_PARSE_CLASSIFY_KIND_H_
#define CLAWBACK_POLICY_JOURNAL_PARSE_CLASSIFY_KIND_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "policy/journal/journal_report.h"
#include "policy/message/parse/header_block.h"

namespace clawback {

// A real wrapper has little more than a kilobyte. What stands behind this many bytes of
// header is not read, and no more than so many of one field.
inline constexpr std::size_t kMaxWrapperHeader = 4UL << 20;
inline constexpr std::size_t kMaxWrapperField = 64UL << 10;

// The fields of the wrapper that matter, and where its body begins.
struct Wrapper {
  bool journal_marker = false;    // X-MS-Journal-Report, whatever its value
  std::string unsupported;        // which other emitter's or older form, in words
  SingleField content_type;       // unfolded
  SingleField parent_message_id;  // X-MS-Exchange-Parent-Message-Id
  std::string message_id, subject, from, return_path;  // unfolded, not decoded
  // Without organization_id. A mark that stands there twice and differs is a text that
  // is nobody's mark: Exchange writes each once.
  TenantMarks marks;
  std::size_t body = 0;
  bool has_nul = false;
  bool too_large = false;  // the header goes on behind kMaxWrapperHeader
};
Wrapper ReadWrapper(std::string_view bytes);

// kJournalReport here means: claims to be one.
ReportKind ClassifyKind(const Wrapper& wrapper, std::string_view bytes);

// What a non-delivery notice of a report gives back.
struct Returned {
  std::vector<ReturnedReport> reports;
  std::string recipient;  // the address that could not be reached, lower case; or empty
};
Returned ReadReturned(const Wrapper& wrapper, std::string_view bytes);

// The address of a From or Return-Path field, roughly: enough to show who sent a mail
// that is no report.
std::string AddressIn(std::string_view value);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JOURNAL_PARSE_CLASSIFY_KIND_H_
