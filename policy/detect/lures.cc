// SPDX-License-Identifier: Apache-2.0
// Phrases that mail uses which wants something from its reader. One phrase is nothing;
// several different ones of a kind are a pattern.
#include <algorithm>
#include <array>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/internal_mail.h"
#include "policy/detect/lure_phrases.h"
#include "policy/detect/own_links.h"
#include "policy/detect/phrase_runs.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/message/parse/words.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[kLures] = {
    "lure-credentials", "lure-payment",   "lure-delivery", "lure-prize",
    "lure-advance-fee", "lure-extortion", "lure-romance",  "lure-remedy",
    "lure-money",       "lure-callback",  "lure-crypto",   "lure-illicit-goods",
    "lure-authority",   "lure-workplace", "lure-offers"};

constexpr double kMost = 0.4;  // words alone do not suffice

// How many different phrases make the lure likely, and what it speaks for.
struct Rule {
  std::size_t phrases;
  Indication indication;
  double weight;
  double with_twice_as_many = kMost;
};
constexpr std::array<Rule, kLures> kRules = {
    {{2, Indication::kPhishing, 0.25},
     {3, Indication::kPhishing, 0.2},
     {3, Indication::kPhishing, 0.2},
     {3, Indication::kPhishing, 0.3},
     {4, Indication::kPhishing, 0.35},
     {4, Indication::kPhishing, 0.4},
     {3, Indication::kSpam, 0.3},
     {2, Indication::kSpam, 0.3},
     {4, Indication::kSpam, 0.3},
     {3, Indication::kPhishing, 0.3},
     {3, Indication::kPhishing, 0.3, 0.3},  // news of it has many
     {3, Indication::kSpam, 0.35},
     {3, Indication::kPhishing, 0.3},
     {3, Indication::kPhishing, 0.25, 0.35},
     {4, Indication::kSpam, 0.3}}};
constexpr std::size_t kWords = 1500;

using Phrases = std::array<std::set<std::string>, kLures>;

void Collect(std::span<const std::string> words, Phrases* found) {
  ForEachPhrase(words, LureOf, [&](Lure lure, std::string phrase) {
    (*found)[static_cast<std::size_t>(lure)].insert(std::move(phrase));
  });
}

std::array<std::size_t, kLures> SizesOf(const Phrases& found) {
  std::array<std::size_t, kLures> sizes{};
  std::ranges::transform(found, sizes.begin(), [](const auto& phrases) { return phrases.size(); });
  return sizes;
}

// How many phrases there were when the name, then the subject and then the text was read: what a
// later one has too is counted once, for the earlier.
struct Steps {
  std::size_t name, subject, text;
};

std::string PlaceOf(const Message& message, const Steps& found) {
  std::string place;
  const auto add = [&](bool here, const std::string& spot) {
    if (here) place = place.empty() ? spot : Places(place, spot);
  };
  add(found.name > 0, PlaceOfField("From"));
  add(found.subject > found.name, PlaceOfField("Subject"));
  add(found.text > found.subject, PlaceOfSeenText(message));
  return place;
}

std::string Quoted(const std::set<std::string>& phrases) {
  constexpr std::size_t kShown = 8;
  std::string text;
  std::size_t shown = 0;
  for (const std::string& phrase : phrases) {
    if (++shown > kShown) return text + ", ...";
    text += (text.empty() ? "\"" : ", \"") + phrase + "\"";
  }
  return text;
}

class LuresDetector : public Detector {
 public:
  std::string_view name() const override { return "lures"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    if (IsInternal(message, context)) return;
    const bool own_links = LinksToSender(message);
    Phrases found;
    if (!message.from.empty()) {
      Collect(WordsOfText(CutUtf8(message.from.front().display_name, 256), 12), &found);
    }
    const std::array<std::size_t, kLures> in_name = SizesOf(found);
    Collect(WordsOfText(CutUtf8(message.subject, 2048), 60), &found);
    const std::array<std::size_t, kLures> in_subject = SizesOf(found);
    Collect(std::span(message.words).first(std::min(message.words.size(), kWords)), &found);
    for (std::size_t i = 0; i < kLures; ++i) {
      const Rule& rule = kRules[i];
      if (found[i].size() < rule.phrases) continue;
      double weight = found[i].size() >= 2 * rule.phrases ? rule.with_twice_as_many : rule.weight;
      if (own_links) weight /= 2;
      findings->push_back({std::string(kReasons[i]), rule.indication, weight, Quoted(found[i]),
                           PlaceOf(message, {in_name[i], in_subject[i], found[i].size()})});
    }
  }
};

}  // namespace

std::unique_ptr<Detector> NewLuresDetector() { return std::make_unique<LuresDetector>(); }

}  // namespace clawback
