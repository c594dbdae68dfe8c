// SPDX-License-Identifier: Apache-2.0
#include "policy/cloud.h"

#include <fmt/format.h>

#include "policy/base/names.h"

namespace clawback {
namespace {

constexpr Name<Cloud> kClouds[] = {{Cloud::kGlobal, "global"},
                                   {Cloud::kGccHigh, "gcc-high"},
                                   {Cloud::kDod, "dod"},
                                   {Cloud::kChina, "china"}};

constexpr CloudCapabilities kGlobal = {"login.microsoftonline.com", "graph.microsoft.com", true};
constexpr CloudCapabilities kGccHigh = {"login.microsoftonline.us", "graph.microsoft.us", false};
constexpr CloudCapabilities kDod = {"login.microsoftonline.us", "dod-graph.microsoft.us", false};
constexpr CloudCapabilities kChina = {"login.chinacloudapi.cn", "microsoftgraph.chinacloudapi.cn",
                                      false};

}  // namespace

std::string_view ToString(Cloud cloud) { return NameOf(kClouds, cloud); }
std::optional<Cloud> CloudFrom(std::string_view text) { return ValueOf(kClouds, text); }

const CloudCapabilities& CapabilitiesOf(Cloud cloud) {
  switch (cloud) {
    case Cloud::kGccHigh:
      return kGccHigh;
    case Cloud::kDod:
      return kDod;
    case Cloud::kChina:
      return kChina;
    case Cloud::kGlobal:
      break;
  }
  return kGlobal;
}

std::optional<std::string> WhyNoHardDelete(Cloud cloud) {
  if (CapabilitiesOf(cloud).permanent_delete) return std::nullopt;
  return fmt::format(
      "hard-delete cannot be done in cloud {}, whose Graph has no permanentDelete; expected "
      "soft-delete or milder",
      ToString(cloud));
}

}  // namespace clawback
