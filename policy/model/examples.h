// SPDX-License-Identifier: Apache-2.0
// Examples to learn from, as a file: hashes of features and labels, no text.
//
// Integers are little-endian, 32 bits each:
//   19 bytes "clawback-examples 1"   32 bytes SHA-256 of what follows
//   how many sources, and of each its name's length and the name
//   of each example: label, which source, how many content and structure features, these
#ifndef CLAWBACK_POLICY_MODEL_EXAMPLES_H_
#define CLAWBACK_POLICY_MODEL_EXAMPLES_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/result.h"
#include "policy/model/training.h"

namespace clawback {

std::string WriteExamples(std::span<const Example> examples);
// kInvalid: none, of another version, or damaged.
Result<std::vector<Example>> ReadExamples(std::string_view bytes);

// Of the made-up mail (packaging/model): part of the program, so that whoever sorts mail of
// his own need not sort as well what every model is to know. policy/model/made.examples.
std::vector<Example> MadeExamples();

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MODEL_EXAMPLES_H_
