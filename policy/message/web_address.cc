// SPDX-License-Identifier: Apache-2.0
#include "policy/message/web_address.h"

#include <algorithm>

#include "policy/base/text.h"

namespace clawback {
namespace {

constexpr ByteSet kAuthorityEnd("/\\?#");

std::string_view WithoutSlashes(std::string_view url) {
  while (!url.empty() && (url[0] == '/' || url[0] == '\\')) url.remove_prefix(1);
  return url;
}

// Behind scheme and authority, without the fragment.
std::string_view PathOf(std::string_view url) {
  url = Trim(url);
  const std::size_t colon = url.find(':');
  if (colon < kAuthorityEnd.FirstIn(url)) url.remove_prefix(colon + 1);
  url = WithoutSlashes(url);
  const std::size_t path = kAuthorityEnd.FirstIn(url);
  return url.substr(path, url.find('#', path) - path);
}

}  // namespace

std::string HostOf(std::string_view url) {
  url = Trim(url);
  const std::size_t colon = url.find(':');
  const bool http = colon == 4 && EqualIgnoringCase(url.substr(0, 4), "http");
  const bool https = colon == 5 && EqualIgnoringCase(url.substr(0, 5), "https");
  if (http || https) {
    url.remove_prefix(colon + 1);
  } else if (url.substr(0, 2) != "//" && !EqualIgnoringCase(url.substr(0, 4), "www.")) {
    return {};
  }
  // Browsers take any number of slashes, and backslashes for slashes.
  url = WithoutSlashes(url);
  url = url.substr(0, kAuthorityEnd.FirstIn(url));
  const std::size_t at = url.rfind('@');
  if (at != std::string_view::npos) url.remove_prefix(at + 1);
  const bool literal = url.substr(0, 1) == "[";  // of IPv6, full of colons
  url = url.substr(0, url.find(':', literal ? url.find(']') : 0));
  while (!url.empty() && url.back() == '.') url.remove_suffix(1);
  return LowerAscii(url);
}

std::string NormalAddress(std::string_view url, std::string_view host) {
  std::string normal(host);
  if (normal.empty()) return normal;
  std::string_view path = PathOf(url);
  const std::string_view first = path.substr(0, 1);
  if (first != "/" && first != "\\") normal += '/';
  // Only in a path a backslash is a slash.
  const std::size_t query = std::min(path.find('?'), path.size());
  for (const char c : path.substr(0, query)) normal += c == '\\' ? '/' : c;
  return normal.append(path.substr(query));
}

}  // namespace clawback
