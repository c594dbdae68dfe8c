// SPDX-License-Identifier: Apache-2.0
// Addresses of the web as a browser takes them, without a library that knows names: by
// letters alone.
#ifndef CLAWBACK_POLICY_MESSAGE_WEB_ADDRESS_H_
#define CLAWBACK_POLICY_MESSAGE_WEB_ADDRESS_H_

#include <string>
#include <string_view>

namespace clawback {

// Where a browser would go: of an http, https or scheme-less web address, lower case,
// without user, port and final dot. Empty where there is none. Lenient as browsers are.
std::string HostOf(std::string_view url);

// "HTTPS://user@Example.COM:443/A\b?c#d" → "example.com/A/b?c": host, path and query; host is
// that of url, as the resolver is asked for it. Empty where host is.
std::string NormalAddress(std::string_view url, std::string_view host);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_WEB_ADDRESS_H_
