// SPDX-License-Identifier: Apache-2.0
#include "policy/journal/report_json.h"

namespace clawback {
namespace {

using boost::json::array;
using boost::json::object;

object RecipientToJson(const Recipient& recipient) {
  object value;
  value["type"] = ToString(recipient.type);
  PutBytes(&value, "address", recipient.address);
  if (recipient.redirect) {
    value["redirect"] = ToString(*recipient.redirect);
    PutBytes(&value, "original", recipient.original);
  }
  return value;
}

Recipient RecipientFromJson(const JsonReader& reader) {
  Recipient recipient;
  reader.Named("type", &recipient.type, RecipientTypeFrom);
  reader.Bytes("address", &recipient.address);
  if (reader.Has("redirect")) {
    Redirect redirect{};
    reader.Named("redirect", &redirect, RedirectFrom);
    recipient.redirect = redirect;
  }
  reader.Bytes("original", &recipient.original);
  return recipient;
}

object MarksToJson(const TenantMarks& marks) {
  object value;
  PutText(&value, "originator_org", marks.originator_org);
  PutText(&value, "processed_tenant", marks.processed_tenant);
  PutText(&value, "organization_id", marks.organization_id);
  return value;
}

void MarksFromJson(const JsonReader& reader, TenantMarks* marks) {
  reader.Text("originator_org", &marks->originator_org);
  reader.Text("processed_tenant", &marks->processed_tenant);
  reader.Text("organization_id", &marks->organization_id);
}

array ReturnedToJson(const std::vector<ReturnedReport>& returned) {
  array values;
  for (const ReturnedReport& report : returned) {
    values.push_back(object{{"offset", report.offset}, {"bytes", report.bytes}});
  }
  return values;
}

ReturnedReport ReturnedFromJson(const JsonReader& reader) {
  ReturnedReport report;
  reader.Integer("offset", &report.offset);
  reader.Integer("bytes", &report.bytes);
  return report;
}

}  // namespace

boost::json::object ReportToJson(const JournalReport& report) {
  object value;
  value["kind"] = ToString(report.kind);
  PutText(&value, "problem", report.problem);
  PutBytes(&value, "report_id", report.report_id);
  PutText(&value, "sender", report.sender);
  PutText(&value, "on_behalf_of", report.on_behalf_of);
  PutText(&value, "subject", report.subject);
  PutBytes(&value, "message_id", report.message_id);
  PutBytes(&value, "network_message_id", report.network_message_id);
  value["inner_messages"] = report.inner_messages;
  value["marks"] = MarksToJson(report.marks);
  if (report.kind == ReportKind::kUndeliverableReport) {
    value["returned"] = ReturnedToJson(report.returned);
    PutBytes(&value, "returned_for", report.returned_for);
  }
  return value;
}

void AppendRecipients(const std::vector<Recipient>& recipients, std::string* json) {
  json->push_back('[');
  for (const Recipient& recipient : recipients) {
    if (&recipient != &recipients.front()) json->push_back(',');
    json->append(boost::json::serialize(RecipientToJson(recipient)));
  }
  json->push_back(']');
}

void ReportFromJson(const JsonReader& reader, JournalReport* report) {
  reader.Named("kind", &report->kind, ReportKindFrom);
  reader.Text("problem", &report->problem);
  reader.Bytes("report_id", &report->report_id);
  reader.Text("sender", &report->sender);
  reader.Text("on_behalf_of", &report->on_behalf_of);
  reader.Text("subject", &report->subject);
  reader.Bytes("message_id", &report->message_id);
  reader.Bytes("network_message_id", &report->network_message_id);
  reader.Objects("recipients", [&](const JsonReader& recipient) {
    report->recipients.push_back(RecipientFromJson(recipient));
  });
  reader.Integer("inner_messages", &report->inner_messages);
  reader.Object("marks", [&](const JsonReader& marks) { MarksFromJson(marks, &report->marks); });
  reader.Objects("returned", [&](const JsonReader& returned) {
    report->returned.push_back(ReturnedFromJson(returned));
  });
  reader.Bytes("returned_for", &report->returned_for);
}

}  // namespace clawback
