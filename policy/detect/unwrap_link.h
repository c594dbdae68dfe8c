// SPDX-License-Identifier: Apache-2.0
// Where a link leads in the end, as far as the link itself says: link rewriters of
// mail filters taken off, and redirects of well-known sites that anybody may use.
#ifndef CLAWBACK_POLICY_DETECT_UNWRAP_LINK_H_
#define CLAWBACK_POLICY_DETECT_UNWRAP_LINK_H_

#include <string>
#include <string_view>

namespace clawback {

struct UnwrappedLink {
  std::string target;     // an address of its own, or the link as it was
  std::string redirects;  // host of the site that was made to redirect; empty: none
};

// Follows at most five wrappers. Safe Links, URL Defense (v1 to v3) and the like are
// taken off silently: the recipient's own filter put them there.
UnwrappedLink UnwrapLink(std::string_view url);

// "%41" → "A"; what is no such triplet stays.
std::string DecodePercent(std::string_view text);

// The host of a link as the resolver is asked for it: in ASCII, with what is written by
// percent signs or in wide letters. Empty where a browser would follow the link to no host.
std::string HostAsked(std::string_view url);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_UNWRAP_LINK_H_
