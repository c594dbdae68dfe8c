// SPDX-License-Identifier: Apache-2.0
// Organisations whose names others borrow most, and the first labels of the domains
// that they send from under any suffix. Data of this release.
#ifndef CLAWBACK_POLICY_DETECT_BRANDS_H_
#define CLAWBACK_POLICY_DETECT_BRANDS_H_

#include <array>
#include <string_view>

namespace clawback {

struct Brand {
  std::string_view name;                   // as WordsOfText makes it: "banco do brasil"
  std::string_view label;                  // "bb" of bb.com.br
  std::array<std::string_view, 4> others;  // further labels; with a dot: domains above its own
  bool of_many = false;  // houses of their own, each with its place's name behind the label
};

// The brand of exactly that name, or null.
const Brand* FindBrand(std::string_view name);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_BRANDS_H_
