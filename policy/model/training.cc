// SPDX-License-Identifier: Apache-2.0
#include "policy/model/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <numeric>
#include <string_view>
#include <tuple>
#include <utility>

#include "policy/model/linear_model.h"

namespace clawback {
namespace {

constexpr std::size_t kKinds = 2;  // spam and phishing, against wanted
constexpr std::size_t kFewest = 20;
constexpr float kNeverPassed = 100;
constexpr float kRate = 0.1F;        // of learning
constexpr double kWantedCounts = 2;  // times: to take wanted mail for bad is the worse mistake
// A newsletter taken for bad is missed less than a letter: so many count as one.
constexpr double kBulkMistakes = 500.0 / 150;
constexpr float kShrink = 3e-5F;     // towards zero, each time a weight is touched
constexpr std::uint8_t kSeenBy = 2;  // messages; what one alone has is its own

// SplitMix64: the same on every machine.
std::uint64_t NextOf(std::uint64_t* state) {
  std::uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111eb;
  return z ^ (z >> 31U);
}

class Shuffler {
 public:
  explicit Shuffler(std::uint64_t seed) : state_(seed) {}
  void Shuffle(std::vector<std::uint32_t>* order) {
    for (std::size_t i = order->size(); i > 1; --i)
      std::swap((*order)[i - 1], (*order)[NextOf(&state_) % i]);
  }

 private:
  std::uint64_t state_;
};

// As by lot, and by nothing but what they are.
std::uint64_t LotOf(const std::vector<std::uint32_t>& features) {
  std::uint64_t lot = 0;
  for (const std::uint32_t feature : features) {
    lot ^= feature;
    lot = NextOf(&lot);
  }
  return lot;
}

// By what they say, and only where two say the same by the rest: not by the order in which
// they came.
std::vector<std::uint32_t> OrderOf(std::span<const Example> examples) {
  std::vector<std::tuple<std::uint64_t, std::uint64_t, MailLabel, std::string_view>> keys;
  for (const Example& example : examples) {
    keys.emplace_back(LotOf(example.features.content), LotOf(example.features.structure),
                      example.label, example.source);
  }
  std::vector<std::uint32_t> order(examples.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::sort(
      order, {}, [&](std::uint32_t at) -> const auto& { return keys[at]; });
  return order;
}

// What an example counts: by the root of its source's size, and the labels balanced, wanted mail
// twice.
std::vector<float> SharesOf(std::span<const Example> examples) {
  std::map<std::pair<std::string, MailLabel>, double> sizes;
  for (const Example& example : examples) sizes[{example.source, example.label}] += 1;
  std::array<double, 3> of_label{};
  for (const auto& [key, size] : sizes)
    of_label[static_cast<std::size_t>(key.second)] += std::sqrt(size);
  std::vector<float> shares;
  const auto all = static_cast<double>(examples.size());
  for (const Example& example : examples) {
    const double of_source = 1 / std::sqrt(sizes[{example.source, example.label}]);
    const double balance = all / 3 / of_label[static_cast<std::size_t>(example.label)];
    const double kept = example.label == MailLabel::kWanted ? kWantedCounts : 1;
    shares.push_back(static_cast<float>(std::min(of_source * balance * kept, 8.0)));
  }
  return shares;
}

class Learner {
 public:
  Learner(std::span<const Example> examples, const std::vector<float>& shares,
          const TrainingOptions& options)
      : examples_(examples),
        shares_(shares),
        options_(options),
        mask_((1U << static_cast<unsigned>(options.bits)) - 1),
        seen_(mask_ + 1) {
    for (auto& weights : weights_) weights.resize(mask_ + 1);
    for (auto& squares : squares_) squares.resize(mask_ + 1, 1e-4F);
  }

  void Learn(std::vector<std::uint32_t> order) {
    for (const std::uint32_t at : order) Count(examples_[at].features);
    Shuffler shuffler(static_cast<std::uint64_t>(options_.bits));
    for (int epoch = 0; epoch < options_.epochs; ++epoch) {
      shuffler.Shuffle(&order);
      for (const std::uint32_t at : order) Step(examples_[at], shares_[at]);
    }
  }

  double Margin(const FeatureVector& features) const {
    const auto odds = OddsOf(features);
    return std::log(odds[0] + odds[1]);
  }

  std::string Write(const std::array<Calibration, 2>& calibrations) const {
    return WriteModel({options_.bits, bias_, {&weights_[0], &weights_[1]}, calibrations});
  }

 private:
  void Count(const FeatureVector& features) {
    for (const auto* group : {&features.content, &features.structure}) {
      for (const std::uint32_t feature : *group) {
        std::uint8_t& count = seen_[feature & mask_];
        if (count < kSeenBy) ++count;
      }
    }
  }

  // Each kind's odds against wanted.
  std::array<double, kKinds> OddsOf(const FeatureVector& features) const {
    std::array<double, kKinds> odds{};
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      double score = bias_[kind];
      for (const auto* group : {&features.content, &features.structure}) {
        if (group->empty()) continue;
        double sum = 0;
        for (const std::uint32_t feature : *group) {
          sum += static_cast<double>(weights_[kind][feature & mask_]);
        }
        score += sum / std::sqrt(static_cast<double>(group->size()));
      }
      odds[kind] = std::exp(std::clamp(score, -60.0, 60.0));
    }
    return odds;
  }

  void Step(const Example& example, float share) {
    const auto odds = OddsOf(example.features);
    const double all = 1 + odds[0] + odds[1];
    for (std::size_t kind = 0; kind < kKinds; ++kind) {
      const bool is = static_cast<std::size_t>(example.label) == kind + 1;
      const auto error = static_cast<float>(odds[kind] / all - (is ? 1.0 : 0.0)) * share;
      bias_[kind] -= 0.02F * error;
      if (std::abs(error) < 1e-4F) continue;
      for (const auto* group : {&example.features.content, &example.features.structure}) {
        if (!group->empty()) Adjust(kind, *group, error);
      }
    }
  }

  void Adjust(std::size_t kind, const std::vector<std::uint32_t>& group, float error) {
    const float slope = error / std::sqrt(static_cast<float>(group.size()));
    for (const std::uint32_t feature : group) {
      const std::uint32_t at = feature & mask_;
      if (seen_[at] < kSeenBy) continue;
      float& weight = weights_[kind][at];
      const float gradient = slope + kShrink * weight;
      float& squares = squares_[kind][at];
      squares += gradient * gradient;
      weight -= kRate * gradient / std::sqrt(squares);
    }
  }

  std::span<const Example> examples_;
  const std::vector<float>& shares_;
  const TrainingOptions& options_;
  const std::uint32_t mask_;
  std::vector<std::uint8_t> seen_;
  std::array<std::vector<float>, kKinds> weights_, squares_;
  std::array<float, kKinds> bias_{};
};

// The margin that a part of wanted mail passes, each message counting its share.
double MarginPassedBy(double part, const std::vector<std::pair<double, float>>& wanted) {
  double all = 0;
  for (const auto& [margin, share] : wanted) all += static_cast<double>(share);
  double passed = 0;
  for (const auto& [margin, share] : wanted) {  // worst first
    passed += static_cast<double>(share);
    if (passed >= part * all) return margin;
  }
  return wanted.back().first;
}

Calibration Calibrate(std::span<const Example> examples, const std::vector<float>& shares,
                      const std::vector<double>& margins, bool bulk) {
  std::vector<std::pair<double, float>> wanted;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    if (examples[i].label != MailLabel::kWanted) continue;
    if (bulk == IsMarkedBulk(examples[i].features)) wanted.emplace_back(margins[i], shares[i]);
  }
  // Too few to tell what is rare among them: nothing of this kind is called bad.
  if (wanted.size() < kFewest) return {kNeverPassed, 1};
  std::sort(wanted.rbegin(), wanted.rend());
  const double hundredth = MarginPassedBy(0.01, wanted);
  const double tenth = MarginPassedBy(0.1, wanted);
  const double per_e = std::max(0.05, (hundredth - tenth) / std::log(10.0));
  const double counts_as = bulk ? hundredth - per_e * std::log(kBulkMistakes) : hundredth;
  return {static_cast<float>(counts_as), static_cast<float>(per_e)};
}

}  // namespace

Status CheckEnough(std::span<const Example> examples) {
  std::array<std::size_t, 3> counts{};
  for (const Example& example : examples) ++counts[static_cast<std::size_t>(example.label)];
  const char* names[] = {"wanted (ham, bulk)", "spam", "phish"};
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] >= kFewest) continue;
    return Error{ErrorKind::kInvalid,
                 fmt::format("only {} {} messages, at least {} of each label are needed", counts[i],
                             names[i], kFewest)};
  }
  return {};
}

Result<TrainedModel> TrainModel(std::span<const Example> examples, const TrainingOptions& options) {
  if (Status enough = CheckEnough(examples); !enough) return enough.error();
  const std::vector<float> shares = SharesOf(examples);
  const std::vector<std::uint32_t> order = OrderOf(examples);
  const auto folds = static_cast<std::uint32_t>(options.folds);
  std::vector<double> margins(examples.size());
  for (std::uint32_t fold = 0; fold < folds; ++fold) {
    std::vector<std::uint32_t> others;
    for (std::uint32_t i = 0; i < order.size(); ++i) {
      if (i % folds != fold) others.push_back(order[i]);
    }
    Learner learner(examples, shares, options);
    learner.Learn(std::move(others));
    for (std::size_t i = fold; i < order.size(); i += folds) {
      margins[order[i]] = learner.Margin(examples[order[i]].features);
    }
    options.trained(static_cast<int>(fold) + 1, options.folds + 1);
  }
  const std::array<Calibration, 2> calibrations = {Calibrate(examples, shares, margins, false),
                                                   Calibrate(examples, shares, margins, true)};
  Learner learner(examples, shares, options);
  learner.Learn(order);
  options.trained(options.folds + 1, options.folds + 1);
  TrainedModel trained{learner.Write(calibrations), {}};
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const std::size_t kind = IsMarkedBulk(examples[i].features) ? 1 : 0;
    trained.weights.push_back(WeightOfMargin(margins[i], calibrations[kind]));
  }
  return trained;
}

}  // namespace clawback
