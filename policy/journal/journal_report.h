// SPDX-License-Identifier: Apache-2.0
// What Exchange sends: a journal report, unwrapped into what it says. This folder
// turns the bytes that a relay received into the journaled message and the list
// of who really received it ([MS-XJRNL] 2.1; "Journaling in Exchange Online").
#ifndef CLAWBACK_POLICY_JOURNAL_JOURNAL_REPORT_H_
#define CLAWBACK_POLICY_JOURNAL_JOURNAL_REPORT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace clawback {

// What arrived on the journal path.
enum class ReportKind {
  kJournalReport,
  kMessage,              // plain mail, no report
  kMalformed,            // claims to be a report, cannot be used as one
  kConnectorValidation,  // Exchange's admin centre testing its connector
  kUndeliverableReport,  // a non-delivery notice with a report attached
  kUnsupported,          // another emitter's or an older form of a report
};
std::string_view ToString(ReportKind kind);  // "journal-report", "message", ...
std::optional<ReportKind> ReportKindFrom(std::string_view text);

enum class RecipientType { kTo, kCc, kBcc, kRecipient };
std::string_view ToString(RecipientType type);  // "To", "Cc", "Bcc", "Recipient"
std::optional<RecipientType> RecipientTypeFrom(std::string_view text);

enum class Redirect { kExpanded, kForwarded };
std::string_view ToString(Redirect redirect);  // "Expanded", "Forwarded"
std::optional<Redirect> RedirectFrom(std::string_view text);

// One recipient line. address is the mailbox that received the message; where
// the sender wrote another (a list, a forwarding mailbox) original is that one.
struct Recipient {
  RecipientType type = RecipientType::kRecipient;
  std::string address;  // SMTP form or a distinguished name, as written
  std::optional<Redirect> redirect;
  std::string original;  // empty without redirect
};

// What the report says of the organisation it comes from. Worth something only
// together with proof of the connection: anyone can write these.
struct TenantMarks {
  std::string originator_org;    // X-OriginatorOrg
  std::string processed_tenant;  // GUID of X-LD-Processed, lower case
  std::string organization_id;   // the message's X-MS-Exchange-Organization-Id, lower case
};

// A report that a non-delivery notice gives back: where its bytes stand in the notice.
struct ReturnedReport {
  std::uint64_t offset = 0, bytes = 0;
};

// A report as a value. Texts are UTF-8 (the field part decoded); message_id is
// byte for byte as in the journaled message, with its brackets.
struct JournalReport {
  ReportKind kind = ReportKind::kMalformed;
  std::string problem;    // for people: why it is malformed or unsupported
  std::string report_id;  // the report's own Message-ID
  std::string sender;     // no angle brackets; the null sender is "<>"
  std::string on_behalf_of;
  std::string subject;
  std::string message_id;
  std::string network_message_id;  // X-MS-Exchange-Organization-Network-Message-Id
  std::vector<Recipient> recipients;
  int inner_messages = 0;  // direct message/rfc822 children
  TenantMarks marks;
  // Of kUndeliverableReport: the reports in it that came back whole and not encoded, and
  // the address they were for, lower case. Both as the notice says: anyone can write one.
  std::vector<ReturnedReport> returned;
  std::string returned_for;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JOURNAL_JOURNAL_REPORT_H_
