// SPDX-License-Identifier: Apache-2.0
// The one table between an enumeration and its words in files, JSON and logs.
#ifndef CLAWBACK_POLICY_BASE_NAMES_H_
#define CLAWBACK_POLICY_BASE_NAMES_H_

#include <cstddef>
#include <optional>
#include <string_view>

namespace clawback {

template <typename E>
struct Name {
  E value;
  std::string_view text;
};

// constexpr Name<Mode> kModes[] = {{Mode::kObserve, "observe"}, ...};
template <typename E, std::size_t N>
constexpr std::string_view NameOf(const Name<E> (&names)[N], E value) {
  for (const auto& name : names) {
    if (name.value == value) return name.text;
  }
  return "?";
}

template <typename E, std::size_t N>
constexpr std::optional<E> ValueOf(const Name<E> (&names)[N], std::string_view text) {
  for (const auto& name : names) {
    if (name.text == text) return name.value;
  }
  return std::nullopt;
}

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_NAMES_H_
