// SPDX-License-Identifier: Apache-2.0
// What a request to Microsoft Graph counts against.
#ifndef CLAWBACK_RETRACT_GRAPH_REQUEST_SCOPE_H_
#define CLAWBACK_RETRACT_GRAPH_REQUEST_SCOPE_H_

#include <compare>
#include <string>
#include <string_view>

namespace clawback {

// Stands for a mailbox where a request is about people and not about mail. Exchange's
// limits of a mailbox are not the directory's.
inline constexpr std::string_view kDirectory = "directory";

struct RequestScope {
  std::string tenant;
  std::string mailbox;  // or kDirectory
  auto operator<=>(const RequestScope&) const = default;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_REQUEST_SCOPE_H_
