// SPDX-License-Identifier: Apache-2.0
// Networks in CIDR notation (RFC 4632, RFC 4291 section 2.3), IPv4 and IPv6.
#ifndef CLAWBACK_POLICY_BASE_CIDR_H_
#define CLAWBACK_POLICY_BASE_CIDR_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace clawback {

// Both families in 16 bytes: IPv4 as ::ffff:a.b.c.d.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};
};
// "192.0.2.1", "2001:db8::1"; also with Postfix's "IPv6:" before it.
std::optional<IpAddress> ParseIpAddress(std::string_view text);

struct Network {
  IpAddress address;
  int prefix = 128;  // counted in the 128 bits of IpAddress
};
// "192.0.2.0/24", "2001:db8::/32", or one address. Bits beyond the prefix must be
// zero: a network written with a host part is a slip worth refusing.
std::optional<Network> ParseNetwork(std::string_view text);

bool Contains(const Network& network, const IpAddress& address);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_BASE_CIDR_H_
