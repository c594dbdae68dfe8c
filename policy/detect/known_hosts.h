// SPDX-License-Identifier: Apache-2.0
// Hosts and domains that everybody may use: what a name among them says is not who
// sends, but how little it cost to be there. Data of this release.
#ifndef CLAWBACK_POLICY_DETECT_KNOWN_HOSTS_H_
#define CLAWBACK_POLICY_DETECT_KNOWN_HOSTS_H_

#include <string_view>

namespace clawback {

// All names lower case; a host counts as its parent domains do.
bool IsFreeMailbox(std::string_view domain);  // "gmail.com"
bool IsFreeHosting(std::string_view host);    // "x.web.app", buckets, forms, tunnels
// Hosts that shorten, and addresses of others that do: nothing says where such a link leads.
bool IsShortened(std::string_view host, std::string_view url);
bool IsShortener(std::string_view host);    // "bit.ly"
bool IsCheapSuffix(std::string_view host);  // "x.click": registered for next to nothing
// Meetings, calendars, maps, social networks: whoever links there shows no site of their own.
bool IsCommonSite(std::string_view host);         // "teams.microsoft.com"
bool IsSendingPlatform(std::string_view domain);  // "sendgrid.net"

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_KNOWN_HOSTS_H_
