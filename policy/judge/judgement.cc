// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/judgement.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <iterator>
#include <utility>

#include "policy/base/names.h"
#include "policy/base/text.h"
#include "policy/engine_answer_json.h"
#include "policy/json.h"

namespace clawback {
namespace {

using boost::json::array;
using boost::json::object;

constexpr Name<Question> kQuestions[] = {{Question::kJudge, "judge"},
                                         {Question::kVerdict, "verdict"},
                                         {Question::kFingerprint, "fingerprint"},
                                         {Question::kFeatures, "features"}};
constexpr Name<ChannelTrust> kTrusts[] = {{ChannelTrust::kUnproven, "unproven"},
                                          {ChannelTrust::kProven, "proven"}};

std::optional<Question> QuestionFrom(std::string_view text) { return ValueOf(kQuestions, text); }
std::optional<ChannelTrust> TrustFrom(std::string_view text) { return ValueOf(kTrusts, text); }

array TextsToJson(const std::vector<std::string>& texts) {
  array values;
  values.reserve(texts.size());
  for (const std::string& text : texts) values.emplace_back(RepairUtf8(text));
  return values;
}

// --- report ---------------------------------------------------------------------

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

// Everything but the recipients.
object ReportToJson(const JournalReport& report) {
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

// One by one: a report may have 100,000 of them, and as one JSON value they would take
// ten times the memory of their text.
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

// --- fingerprint ----------------------------------------------------------------

// Two hex digits a byte, one hash after the other: half of what a JSON array takes,
// and no reader can round a number of 64 bits.
template <typename Hash>
std::string HashesToHex(const std::vector<Hash>& hashes) {
  std::string hex;
  hex.reserve(hashes.size() * 2 * sizeof(Hash));
  for (const Hash hash : hashes) {
    for (unsigned shift = 8 * sizeof(Hash); shift > 0; shift -= 4) {
      hex.push_back("0123456789abcdef"[(hash >> (shift - 4)) & 0xFU]);
    }
  }
  return hex;
}

template <typename Hash>
bool HashesFromHex(std::string_view hex, std::vector<Hash>* hashes) {
  constexpr std::size_t kDigits = 2 * sizeof(Hash);
  if (hex.size() % kDigits != 0) return false;
  for (std::size_t i = 0; i < hex.size(); i += kDigits) {
    Hash hash = 0;
    const char* end = hex.data() + i + kDigits;
    const auto [stop, error] = std::from_chars(hex.data() + i, end, hash, 16);
    if (error != std::errc() || stop != end) return false;
    hashes->push_back(hash);
  }
  return true;
}

object FingerprintToJson(const Fingerprint& fingerprint) {
  object value;
  PutBytes(&value, "message_id", fingerprint.message_id);
  PutBytes(&value, "from", fingerprint.from);
  PutBytes(&value, "subject", fingerprint.subject);
  value["date"] = fingerprint.date;
  PutBytes(&value, "network_message_id", fingerprint.network_message_id);
  value["text"] = HashesToHex(fingerprint.text);
  value["text_triples"] = fingerprint.text_triples;
  value["attachments"] = TextsToJson(fingerprint.attachments);
  return value;
}

void FingerprintFromJson(const JsonReader& reader, Fingerprint* fingerprint) {
  reader.Bytes("message_id", &fingerprint->message_id);
  reader.Bytes("from", &fingerprint->from);
  reader.Bytes("subject", &fingerprint->subject);
  reader.Integer("date", &fingerprint->date);
  reader.Bytes("network_message_id", &fingerprint->network_message_id);
  std::string hashes;
  reader.Text("text", &hashes);
  if (!HashesFromHex(hashes, &fingerprint->text)) {
    reader.Fault("text", "expected 16 hexadecimal digits a hash");
  }
  reader.Integer("text_triples", &fingerprint->text_triples);
  reader.Texts("attachments", &fingerprint->attachments);
}

// --- verdict --------------------------------------------------------------------

array FindingsToJson(const std::vector<Finding>& findings) {
  array values;
  values.reserve(findings.size());
  for (const Finding& finding : findings) {
    object value;
    PutText(&value, "reason", finding.reason);
    value["indication"] = ToString(finding.indication);
    value["weight"] = finding.weight;
    PutText(&value, "evidence", finding.evidence);
    if (!finding.place.empty()) PutText(&value, "place", finding.place);
    values.emplace_back(std::move(value));
  }
  return values;
}

Finding FindingFromJson(const JsonReader& reader) {
  Finding finding;
  reader.Text("reason", &finding.reason);
  reader.Named("indication", &finding.indication, IndicationFrom);
  reader.Number("weight", &finding.weight);
  reader.Text("evidence", &finding.evidence);
  reader.Text("place", &finding.place);
  return finding;
}

object ThresholdsToJson(const Thresholds& thresholds) {
  return {{"malicious", thresholds.malicious},
          {"suspicious", thresholds.suspicious},
          {"spoof", thresholds.spoof},
          {"spam", thresholds.spam},
          {"bulk", thresholds.bulk}};
}

void ThresholdsFromJson(const JsonReader& reader, Thresholds* thresholds) {
  reader.Integer("malicious", &thresholds->malicious);
  reader.Integer("suspicious", &thresholds->suspicious);
  reader.Integer("spoof", &thresholds->spoof);
  reader.Integer("spam", &thresholds->spam);
  reader.Integer("bulk", &thresholds->bulk);
}

object VerdictToJson(const Verdict& verdict) {
  object value;
  value["disposition"] = ToString(verdict.disposition);
  value["score"] = verdict.score;
  value["findings"] = FindingsToJson(verdict.findings);
  array attributes;
  for (const Attribute attribute : verdict.attributes) {
    attributes.emplace_back(ToString(attribute));
  }
  value["attributes"] = std::move(attributes);
  if (verdict.thresholds != Thresholds{}) {
    value["thresholds"] = ThresholdsToJson(verdict.thresholds);
  }
  return value;
}

void AttributesFromJson(const JsonReader& reader, std::vector<Attribute>* attributes) {
  std::vector<std::string> words;
  reader.Texts("attributes", &words);
  for (const std::string& word : words) {
    const auto attribute = AttributeFrom(word);
    if (!attribute) return reader.Fault("attributes", "unknown word");
    attributes->push_back(*attribute);
  }
}

void VerdictFromJson(const JsonReader& reader, Verdict* verdict) {
  reader.Named("disposition", &verdict->disposition, DispositionFrom);
  reader.Number("score", &verdict->score);
  if (verdict->score < 0 || verdict->score > 1) reader.Fault("score", "expected 0 to 1");
  reader.Objects("findings", [&](const JsonReader& finding) {
    verdict->findings.push_back(FindingFromJson(finding));
  });
  AttributesFromJson(reader, &verdict->attributes);
  reader.Object("thresholds",
                [&](const JsonReader& r) { ThresholdsFromJson(r, &verdict->thresholds); });
}

// --- features --------------------------------------------------------------------

object FeaturesToJson(const FeatureVector& features) {
  return object{{"content", HashesToHex(features.content)},
                {"structure", HashesToHex(features.structure)}};
}

void FeaturesFromJson(const JsonReader& reader, FeatureVector* features) {
  const auto read = [&](std::string_view key, std::vector<std::uint32_t>* hashes) {
    std::string hex;
    reader.Text(key, &hex);
    if (!HashesFromHex(hex, hashes)) reader.Fault(key, "expected 8 hexadecimal digits a feature");
  };
  read("content", &features->content);
  read("structure", &features->structure);
}

object HuntToJson(const HuntFeatures& hunt) {
  object value;
  value["hosts"] = TextsToJson(hunt.hosts);
  value["domains"] = TextsToJson(hunt.domains);
  value["urls"] = HashesToHex(hunt.urls);
  if (!hunt.files.empty()) value["files"] = TextsToJson(hunt.files);
  PutText(&value, "subject_key", hunt.subject_key);
  if (hunt.more) value["more"] = true;
  return value;
}

void HuntFromJson(const JsonReader& reader, HuntFeatures* hunt) {
  reader.Texts("hosts", &hunt->hosts);
  reader.Texts("domains", &hunt->domains);
  reader.Texts("files", &hunt->files);
  std::string hex;
  reader.Text("urls", &hex);
  if (!HashesFromHex(hex, &hunt->urls)) {
    reader.Fault("urls", "expected 16 hexadecimal digits an address");
  }
  reader.Text("subject_key", &hunt->subject_key);
  reader.Bool("more", &hunt->more);
}

void SenderFromJson(const JsonReader& reader, MessageSender* sender) {
  reader.Text("address", &sender->address);
  reader.Bool("authenticated", &sender->authenticated);
}

// --- tenant ---------------------------------------------------------------------

// People with their addresses, brands with their domains.
template <typename Named>
array NamedToJson(const std::vector<Named>& all, std::string_view key,
                  std::vector<std::string> Named::*from) {
  array values;
  values.reserve(all.size());
  for (const Named& each : all) {
    object value;
    PutText(&value, "name", each.name);
    value[key] = TextsToJson(each.*from);
    values.emplace_back(std::move(value));
  }
  return values;
}

Person PersonFromJson(const JsonReader& reader) {
  Person person;
  reader.Text("name", &person.name);
  reader.Texts("addresses", &person.addresses);
  return person;
}

TenantBrand BrandFromJson(const JsonReader& reader) {
  TenantBrand brand;
  reader.Text("name", &brand.name);
  reader.Texts("domains", &brand.domains);
  return brand;
}

void ProfileFromJson(const JsonReader& reader, TenantProfile* tenant) {
  reader.Text("name", &tenant->name);
  reader.Texts("domains", &tenant->domains);
  reader.Objects("people", [&](const JsonReader& person) {
    tenant->people.push_back(PersonFromJson(person));
  });
  reader.Objects("brands",
                 [&](const JsonReader& brand) { tenant->brands.push_back(BrandFromJson(brand)); });
  reader.Object("thresholds",
                [&](const JsonReader& r) { ThresholdsFromJson(r, &tenant->thresholds); });
}

}  // namespace

std::string ToJson(const Judgement& judgement) {
  std::string json = "{\"report\":";
  json.append(boost::json::serialize(ReportToJson(judgement.report)));
  json.back() = ',';  // its closing brace comes after the recipients
  json.append("\"recipients\":");
  AppendRecipients(judgement.report.recipients, &json);
  json.push_back('}');

  object value;
  value["fingerprint"] = FingerprintToJson(judgement.fingerprint);
  value["verdict"] = VerdictToJson(judgement.verdict);
  PutText(&value, "from", judgement.from);
  value["message_bytes"] = judgement.message_bytes;
  object sender;
  PutText(&sender, "address", judgement.sender.address);
  sender["authenticated"] = judgement.sender.authenticated;
  value["sender"] = std::move(sender);
  if (!judgement.model.empty()) PutText(&value, "model", judgement.model);
  if (judgement.message_offset) value["message_offset"] = *judgement.message_offset;
  if (!judgement.hunt.empty()) value["hunt"] = HuntToJson(judgement.hunt);
  if (!judgement.engines.empty()) value["engines"] = EngineAnswersToJson(judgement.engines);
  if (!judgement.lists.empty()) value["lists"] = TextsToJson(judgement.lists);
  if (judgement.features != FeatureVector{}) {
    value["features"] = FeaturesToJson(judgement.features);
  }
  std::string rest = boost::json::serialize(value);
  rest.front() = ',';
  return json.append(rest);
}

Result<Judgement> JudgementFromJson(std::string_view json) {
  Judgement judgement;
  const Status read = ReadJson(json, [&](const JsonReader& reader) {
    for (const std::string_view key : {"report", "fingerprint", "verdict"}) {
      if (!reader.Has(key)) reader.Fault(key, "is missing");
    }
    reader.Object("report", [&](const JsonReader& r) { ReportFromJson(r, &judgement.report); });
    reader.Object("fingerprint",
                  [&](const JsonReader& r) { FingerprintFromJson(r, &judgement.fingerprint); });
    reader.Object("verdict", [&](const JsonReader& r) { VerdictFromJson(r, &judgement.verdict); });
    reader.Text("from", &judgement.from);
    reader.Integer("message_bytes", &judgement.message_bytes);
    reader.Object("sender", [&](const JsonReader& r) { SenderFromJson(r, &judgement.sender); });
    reader.Text("model", &judgement.model);
    if (reader.Has("message_offset")) {
      reader.Integer("message_offset", &judgement.message_offset.emplace());
    }
    reader.Object("hunt", [&](const JsonReader& r) { HuntFromJson(r, &judgement.hunt); });
    reader.Objects("engines", [&](const JsonReader& r) {
      judgement.engines.push_back(EngineAnswerFromJson(r));
    });
    reader.Texts("lists", &judgement.lists);
    reader.Object("features",
                  [&](const JsonReader& r) { FeaturesFromJson(r, &judgement.features); });
  });
  if (!read.ok()) return Within("judgement", read.error());
  return judgement;
}

std::string ToJson(const JudgeRequest& request) {
  object tenant;
  PutText(&tenant, "name", request.tenant.name);
  tenant["domains"] = TextsToJson(request.tenant.domains);
  tenant["people"] = NamedToJson(request.tenant.people, "addresses", &Person::addresses);
  tenant["brands"] = NamedToJson(request.tenant.brands, "domains", &TenantBrand::domains);
  tenant["thresholds"] = ThresholdsToJson(request.tenant.thresholds);
  object value;
  value["question"] = NameOf(kQuestions, request.question);
  value["trust"] = NameOf(kTrusts, request.trust);
  value["tenant"] = std::move(tenant);
  return boost::json::serialize(value);
}

Result<JudgeRequest> JudgeRequestFromJson(std::string_view json) {
  JudgeRequest request;
  const Status read = ReadJson(json, [&](const JsonReader& reader) {
    reader.Named("question", &request.question, QuestionFrom);
    reader.Named("trust", &request.trust, TrustFrom);
    reader.Object("tenant",
                  [&](const JsonReader& tenant) { ProfileFromJson(tenant, &request.tenant); });
  });
  if (!read.ok()) return Within("judge request", read.error());
  return request;
}

std::string ToJson(const Fingerprint& fingerprint) {
  return boost::json::serialize(FingerprintToJson(fingerprint));
}

Result<Fingerprint> FingerprintFromJson(std::string_view json) {
  Fingerprint fingerprint;
  const Status read =
      ReadJson(json, [&](const JsonReader& reader) { FingerprintFromJson(reader, &fingerprint); });
  if (!read.ok()) return Within("fingerprint", read.error());
  return fingerprint;
}

std::string ToJson(const std::vector<Finding>& findings) {
  return boost::json::serialize(FindingsToJson(findings));
}

}  // namespace clawback
