// SPDX-License-Identifier: Apache-2.0
// Looking a host up in a table of names in alphabetical order.
#ifndef CLAWBACK_POLICY_DETECT_HOST_LIST_H_
#define CLAWBACK_POLICY_DETECT_HOST_LIST_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace clawback {

template <std::size_t N>
bool Holds(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::binary_search(names.begin(), names.end(), name);
}

// name itself, or what is behind one of its dots. A host has few of them.
template <std::size_t N>
bool HoldsParent(const std::array<std::string_view, N>& names, std::string_view name) {
  for (int labels = 0; labels < 16 && !name.empty(); ++labels) {
    if (Holds(names, name)) return true;
    const std::size_t dot = name.find('.');
    if (dot == std::string_view::npos) return false;
    name.remove_prefix(dot + 1);
  }
  return false;
}

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_HOST_LIST_H_
