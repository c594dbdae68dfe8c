// SPDX-License-Identifier: Apache-2.0
// A message as the learned model sees it: which of very many small observations hold,
// each by the hash of its name. Values only; policy/model/parse makes them, inside a
// judge.
#ifndef CLAWBACK_POLICY_MODEL_FEATURES_H_
#define CLAWBACK_POLICY_MODEL_FEATURES_H_

#include <cstdint>
#include <string_view>
#include <vector>

namespace clawback {

// Content: what it says. Structure: how it is built, where it leads, what detectors
// found. Each group counts the same however many features it has, so that long texts
// do not drown the rest.
enum class FeatureGroup { kContent, kStructure };

struct FeatureVector {
  std::vector<std::uint32_t> content;    // ascending, each once
  std::vector<std::uint32_t> structure;  // ascending, each once
  bool operator==(const FeatureVector&) const = default;
};

// FNV-1a, folded to 32 bits: the same in every build, for it is written into models. The
// front of many names is hashed once.
class FeatureHasher {
 public:
  constexpr explicit FeatureHasher(std::string_view front) { Add(front); }
  // Of front and rest.
  constexpr std::uint32_t With(std::string_view rest) const {
    FeatureHasher whole = *this;
    whole.Add(rest);
    return static_cast<std::uint32_t>(whole.hash_ ^ (whole.hash_ >> 32U));
  }

 private:
  constexpr void Add(std::string_view text) {
    for (const char c : text) {
      hash_ ^= static_cast<unsigned char>(c);
      hash_ *= 0x100000001b3;
    }
  }
  std::uint64_t hash_ = 0xcbf29ce484222325;
};

constexpr std::uint32_t FeatureHash(std::string_view name) { return FeatureHasher({}).With(name); }

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MODEL_FEATURES_H_
