// SPDX-License-Identifier: Apache-2.0
// Microsoft's national clouds, and what each of them can do: one table. Pure.
#ifndef CLAWBACK_POLICY_CLOUD_H_
#define CLAWBACK_POLICY_CLOUD_H_

#include <optional>
#include <string>
#include <string_view>

namespace clawback {

enum class Cloud { kGlobal, kGccHigh, kDod, kChina };  // kGlobal: GCC too
inline constexpr Cloud kAllClouds[] = {Cloud::kGlobal, Cloud::kGccHigh, Cloud::kDod, Cloud::kChina};
std::string_view ToString(Cloud cloud);  // "global", "gcc-high", "dod", "china"
std::optional<Cloud> CloudFrom(std::string_view text);

// What stands where (Microsoft Graph, "national cloud deployments") and which of the
// calls that matter here its Graph has. Moving a message works in all of them.
struct CloudCapabilities {
  std::string_view login_host;
  std::string_view graph_host;
  bool permanent_delete = false;  // what hard-delete is made of
};
const CloudCapabilities& CapabilitiesOf(Cloud cloud);

// Why hard-delete is refused in that cloud, and what is to be chosen instead; nullopt
// where it can be done.
std::optional<std::string> WhyNoHardDelete(Cloud cloud);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_CLOUD_H_
