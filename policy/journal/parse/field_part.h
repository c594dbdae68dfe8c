// SPDX-License-Identifier: Apache-2.0
// The field part of a journal report ([MS-XJRNL] 2.1): Sender, Subject, Message-ID
// and one line for each recipient.
#ifndef CLAWBACK_POLICY_JOURNAL_PARSE_FIELD_PART_H_
#define CLAWBACK_POLICY_JOURNAL_PARSE_FIELD_PART_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/journal/journal_report.h"

namespace clawback {

// design section 6: more are a limit that was hit.
inline constexpr std::size_t kMaxRecipients = 100'000;
// What all addresses together may take: a judge has 64 MiB beyond the report's size, and
// they are held there twice, as values and as its answer.
inline constexpr std::size_t kMaxRecipientBytes = 12UL << 20;
// Of one address. RFC 5321 allows 320 bytes, distinguished names take a few more.
inline constexpr std::size_t kMaxAddress = 1024;
// So much of the part is read; 100,000 recipients need less.
inline constexpr std::size_t kMaxFieldPart = 32UL << 20;

struct FieldPart {
  std::string sender;  // "<>" for the null sender
  std::string on_behalf_of;
  std::string subject;
  std::optional<std::string> message_id;
  std::vector<Recipient> recipients;
  std::string problem;               // why nothing of this may be used; empty: it may
  bool recipients_left_out = false;  // too many, too large, or lines that name nobody
};

// Linear, and beside what it returns it takes no memory that grows, as long as text is
// ASCII. text is the part, decoded from its transfer encoding but not from its charset.
// wrapper_subject is the report's own Subject, decoded, line ends and all: it is the
// one text of a sender that Exchange copies in here. Should it have carried lines
// into the part, they are known word for word, and are taken out again.
FieldPart ReadFieldPart(std::string_view text, std::string_view charset,
                        std::string_view wrapper_subject);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JOURNAL_PARSE_FIELD_PART_H_
