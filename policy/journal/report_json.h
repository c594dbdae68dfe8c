// SPDX-License-Identifier: Apache-2.0
// A journal report as JSON: part of a Judgement's (policy/judge/judgement.h).
#ifndef CLAWBACK_POLICY_JOURNAL_REPORT_JSON_H_
#define CLAWBACK_POLICY_JOURNAL_REPORT_JSON_H_

#include <string>
#include <vector>

#include "policy/journal/journal_report.h"
#include "policy/json.h"

namespace clawback {

// Everything but the recipients.
boost::json::object ReportToJson(const JournalReport& report);
// As an array, one by one: a report may have 100,000 of them, and as one JSON value they would
// take ten times the memory of their text.
void AppendRecipients(const std::vector<Recipient>& recipients, std::string* json);
// Those too.
void ReportFromJson(const JsonReader& reader, JournalReport* report);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JOURNAL_REPORT_JSON_H_
