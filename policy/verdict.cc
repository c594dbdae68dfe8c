// SPDX-License-Identifier: Apache-2.0
//
// The rules. Findings of one reason count once, with their greatest weight: twenty
// links of one kind are one observation. "together" is the noisy-or of what is
// left, 1 - (1-w1)(1-w2)...: every further independent reason adds, none takes away.
//
// The numbers are those of a tenant without thresholds of its own:
//
//   MALICIOUS    a malware finding of at least 0.9; or two or more phishing and
//                spoof findings together at least 0.9, one of them phishing >= 0.5
//   SUSPICIOUS   malware together >= 0.5, or phishing together >= 0.5
//   UNSCANNABLE  any limit finding, where neither of the above holds: what is
//                hidden may be worse than what is seen
//   SPOOF        spoof together >= 0.5
//   SPAM         all of the above and spam together >= 0.5: much that is a little bad
//   BULK         bulk together >= 0.5
//   NONE         otherwise
//
// The score is the noisy-or over all findings, each weight first multiplied by how
// bad its indication is (kBadness). A further finding never lowers either.
#include "policy/verdict.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "policy/base/names.h"
#include "policy/verdict_rules.h"

namespace clawback {
namespace {

// What one phishing finding must weigh among several that are MALICIOUS together.
constexpr double kLikely = 0.5;

constexpr Name<Disposition> kDispositionNames[] = {{Disposition::kNone, "NONE"},
                                                   {Disposition::kBulk, "BULK"},
                                                   {Disposition::kSpam, "SPAM"},
                                                   {Disposition::kSpoof, "SPOOF"},
                                                   {Disposition::kSuspicious, "SUSPICIOUS"},
                                                   {Disposition::kMalicious, "MALICIOUS"},
                                                   {Disposition::kUnscannable, "UNSCANNABLE"}};

constexpr Name<Indication> kIndicationNames[] = {{Indication::kInformation, "information"},
                                                 {Indication::kBulk, "bulk"},
                                                 {Indication::kSpam, "spam"},
                                                 {Indication::kSpoof, "spoof"},
                                                 {Indication::kPhishing, "phishing"},
                                                 {Indication::kMalware, "malware"},
                                                 {Indication::kLimit, "limit"}};

constexpr Name<Attribute> kAttributeNames[] = {{Attribute::kBec, "bec"},
                                               {Attribute::kNewDomainSender, "new-domain-sender"},
                                               {Attribute::kNewDomainLink, "new-domain-link"},
                                               {Attribute::kEncrypted, "encrypted"},
                                               {Attribute::kExecutable, "executable"},
                                               {Attribute::kOwnDomain, "own-domain"}};

// The reasons that say so.
constexpr Name<Attribute> kAttributeReasons[] = {
    {Attribute::kBec, "bec-request"},
    {Attribute::kNewDomainSender, "new-domain-sender"},
    {Attribute::kNewDomainLink, "new-domain-link"},
    {Attribute::kEncrypted, "archive-encrypted"},
    {Attribute::kEncrypted, "archive-encrypted-with-password"},
    {Attribute::kEncrypted, "document-encrypted"},
    {Attribute::kEncrypted, "pdf-encrypted"},
    {Attribute::kEncrypted, "pdf-encrypted-with-password"},
    {Attribute::kEncrypted, "message-encrypted"},
    {Attribute::kExecutable, "executable-attachment"},
    {Attribute::kExecutable, "eicar-test-file"},
    {Attribute::kExecutable, "script-attachment"},
    {Attribute::kExecutable, "shortcut-attachment"},
    {Attribute::kExecutable, "html-application"},
    {Attribute::kExecutable, "installer-attachment"},
    {Attribute::kExecutable, "embedded-package"},
    {Attribute::kExecutable, "notebook-program"},
    {Attribute::kExecutable, "help-file"},
    {Attribute::kExecutable, "html-smuggled-file"},
    {Attribute::kOwnDomain, "own-domain"}};

double Share(std::int64_t percent) { return static_cast<double>(percent) / 100; }

double BadnessOf(Indication indication) {
  switch (indication) {
    case Indication::kInformation:
      return 0;
    case Indication::kBulk:
      return 0.1;
    case Indication::kSpam:
      return 0.94;
    case Indication::kSpoof:
      return 0.96;
    case Indication::kPhishing:
      return 0.98;
    case Indication::kMalware:
      return 1;
    case Indication::kLimit:
      return 0.5;
  }
  return 0;
}

// A limit was hit or it was not; how sure the detector is does not matter.
double WeightOf(const Finding& finding) {
  if (finding.indication == Indication::kLimit) return 1;
  if (!(finding.weight > 0)) return 0;  // NaN too
  return std::min(finding.weight, 1.0);
}

double BadnessOf(const Finding& finding) {
  return WeightOf(finding) * BadnessOf(finding.indication);
}

// The greatest weight of each reason of each indication.
class Evidence {
 public:
  explicit Evidence(const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) {
      double& weight = weights_[{finding.indication, finding.reason}];
      weight = std::max(weight, WeightOf(finding));
    }
  }

  double Strongest(Indication indication) const {
    double strongest = 0;
    for (const auto& [key, weight] : weights_) {
      if (key.first == indication) strongest = std::max(strongest, weight);
    }
    return strongest;
  }

  double Together(const std::set<Indication>& indications) const {
    double doubt = 1;
    for (const auto& [key, weight] : weights_) {
      if (indications.count(key.first) != 0) doubt *= 1 - weight;
    }
    return 1 - doubt;
  }

  // How many reasons speak for one of indications at all.
  std::size_t Reasons(const std::set<Indication>& indications) const {
    std::set<std::string> reasons;
    for (const auto& [key, weight] : weights_) {
      if (weight > 0 && indications.count(key.first) != 0) reasons.insert(key.second);
    }
    return reasons.size();
  }

  double Score() const {
    double doubt = 1;
    for (const auto& [key, weight] : weights_) doubt *= 1 - weight * BadnessOf(key.first);
    return 1 - doubt;
  }

 private:
  std::map<std::pair<Indication, std::string>, double> weights_;
};

// Sums of decimal weights miss a threshold by the last bit; that is not a miss.
bool Reaches(double weight, double threshold) { return weight >= threshold - 1e-9; }

double Count(std::size_t reasons) { return static_cast<double>(reasons); }

using Indications = std::set<Indication>;

// Two ways to be sure of harm, then two in which it is likelier than not.
void AddHarm(const Evidence& evidence, const Thresholds& thresholds, std::vector<Rule>* rules) {
  const double sure = Share(thresholds.malicious);
  const double likely = Share(thresholds.suspicious);
  const Indications deceit = {Indication::kPhishing, Indication::kSpoof};
  rules->push_back(
      {"sure-malware",
       Disposition::kMalicious,
       {{"strongest malware finding", evidence.Strongest(Indication::kMalware), sure}}});
  rules->push_back(
      {"several-deceits",
       Disposition::kMalicious,
       {{"phishing and spoof reasons", Count(evidence.Reasons(deceit)), 2, true},
        {"phishing and spoof findings together", evidence.Together(deceit), sure},
        {"strongest phishing finding", evidence.Strongest(Indication::kPhishing), kLikely}}});
  rules->push_back(
      {"likely-malware",
       Disposition::kSuspicious,
       {{"malware findings together", evidence.Together({Indication::kMalware}), likely}}});
  rules->push_back(
      {"likely-phishing",
       Disposition::kSuspicious,
       {{"phishing findings together", evidence.Together({Indication::kPhishing}), likely}}});
}

void AddUnwanted(const Evidence& evidence, const Thresholds& thresholds, std::vector<Rule>* rules) {
  const Indications unwanted = {Indication::kSpam, Indication::kSpoof, Indication::kPhishing,
                                Indication::kMalware};
  rules->push_back({"likely-spoof",
                    Disposition::kSpoof,
                    {{"spoof findings together", evidence.Together({Indication::kSpoof}),
                      Share(thresholds.spoof)}}});
  rules->push_back({"much-that-is-a-little-bad",
                    Disposition::kSpam,
                    {{"malware, phishing, spoof and spam findings together",
                      evidence.Together(unwanted), Share(thresholds.spam)}}});
  rules->push_back({"likely-bulk",
                    Disposition::kBulk,
                    {{"bulk findings together", evidence.Together({Indication::kBulk}),
                      Share(thresholds.bulk)}}});
}

std::vector<Rule> RulesOver(const Evidence& evidence, const Thresholds& thresholds) {
  std::vector<Rule> rules;
  AddHarm(evidence, thresholds, &rules);
  rules.push_back({"limit-hid-something",
                   Disposition::kUnscannable,
                   {{"limits", Count(evidence.Reasons({Indication::kLimit})), 1, true}}});
  AddUnwanted(evidence, thresholds, &rules);
  rules.push_back({"nothing-above", Disposition::kNone, {}});
  return rules;
}

std::vector<Attribute> AttributesOf(const std::vector<Finding>& findings) {
  std::set<Attribute> attributes;
  for (const Finding& finding : findings) {
    if (const auto attribute = ValueOf(kAttributeReasons, finding.reason)) {
      attributes.insert(*attribute);
    }
  }
  return {attributes.begin(), attributes.end()};
}

}  // namespace

std::string_view ToString(Disposition disposition) {
  return NameOf(kDispositionNames, disposition);
}
std::optional<Disposition> DispositionFrom(std::string_view text) {
  return ValueOf(kDispositionNames, text);
}

bool IsDetection(Disposition disposition) {
  return disposition == Disposition::kSpam || disposition == Disposition::kSpoof ||
         disposition == Disposition::kSuspicious || disposition == Disposition::kMalicious;
}

std::string_view ToString(Indication indication) { return NameOf(kIndicationNames, indication); }
std::optional<Indication> IndicationFrom(std::string_view text) {
  return ValueOf(kIndicationNames, text);
}

std::string_view ToString(Attribute attribute) { return NameOf(kAttributeNames, attribute); }
std::optional<Attribute> AttributeFrom(std::string_view text) {
  return ValueOf(kAttributeNames, text);
}

std::string JoinWords(const std::vector<Attribute>& attributes) {
  std::string words;
  for (const Attribute attribute : attributes) {
    if (!words.empty()) words += ", ";
    words += ToString(attribute);
  }
  return words;
}

bool Verdict::Has(Attribute attribute) const {
  return std::find(attributes.begin(), attributes.end(), attribute) != attributes.end();
}

Verdict WeighFindings(std::vector<Finding> findings, const Thresholds& thresholds) {
  const Evidence evidence(findings);
  Verdict verdict;
  verdict.disposition = RuleThatHeld(RulesOver(evidence, thresholds)).disposition;
  verdict.thresholds = thresholds;
  verdict.attributes = AttributesOf(findings);
  verdict.score = std::clamp(evidence.Score(), 0.0, 1.0);
  // The main reason first: what people are shown is the front of the list.
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return BadnessOf(a) > BadnessOf(b); });
  verdict.findings = std::move(findings);
  return verdict;
}

bool Condition::Met() const { return Reaches(seen, needed); }

bool Rule::Holds() const {
  return std::all_of(conditions.begin(), conditions.end(),
                     [](const Condition& condition) { return condition.Met(); });
}

std::vector<Rule> RulesOver(const std::vector<Finding>& findings, const Thresholds& thresholds) {
  return RulesOver(Evidence(findings), thresholds);
}

const Rule& RuleThatHeld(const std::vector<Rule>& rules) {
  return *std::find_if(rules.begin(), rules.end(), [](const Rule& rule) { return rule.Holds(); });
}

std::string_view MainReason(const Verdict& verdict) {
  if (verdict.disposition == Disposition::kNone) return {};
  const Finding* heaviest = nullptr;
  for (const Finding& finding : verdict.findings) {
    if (finding.indication == Indication::kInformation) continue;
    if (heaviest == nullptr || WeightOf(finding) > WeightOf(*heaviest)) heaviest = &finding;
  }
  return heaviest == nullptr ? std::string_view() : heaviest->reason;
}

}  // namespace clawback
