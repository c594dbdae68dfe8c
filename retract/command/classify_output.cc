// SPDX-License-Identifier: Apache-2.0
#include "retract/command/classify_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "policy/engine_answer_json.h"
#include "policy/json.h"
#include "retract/command/json_text.h"

namespace clawback {
namespace {

namespace json = boost::json;

json::object RecipientFields(const Recipient& recipient) {
  json::object fields;
  fields["type"] = ToString(recipient.type);
  PutBytes(&fields, "address", recipient.address);
  if (recipient.redirect) {
    fields["redirect"] = ToString(*recipient.redirect);
  } else {
    fields["redirect"] = nullptr;
  }
  PutBytes(&fields, "original", recipient.original);
  return fields;
}

json::array RecipientList(const std::vector<Recipient>& recipients) {
  json::array list;
  list.reserve(recipients.size());
  for (const Recipient& recipient : recipients) list.emplace_back(RecipientFields(recipient));
  return list;
}

// By hand, because Boost.JSON writes 0.5 as 5E-1: right, but not for reading.
std::string FindingList(const std::vector<Finding>& findings) {
  std::string list = "[";
  for (const Finding& finding : findings) {
    json::object texts;
    PutText(&texts, "reason", finding.reason);
    PutText(&texts, "evidence", finding.evidence);
    PutText(&texts, "place", finding.place);
    if (list.size() > 1) list += ',';
    list += fmt::format("{{\"reason\":{},\"weight\":{},\"evidence\":{}",
                        json::serialize(texts["reason"]), finding.weight,
                        json::serialize(texts["evidence"]));
    if (!finding.place.empty()) list += ",\"place\":" + json::serialize(texts["place"]);
    list += '}';
  }
  return list + "]";
}

// The reasons, heaviest first.
std::string Reasons(const Verdict& verdict) {
  std::vector<const Finding*> sorted;
  for (const Finding& finding : verdict.findings) sorted.push_back(&finding);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Finding* a, const Finding* b) { return a->weight > b->weight; });
  std::string reasons;
  for (const Finding* finding : sorted) {
    if (finding->indication == Indication::kInformation) continue;
    if (!reasons.empty()) reasons += ", ";
    reasons += finding->reason;
  }
  return reasons.empty() ? "-" : reasons;
}

}  // namespace

Disposition ToldDisposition(const Judgement& judgement) {
  if (judgement.report.kind == ReportKind::kMalformed) return Disposition::kUnscannable;
  if (judgement.report.kind == ReportKind::kConnectorValidation) return Disposition::kNone;
  return judgement.verdict.disposition;
}

std::string JsonLine(std::string_view file, const Judgement& judgement) {
  const JournalReport& report = judgement.report;
  json::object fields;
  PutBytes(&fields, "file", file);
  fields["kind"] = ToString(report.kind);
  PutBytes(&fields, "message_id", report.message_id);
  PutText(&fields, "sender", report.sender);
  PutText(&fields, "on_behalf_of", report.on_behalf_of);
  PutText(&fields, "subject", report.subject);
  fields["recipients"] = RecipientList(report.recipients);
  fields["inner_messages"] = report.inner_messages;
  fields["disposition"] = ToString(ToldDisposition(judgement));
  std::string line = json::serialize(fields);
  line.pop_back();
  json::array attributes;
  for (const Attribute attribute : judgement.verdict.attributes) {
    attributes.emplace_back(ToString(attribute));
  }
  line += fmt::format(",\"score\":{},\"findings\":{},\"attributes\":{}", judgement.verdict.score,
                      FindingList(judgement.verdict.findings), json::serialize(attributes));
  if (!judgement.engines.empty()) {
    line += ",\"engines\":" + JsonText(EngineAnswersToJson(judgement.engines));
  }
  return line + "}";
}

std::string BatchLine(std::string_view file, const Judgement& judgement, std::string_view unseen) {
  std::string line = fmt::format("{}\t{}\t{}", file, ToString(ToldDisposition(judgement)),
                                 judgement.verdict.score);
  if (!unseen.empty()) line += fmt::format("\tnot judged: {}", unseen);
  return line;
}

std::vector<std::string> ClassifyHeader() {
  return {"DISPOSITION", "SCORE", "KIND", "SENDER", "REASONS", "FILE"};
}

std::vector<std::string> ClassifyCells(std::string_view file, const Judgement& judgement) {
  return {std::string(ToString(ToldDisposition(judgement))),
          fmt::format("{:.2f}", judgement.verdict.score),
          std::string(ToString(judgement.report.kind)),
          judgement.report.sender.empty() ? judgement.from : judgement.report.sender,
          Reasons(judgement.verdict),
          std::string(file)};
}

}  // namespace clawback
