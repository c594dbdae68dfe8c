// SPDX-License-Identifier: Apache-2.0
#include "policy/base/cidr.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <string>

#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr int kBits = 128;
constexpr int kV4Offset = 96;  // where IPv4's 32 bits begin

bool BitsEqual(const IpAddress& a, const IpAddress& b, int bits) {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (!std::equal(a.bytes.begin(), a.bytes.begin() + bits / 8, b.bytes.begin())) return false;
  const int rest = bits % 8;
  if (rest == 0) return true;
  const unsigned mask = 0xFFU << (8 - rest) & 0xFFU;
  return (a.bytes[whole] & mask) == (b.bytes[whole] & mask);
}

bool HostBitsAreZero(const Network& network) {
  for (int bit = network.prefix; bit < kBits; ++bit) {
    const unsigned byte = network.address.bytes[static_cast<std::size_t>(bit / 8)];
    if ((byte >> (7 - bit % 8) & 1U) != 0) return false;
  }
  return true;
}

}  // namespace

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  constexpr std::string_view kTag = "IPv6:";
  if (EqualIgnoringCase(text.substr(0, kTag.size()), kTag)) text.remove_prefix(kTag.size());
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string copy(text);
  IpAddress address;
  if (::inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) == 1) return address;
  address.bytes[10] = address.bytes[11] = 0xFF;
  if (::inet_pton(AF_INET, copy.c_str(), address.bytes.data() + kV4Offset / 8) == 1) return address;
  return std::nullopt;
}

std::optional<Network> ParseNetwork(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  const auto address = ParseIpAddress(host);
  if (!address) return std::nullopt;
  Network network{*address, kBits};
  if (slash == std::string_view::npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  const int offset = host.find(':') == std::string_view::npos ? kV4Offset : 0;
  int prefix = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (prefix < 0 || prefix + offset > kBits) return std::nullopt;
  network.prefix = prefix + offset;
  if (!HostBitsAreZero(network)) return std::nullopt;
  return network;
}

bool Contains(const Network& network, const IpAddress& address) {
  return BitsEqual(network.address, address, network.prefix);
}

}  // namespace clawback
