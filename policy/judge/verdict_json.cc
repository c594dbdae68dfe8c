// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/verdict_json.h"

#include <string>
#include <utility>
#include <vector>

#include "policy/judge/judgement.h"

namespace clawback {
namespace {

using boost::json::array;
using boost::json::object;

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

void AttributesFromJson(const JsonReader& reader, std::vector<Attribute>* attributes) {
  std::vector<std::string> words;
  reader.Texts("attributes", &words);
  for (const std::string& word : words) {
    const auto attribute = AttributeFrom(word);
    if (!attribute) return reader.Fault("attributes", "unknown word");
    attributes->push_back(*attribute);
  }
}

}  // namespace

boost::json::object ThresholdsToJson(const Thresholds& thresholds) {
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

boost::json::object VerdictToJson(const Verdict& verdict) {
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

std::string ToJson(const std::vector<Finding>& findings) {
  return boost::json::serialize(FindingsToJson(findings));
}

}  // namespace clawback
