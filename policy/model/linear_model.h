// SPDX-License-Identifier: Apache-2.0
// The learned model: two linear scores over hashed features, for spam and for
// phishing, against wanted mail, and how rare a score is among wanted mail.
//
// A model file (integers and floats little-endian):
//   16 bytes "clawback-model 1"      8 bytes  log2 of the buckets, 0 (u32 each)
//   4 floats bias and greatest weight of spam, of phishing
//   4 floats of wanted mail that is not marked as bulk, and of bulk mail (training.cc): the
//            margin that 1 % of it passes, and by how much more e times fewer pass
//   32 bytes SHA-256 of what follows and of what stands before
//   buckets bytes for spam, buckets bytes for phishing: each the signed root of a weight
#ifndef CLAWBACK_POLICY_MODEL_LINEAR_MODEL_H_
#define CLAWBACK_POLICY_MODEL_LINEAR_MODEL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "policy/base/result.h"
#include "policy/model/features.h"

namespace clawback {

// How rare a margin is among wanted mail of one kind, as cross-validation found it: a
// straight line in the logarithm.
struct Calibration {
  float one_percent = 0;  // margin that one wanted message in a hundred passes
  float per_e = 1;        // that much more, and e times fewer pass
  bool operator==(const Calibration&) const = default;
};

struct Opinion {
  double margin = 0;      // log odds of unwanted against wanted, as trained
  bool phishing = false;  // of the two kinds of unwanted mail the likelier
  // 0 to 0.95. 0.5 where one in 500 wanted messages (of bulk mail one in 150) is taken
  // for as bad; each further factor of 30 halves the doubt (docs/detection.md).
  double weight = 0;
};

// Whether a message is marked as bulk mail: wanted newsletters look like unwanted ones,
// and are as rare among letters as these.
bool IsMarkedBulk(const FeatureVector& features);

// Only reads; safe from any thread.
class LinearModel {
 public:
  static constexpr int kSpam = 0, kPhishing = 1;
  // The bytes stay the caller's and must outlive the model. kInvalid: not a model, of
  // another version, or damaged.
  static Result<LinearModel> Open(std::string_view bytes);
  // The model that is part of the program.
  static const LinearModel& Shipped();

  Opinion Judge(const FeatureVector& features) const;
  // What one feature adds to the margin's side of kind, before its group's share.
  double WeightOf(int kind, std::uint32_t feature) const;
  // The first 12 hex digits of the digest.
  const std::string& version() const { return version_; }

 private:
  LinearModel() = default;
  double Score(int kind, const FeatureVector& features) const;

  std::uint32_t mask_ = 0;
  std::array<double, 2> bias_{};
  std::array<std::string_view, 2> weights_;
  std::array<std::array<float, 256>, 2> values_{};  // of each byte
  std::array<Calibration, 2> calibrations_;         // not marked as bulk, marked
  std::string version_;
};

// What goes into a model file. weights: 2 to the power of bits for each kind.
struct ModelParts {
  int bits = 0;
  std::array<float, 2> bias{};
  std::array<const std::vector<float>*, 2> weights{};
  std::array<Calibration, 2> calibrations{};  // not marked as bulk, marked
};
std::string WriteModel(const ModelParts& parts);

// A model's file, whole and checked. kNotFound, kInvalid.
Result<std::string> ReadModelFile(const std::string& path);

// The weight of a finding for a margin.
double WeightOfMargin(double margin, const Calibration& calibration);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MODEL_LINEAR_MODEL_H_
