// SPDX-License-Identifier: Apache-2.0
// Journal reports as Exchange Online writes them: the order of the outer headers,
// the empty marker, the field part, and the message in Exchange's internal form
// ([MS-XJRNL] 2.1, and reports seen in the field).
#ifndef CLAWBACK_TESTS_PRACTICE_JOURNAL_REPORT_BUILDER_H_
#define CLAWBACK_TESTS_PRACTICE_JOURNAL_REPORT_BUILDER_H_

#include <string>
#include <string_view>
#include <vector>

#include "policy/base/clock.h"
#include "tests/practice/text.h"

namespace clawback::practice {

struct JournalRecipient {
  std::string type = "Recipient";  // To, Cc, Bcc, Recipient
  std::string address;
  std::string redirect;  // Expanded, Forwarded, or ""
  std::string original;  // what redirect names
};

struct JournaledMail {
  std::string tenant_id;
  std::string initial_domain;
  std::string mail_from;  // "": the null sender
  std::string on_behalf_of;
  std::vector<JournalRecipient> recipients;
  std::string message;    // as it came from outside
  Pairs verdict_headers;  // stamped instead of, or beside, the defaults
  Time now;
};

// The message with what Exchange stamps on it in transport: hops, verdicts and the
// X-MS-Exchange-Organization-* headers; a Message-ID where there was none. CRLF.
std::string InternalForm(const JournaledMail& mail);

// The report around internal_form.
std::string BuildJournalReport(const JournaledMail& mail, const std::string& internal_form);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_JOURNAL_REPORT_BUILDER_H_
