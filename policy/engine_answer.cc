// SPDX-License-Identifier: Apache-2.0
//
// How an engine's words become findings. clamd names what it found: a name of its own
// database is malware for certain; heuristics, and what third parties' databases call
// phishing or spam, say less and are weighed less. Of rspamd the action that it would
// take and its phishing rules count, each as one finding whose weight is bounded below
// what WeighFindings wants for kMalicious.
#include "policy/engine_answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "policy/base/names.h"
#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr Name<EngineOutcome> kOutcomes[] = {{EngineOutcome::kAnswered, "answered"},
                                             {EngineOutcome::kRefused, "refused"},
                                             {EngineOutcome::kUnavailable, "unavailable"}};

// What a kind of name or rule is worth.
struct Meaning {
  std::string_view reason;
  Indication indication;
  double weight;
};

constexpr Meaning kFound{"clamd-found", Indication::kMalware, 1.0};
constexpr Meaning kHeuristic{"clamd-heuristic", Indication::kMalware, 0.6};

struct NameMeaning {
  std::string_view part;  // of the name
  bool front;             // it begins so
  Meaning meaning;
};
// The first that fits. "Heuristics." are clamd's own guesses; what is behind
// "UNOFFICIAL" databases is told apart by the words that their makers use.
constexpr NameMeaning kNameMeanings[] = {
    {"Heuristics.Encrypted", true, {"clamd-encrypted", Indication::kLimit, 1}},
    {"Heuristics.Limits.Exceeded", true, {"clamd-limit", Indication::kLimit, 1}},
    {"Heuristics.Structured", true, {"clamd-personal-data", Indication::kInformation, 0}},
    {"Heuristics.Broken", true, {"clamd-broken-file", Indication::kInformation, 0}},
    {"Heuristics.OLE2.ContainsMacros", true, {"clamd-macros", Indication::kMalware, 0.4}},
    {"Heuristics.Phishing", true, {"clamd-phishing", Indication::kPhishing, 0.5}},
    {"Heuristics.", true, kHeuristic},
    {"PUA.", true, {"clamd-unwanted-program", Indication::kMalware, 0.4}},
    // Programs that send spam are no spam: "Win.Trojan.Spambot".
    {"Win.", true, kFound},
    {"Trojan.", false, kFound},
    {"Worm.", false, kFound},
    {".Phish", false, {"clamd-phishing", Indication::kPhishing, 0.6}},
    {".Scam", false, {"clamd-phishing", Indication::kPhishing, 0.6}},
    {".Spam", false, {"clamd-spam", Indication::kSpam, 0.6}},
    {".Junk", false, {"clamd-spam", Indication::kSpam, 0.6}},
};

bool Fits(const NameMeaning& rule, std::string_view name) {
  return rule.front ? name.substr(0, rule.part.size()) == rule.part
                    : name.find(rule.part) != std::string_view::npos;
}

const Meaning& MeaningOfSignature(std::string_view name) {
  const auto* rule = std::find_if(std::begin(kNameMeanings), std::end(kNameMeanings),
                                  [&](const NameMeaning& each) { return Fits(each, name); });
  return rule == std::end(kNameMeanings) ? kFound : rule->meaning;
}

struct Weight {
  std::string_view name;
  double weight;
};

// Without its network lookups rspamd would mark one wanted message in twelve
// (docs/policy.md): nothing but a rejection suffices by itself.
constexpr Weight kActionWeights[] = {
    {"reject", 0.6},     {"quarantine", 0.6},      {"discard", 0.6},
    {"add header", 0.2}, {"rewrite subject", 0.2},
};

constexpr Weight kPhishingSymbols[] = {
    {"PHISHED_OPENPHISH", 0.6},  {"PHISHED_PHISHTANK", 0.6}, {"PHISHED_GENERIC_SERVICE", 0.6},
    {"HACKED_WP_PHISHING", 0.4}, {"URIBL_PHISH", 0.6},       {"PH_SURBL_MULTI", 0.6},
    {"DBL_PHISH", 0.6},          {"PHISHING", 0.2},
};

constexpr Weight kMalwareSymbols[] = {
    {"CLAM_VIRUS", 0.6},     {"VIRUS_FOUND", 0.6},   {"DBL_MALWARE", 0.5},
    {"MW_SURBL_MULTI", 0.5}, {"URIBL_MALWARE", 0.5},
};

template <std::size_t N>
double WeightIn(const Weight (&weights)[N], std::string_view name) {
  for (const Weight& each : weights) {
    if (each.name == name) return each.weight;
  }
  return 0;
}

// rspamd's own stay below a hundred; what says more is written with hundreds of digits.
double Bounded(double score) {
  constexpr double kMost = 1e6;
  return std::isnan(score) ? 0 : std::clamp(score, -kMost, kMost);
}

std::string ScoreOf(const EngineAnswer& answer) {
  return fmt::format("score {:.2f} of {:.2f}: {}", Bounded(answer.score), Bounded(answer.threshold),
                     answer.action);
}

void AddUnavailable(const EngineAnswer& answer, std::vector<Finding>* findings) {
  const Indication indication = answer.required ? Indication::kLimit : Indication::kInformation;
  findings->push_back({answer.engine + "-" + std::string(ToString(answer.outcome)), indication,
                       answer.required ? 1.0 : 0.0, answer.detail});
}

void AddSignatures(const EngineAnswer& answer, std::vector<Finding>* findings) {
  for (const std::string& name : answer.signatures) {
    const Meaning& meaning = MeaningOfSignature(name);
    findings->push_back({std::string(meaning.reason), meaning.indication, meaning.weight, name});
  }
}

// The weightiest of the symbols that one of weights names: one finding, however many.
template <std::size_t N>
void AddStrongest(const EngineAnswer& answer, const Weight (&weights)[N], const Meaning& meaning,
                  std::vector<Finding>* findings) {
  double strongest = 0;
  std::string_view name;
  for (const EngineSymbol& symbol : answer.symbols) {
    const double weight = symbol.score > 0 ? WeightIn(weights, symbol.name) : 0;
    if (weight <= strongest) continue;
    strongest = weight;
    name = symbol.name;
  }
  if (strongest > 0) {
    findings->push_back(
        {std::string(meaning.reason), meaning.indication, strongest, std::string(name)});
  }
}

void AddScores(const EngineAnswer& answer, std::vector<Finding>* findings) {
  if (const double weight = WeightIn(kActionWeights, answer.action); weight > 0) {
    findings->push_back({"rspamd-spam", Indication::kSpam, weight, ScoreOf(answer)});
  }
  AddStrongest(answer, kPhishingSymbols, {"rspamd-phishing", Indication::kPhishing, 0}, findings);
  AddStrongest(answer, kMalwareSymbols, {"rspamd-malware", Indication::kMalware, 0}, findings);
}

void Shorten(std::string* text) {
  *text = std::string(CutUtf8(RepairUtf8(*text), EngineAnswerLimits::kText));
}

}  // namespace

std::string_view ToString(EngineOutcome outcome) { return NameOf(kOutcomes, outcome); }
std::optional<EngineOutcome> EngineOutcomeFrom(std::string_view text) {
  return ValueOf(kOutcomes, text);
}

std::string InWords(const EngineAnswer& answer) {
  std::string words(ToString(answer.outcome));
  if (!answer.version.empty()) words += " (" + answer.version + ")";
  if (answer.outcome != EngineOutcome::kAnswered) return words + ": " + answer.detail;
  if (answer.engine == kRspamd) return words + ": " + ScoreOf(answer);
  if (answer.signatures.empty()) return words + ": nothing found";
  const char* before = ": ";
  for (const std::string& signature : answer.signatures) {
    words += before + signature;
    before = ", ";
  }
  return words;
}

EngineAnswer Recorded(EngineAnswer answer) {
  using Limits = EngineAnswerLimits;
  for (std::string* text : {&answer.engine, &answer.version, &answer.detail, &answer.action}) {
    Shorten(text);
  }
  if (answer.signatures.size() > Limits::kSignatures) answer.signatures.resize(Limits::kSignatures);
  for (std::string& name : answer.signatures) Shorten(&name);
  for (EngineSymbol& symbol : answer.symbols) symbol.score = Bounded(symbol.score);
  std::stable_sort(answer.symbols.begin(), answer.symbols.end(), [](const auto& a, const auto& b) {
    return std::abs(a.score) > std::abs(b.score);
  });
  if (answer.symbols.size() > Limits::kSymbols) answer.symbols.resize(Limits::kSymbols);
  for (EngineSymbol& symbol : answer.symbols) Shorten(&symbol.name);
  answer.score = Bounded(answer.score);
  answer.threshold = Bounded(answer.threshold);
  return answer;
}

std::vector<Finding> FindingsOfEngines(const std::vector<EngineAnswer>& answers) {
  std::vector<Finding> findings;
  for (const EngineAnswer& answer : answers) {
    if (answer.outcome != EngineOutcome::kAnswered) {
      AddUnavailable(answer, &findings);
    } else {
      AddSignatures(answer, &findings);
      if (!answer.action.empty()) AddScores(answer, &findings);
    }
  }
  return findings;
}

Verdict WithEngines(Verdict verdict, const std::vector<EngineAnswer>& answers) {
  std::vector<Finding> findings = std::move(verdict.findings);
  for (Finding& finding : FindingsOfEngines(answers)) findings.push_back(std::move(finding));
  return WeighFindings(std::move(findings), verdict.thresholds);
}

}  // namespace clawback
