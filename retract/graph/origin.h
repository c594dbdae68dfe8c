// SPDX-License-Identifier: Apache-2.0
// Where a request may go. A request is made of an origin from our own configuration
// and a target; no address that came over the network is ever handed to the HTTP
// library, so a token cannot follow a link to another host.
#ifndef CLAWBACK_RETRACT_GRAPH_ORIGIN_H_
#define CLAWBACK_RETRACT_GRAPH_ORIGIN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "policy/base/result.h"

namespace clawback {

// RFC 6454, https only.
struct WebOrigin {
  std::string host;  // lower case; an IPv6 address with its brackets
  std::uint16_t port = 443;
  bool operator==(const WebOrigin&) const = default;

  std::string Url() const;  // "https://host" or "https://host:port"
};

// "https://host", "https://host:port", either with "/" at its end. Anything else,
// user information and paths too, is kInvalid.
Result<WebOrigin> ParseOrigin(std::string_view url);

// The target ("/path?query") of a link that Graph gave, such as @odata.nextLink.
// kRefused unless the link's text names exactly origin: same scheme, host and port,
// no user information, fragment, backslash, control or non-ASCII character.
Result<std::string> TargetWithin(const WebOrigin& origin, std::string_view link);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_ORIGIN_H_
