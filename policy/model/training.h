// SPDX-License-Identifier: Apache-2.0
// Fits a LinearModel to labelled messages: multinomial logistic regression by AdaGrad,
// and its calibration by cross-validation. Deterministic: the same examples give the
// same bytes, whatever their order.
#ifndef CLAWBACK_POLICY_MODEL_TRAINING_H_
#define CLAWBACK_POLICY_MODEL_TRAINING_H_

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "policy/base/result.h"
#include "policy/model/features.h"

namespace clawback {

enum class MailLabel { kWanted, kSpam, kPhishing };

struct Example {
  FeatureVector features;
  MailLabel label = MailLabel::kWanted;
  // Where it was collected. Each source counts by the root of its size, so that a
  // large one does not decide alone; may be empty.
  std::string source;
};

struct TrainingOptions {
  int bits = 20;    // log2 of the buckets of features
  int epochs = 12;  // times that every example is looked at
  int folds = 5;    // of the cross-validation
  // Told after each training: so many of folds + 1.
  std::function<void(int done, int of)> trained = [](int, int) {};
};

struct TrainedModel {
  std::string bytes;            // a model file
  std::vector<double> weights;  // of each example, by the model of the other folds
};

// kInvalid where a label has too few examples for anything to be learnt from.
Status CheckEnough(std::span<const Example> examples);

// kInvalid where a label has too few examples to be learnt from.
Result<TrainedModel> TrainModel(std::span<const Example> examples, const TrainingOptions& options);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MODEL_TRAINING_H_
