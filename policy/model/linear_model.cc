// SPDX-License-Identifier: Apache-2.0
#include "policy/model/linear_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <fstream>
#include <vector>

#include "policy/base/digest.h"

namespace clawback {
namespace {

constexpr std::string_view kMagic = "clawback-model 1";
constexpr std::size_t kNumbers = kMagic.size();
constexpr std::size_t kDigest = kNumbers + 8 + 8 * sizeof(float);
constexpr std::size_t kWeights = kDigest + 32;
constexpr std::uint32_t kMinBits = 8, kMaxBits = 22;
constexpr std::size_t kMostBytes = kWeights + (2UL << kMaxBits);
constexpr double kMostWeight = 0.95;
// Of wanted mail: where a finding of the model is worth 0.5, that suffices alone.
constexpr double kRareEnough = 1.0 / 500;
// By how much rarer a margin is where the doubt halves. Where one in 17 passes, nothing is
// said: in mail that looks wanted to the model the detectors' findings stand alone.
constexpr double kHalving = 30;

static_assert(std::endian::native == std::endian::little, "model files are little-endian");

template <typename T>
T Number(std::string_view bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <typename T>
void AppendNumber(T value, std::string* out) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out->append(bytes, sizeof bytes);
}

Digest DigestOf(std::string_view bytes) {
  Sha256 sha;
  sha.Update(bytes.substr(0, kDigest));
  sha.Update(bytes.substr(kWeights));
  return sha.Finish();
}

Error NoModel(std::string_view why) {
  return {ErrorKind::kInvalid, fmt::format("no learned model: {}", why)};
}

// Roots give small weights, the most of all, more of the 255 steps.
float ValueOf(int step, float greatest) {
  const float root = static_cast<float>(step) / 127.0F;
  return std::copysign(root * root * greatest, static_cast<float>(step));
}

char StepOf(float weight, float greatest) {
  if (greatest <= 0) return 0;
  const float root = std::sqrt(std::min(std::abs(weight) / greatest, 1.0F));
  const auto step = static_cast<int>(std::lround(root * 127.0F));
  return static_cast<char>(weight < 0 ? -step : step);
}

std::array<float, 256> ValuesOf(float greatest) {
  std::array<float, 256> values{};
  for (int step = -127; step <= 127; ++step) {
    values[static_cast<unsigned char>(step)] = ValueOf(step, greatest);
  }
  return values;
}

float GreatestOf(const std::vector<float>& weights) {
  float greatest = 0;
  for (const float weight : weights) greatest = std::max(greatest, std::abs(weight));
  return greatest;
}

// log(e^a + e^b)
double LogSum(double a, double b) {
  const double most = std::max(a, b);
  return most + std::log1p(std::exp(std::min(a, b) - most));
}

}  // namespace

bool IsMarkedBulk(const FeatureVector& features) {
  constexpr std::array<std::uint32_t, 4> kMarks = {
      FeatureHash("finding:bulk-unsubscribe"), FeatureHash("finding:bulk-platform"),
      FeatureHash("finding:bulk-precedence"), FeatureHash("finding:bulk-link")};
  return std::any_of(kMarks.begin(), kMarks.end(), [&](std::uint32_t mark) {
    return std::binary_search(features.structure.begin(), features.structure.end(), mark);
  });
}

double WeightOfMargin(double margin, const Calibration& calibration) {
  const double rarity =
      std::log(100.0) + (margin - calibration.one_percent) / std::max(calibration.per_e, 0.01F);
  const double halvings = 1 + (rarity + std::log(kRareEnough)) / std::log(kHalving);
  if (!(halvings > 0)) return 0;
  return std::min(kMostWeight, 1 - std::exp2(-halvings));
}

Result<LinearModel> LinearModel::Open(std::string_view bytes) {
  if (bytes.size() < kWeights || bytes.substr(0, kMagic.size()) != kMagic) {
    return NoModel("it does not begin with \"clawback-model 1\"");
  }
  const auto bits = Number<std::uint32_t>(bytes, kNumbers);
  if (bits < kMinBits || bits > kMaxBits || bytes.size() != kWeights + (2UL << bits)) {
    return NoModel("its size is not what its header says");
  }
  const Digest digest = DigestOf(bytes);
  if (std::memcmp(digest.data(), bytes.data() + kDigest, digest.size()) != 0) {
    return NoModel("its digest does not fit: it is damaged");
  }
  LinearModel model;
  model.mask_ = (1U << bits) - 1;
  std::array<float, 8> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = Number<float>(bytes, kNumbers + 8 + i * sizeof(float));
    if (!std::isfinite(numbers[i])) return NoModel("a number in it is none");
  }
  for (std::size_t kind = 0; kind < 2; ++kind) {
    model.bias_[kind] = numbers[2 * kind];
    model.values_[kind] = ValuesOf(numbers[2 * kind + 1]);
    model.weights_[kind] = bytes.substr(kWeights + (kind << bits), 1UL << bits);
  }
  model.calibrations_ = {{{numbers[4], numbers[5]}, {numbers[6], numbers[7]}}};
  model.version_ = ToHex(digest).substr(0, 12);
  return model;
}

double LinearModel::WeightOf(int kind, std::uint32_t feature) const {
  const auto k = static_cast<std::size_t>(kind);
  return values_[k][static_cast<unsigned char>(weights_[k][feature & mask_])];
}

double LinearModel::Score(int kind, const FeatureVector& features) const {
  const auto k = static_cast<std::size_t>(kind);
  const char* const weights = weights_[k].data();
  const std::array<float, 256>& values = values_[k];
  double score = bias_[k];
  for (const auto* group : {&features.content, &features.structure}) {
    if (group->empty()) continue;
    double sum = 0;
    for (const std::uint32_t feature : *group) {
      sum += values[static_cast<unsigned char>(weights[feature & mask_])];
    }
    score += sum / std::sqrt(static_cast<double>(group->size()));
  }
  return score;
}

Opinion LinearModel::Judge(const FeatureVector& features) const {
  const double spam = Score(kSpam, features);
  const double phishing = Score(kPhishing, features);
  Opinion opinion;
  opinion.margin = LogSum(spam, phishing);
  opinion.phishing = phishing > spam;
  opinion.weight = WeightOfMargin(opinion.margin, calibrations_[IsMarkedBulk(features) ? 1 : 0]);
  return opinion;
}

std::string WriteModel(const ModelParts& parts) {
  std::string out(kMagic);
  AppendNumber(static_cast<std::uint32_t>(parts.bits), &out);
  AppendNumber(std::uint32_t{0}, &out);
  std::array<float, 2> greatest{};
  for (std::size_t kind = 0; kind < 2; ++kind) {
    greatest[kind] = GreatestOf(*parts.weights[kind]);
    AppendNumber(parts.bias[kind], &out);
    AppendNumber(greatest[kind], &out);
  }
  for (const Calibration& calibration : parts.calibrations) {
    AppendNumber(calibration.one_percent, &out);
    AppendNumber(calibration.per_e, &out);
  }
  out.append(32, '\0');
  for (std::size_t kind = 0; kind < 2; ++kind) {
    for (const float weight : *parts.weights[kind]) out += StepOf(weight, greatest[kind]);
  }
  const Digest digest = DigestOf(out);
  std::memcpy(out.data() + kDigest, digest.data(), digest.size());
  return out;
}

Result<std::string> ReadModelFile(const std::string& path) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  std::string bytes;
  if (stream && stream.peek() != std::ifstream::traits_type::eof()) {
    bytes.resize(kMostBytes + 1);  // what has no end, as a device, is none
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(stream.gcount()));
  }
  if (bytes.empty()) {
    return Error{ErrorKind::kNotFound,
                 fmt::format("model {} cannot be read: {}", path,
                             errno != 0 ? std::strerror(errno) : "it is empty")};
  }
  if (Result<LinearModel> model = LinearModel::Open(bytes); !model) {
    return Within(path, model.error());
  }
  return bytes;
}

}  // namespace clawback
