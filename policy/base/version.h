// SPDX-License-Identifier: Apache-2.0
// The release, as every program says it; CMakeLists.txt names the same.
#ifndef CLAWBACK_POLICY_BASE_VERSION_H_
#define CLAWBACK_POLICY_BASE_VERSION_H_

#include <string_view>

namespace clawback {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_VERSION_H_
