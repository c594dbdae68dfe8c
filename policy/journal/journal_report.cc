// SPDX-License-Identifier: Apache-2.0
#include "policy/journal/journal_report.h"

#include "policy/base/names.h"

namespace clawback {
namespace {

constexpr Name<ReportKind> kKinds[] = {{ReportKind::kJournalReport, "journal-report"},
                                       {ReportKind::kMessage, "message"},
                                       {ReportKind::kMalformed, "malformed"},
                                       {ReportKind::kConnectorValidation, "connector-validation"},
                                       {ReportKind::kUndeliverableReport, "undeliverable-report"},
                                       {ReportKind::kUnsupported, "unsupported"}};

constexpr Name<RecipientType> kRecipientTypes[] = {{RecipientType::kTo, "To"},
                                                   {RecipientType::kCc, "Cc"},
                                                   {RecipientType::kBcc, "Bcc"},
                                                   {RecipientType::kRecipient, "Recipient"}};

constexpr Name<Redirect> kRedirects[] = {{Redirect::kExpanded, "Expanded"},
                                         {Redirect::kForwarded, "Forwarded"}};

}  // namespace

std::string_view ToString(ReportKind kind) { return NameOf(kKinds, kind); }
std::optional<ReportKind> ReportKindFrom(std::string_view text) { return ValueOf(kKinds, text); }

std::string_view ToString(RecipientType type) { return NameOf(kRecipientTypes, type); }
std::optional<RecipientType> RecipientTypeFrom(std::string_view text) {
  return ValueOf(kRecipientTypes, text);
}

std::string_view ToString(Redirect redirect) { return NameOf(kRedirects, redirect); }
std::optional<Redirect> RedirectFrom(std::string_view text) { return ValueOf(kRedirects, text); }

}  // namespace clawback
