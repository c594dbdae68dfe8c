// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/origin.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "retract/graph/graph_url.h"

namespace clawback {
namespace {

constexpr std::string_view kScheme = "https://";
constexpr std::size_t kMaxLink = 16UL * 1024;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string Lowered(std::string_view text) {
  std::string lowered(text);
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), Lower);
  return lowered;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsHostName(std::string_view host) {
  if (host.empty() || host.size() > 253 || host.front() == '.' || host.back() == '.') return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.';
  });
}

bool IsBracketedAddress(std::string_view host) {
  if (host.size() < 4 || host.front() != '[' || host.back() != ']') return false;
  host = host.substr(1, host.size() - 2);
  return std::all_of(host.begin(), host.end(), [](char c) {
    return IsDigit(c) || (c >= 'a' && c <= 'f') || c == ':' || c == '.';
  });
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  if (text.starts_with('0')) return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

// host[:port] in the only spelling that we take.
std::optional<WebOrigin> ParseAuthority(std::string_view authority) {
  WebOrigin origin;
  const std::size_t address_end = authority.rfind(']');
  const std::size_t colon = authority.rfind(':');
  const bool has_port =
      colon != authority.npos && (address_end == authority.npos || colon > address_end);
  origin.host = Lowered(authority.substr(0, has_port ? colon : authority.npos));
  if (!IsHostName(origin.host) && !IsBracketedAddress(origin.host)) return std::nullopt;
  if (!has_port) return origin;
  const auto port = ParsePort(authority.substr(colon + 1));
  if (!port) return std::nullopt;
  origin.port = *port;
  return origin;
}

bool StartsWithScheme(std::string_view url) {
  return url.size() > kScheme.size() && Lowered(url.substr(0, kScheme.size())) == kScheme;
}

Error Outside(const WebOrigin& origin, std::string_view why) {
  return {ErrorKind::kRefused, "a link of an answer was not followed: " + std::string(why) +
                                   ", expected " + origin.Url()};
}

// Characters that RFC 3986 does not allow in a target, yet services put into links.
std::string Escaped(std::string_view target) {
  std::string escaped;
  for (const char c : target) {
    const bool odd = std::string_view(" \"<>^`{|}").find(c) != std::string_view::npos;
    escaped += odd ? PercentEncode(std::string_view(&c, 1)) : std::string(1, c);
  }
  return escaped;
}

}  // namespace

std::string WebOrigin::Url() const {
  std::string url = std::string(kScheme) + host;
  if (port != 443) url += ":" + std::to_string(port);
  return url;
}

Result<WebOrigin> ParseOrigin(std::string_view url) {
  const Error invalid{ErrorKind::kInvalid,
                      "'" + std::string(url.substr(0, 200)) + "' is not https://host[:port]"};
  if (!StartsWithScheme(url)) return invalid;
  std::string_view authority = url.substr(kScheme.size());
  if (authority.ends_with('/')) authority.remove_suffix(1);
  const auto origin = ParseAuthority(authority);
  if (!origin) return invalid;
  return *origin;
}

// Compared as text and by no URL parser: where two parsers disagree about the host of
// a link, the text is not equal to ours, and that is enough.
Result<std::string> TargetWithin(const WebOrigin& origin, std::string_view link) {
  if (link.size() > kMaxLink) return Outside(origin, "it is too long");
  const bool plain = std::all_of(link.begin(), link.end(), [](char c) {
    return c >= 0x20 && c < 0x7f && c != '\\' && c != '#';
  });
  if (!plain) return Outside(origin, "it holds a character that no link may hold");
  if (!StartsWithScheme(link)) return Outside(origin, "it is not https");
  const std::string_view rest = link.substr(kScheme.size());
  const std::size_t authority_end = rest.find_first_of("/?");
  const auto named = ParseAuthority(rest.substr(0, authority_end));
  if (!named || *named != origin) return Outside(origin, "it names another place");
  if (authority_end == rest.npos || rest[authority_end] != '/') {
    return Outside(origin, "it has no path");
  }
  return Escaped(rest.substr(authority_end));
}

}  // namespace clawback
