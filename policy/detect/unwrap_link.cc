// SPDX-License-Identifier: Apache-2.0
#include "policy/detect/unwrap_link.h"

#include <algorithm>
#include <array>
#include <optional>

#include "policy/base/text.h"
#include "policy/detect/domain_names.h"
#include "policy/message/parse/transfer_encoding.h"

namespace clawback {
namespace {

constexpr std::size_t kMaxLink = 8192;
constexpr int kWrappers = 5;

enum class Kind { kFilter, kRedirect };

// A host (or a parent of it), what its path begins with, and the parameter that holds
// the address; an empty parameter: the whole query.
struct Wrapper {
  std::string_view host, path, parameter;
  Kind kind;
};

constexpr std::array<Wrapper, 27> kWrapperList = {{
    {"safelinks.protection.outlook.com", "/", "url", Kind::kFilter},
    {"safelinks.protection.office365.us", "/", "url", Kind::kFilter},
    {"urldefense.proofpoint.com", "/v1/", "u", Kind::kFilter},
    {"linkprotect.cudasvc.com", "/url", "a", Kind::kFilter},
    {"url.emailprotection.link", "/", "url", Kind::kFilter},
    {"secure-web.cisco.com", "/", "u", Kind::kFilter},
    {"google.com", "/url", "q", Kind::kRedirect},
    {"google.com", "/url", "url", Kind::kRedirect},
    {"google.com", "/travel/clk", "pcurl", Kind::kRedirect},
    {"google.com", "/pagead/aclk", "adurl", Kind::kRedirect},
    {"googleadservices.com", "/", "adurl", Kind::kRedirect},
    {"doubleclick.net", "/", "adurl", Kind::kRedirect},
    {"doubleclick.net", "/ddm/clk/", "", Kind::kRedirect},
    {"bing.com", "/ck/", "u", Kind::kRedirect},
    {"youtube.com", "/redirect", "q", Kind::kRedirect},
    {"l.facebook.com", "/l.php", "u", Kind::kRedirect},
    {"l.instagram.com", "/", "u", Kind::kRedirect},
    {"linkedin.com", "/redir/redirect", "url", Kind::kRedirect},
    {"linkedin.com", "/safety/go", "url", Kind::kRedirect},
    {"vk.com", "/away.php", "to", Kind::kRedirect},
    {"steamcommunity.com", "/linkfilter/", "url", Kind::kRedirect},
    {"slack-redir.net", "/link", "url", Kind::kRedirect},
    {"t.umblr.com", "/redirect", "z", Kind::kRedirect},
    {"duckduckgo.com", "/l/", "uddg", Kind::kRedirect},
    {"search.yahoo.com", "/", "RU", Kind::kRedirect},
    {"baidu.com", "/link", "url", Kind::kRedirect},
    {"translate.google.com", "/translate", "u", Kind::kRedirect},
}};

bool IsOrUnder(std::string_view host, std::string_view parent) {
  if (host.size() < parent.size()) return false;
  if (host.substr(host.size() - parent.size()) != parent) return false;
  return host.size() == parent.size() || host[host.size() - parent.size() - 1] == '.';
}

struct Pieces {
  std::string host;
  std::string_view path;   // with its "/", without the query
  std::string_view query;  // without "?" and fragment
};

Pieces PiecesOf(std::string_view url) {
  Pieces pieces;
  pieces.host = HostOf(url);
  const std::size_t scheme = url.find("//");
  const std::size_t from = scheme == std::string_view::npos ? 0 : scheme + 2;
  const std::size_t slash = url.find_first_of("/?#", from);
  if (slash == std::string_view::npos) return pieces;
  std::string_view rest = url.substr(slash);
  rest = rest.substr(0, rest.find('#'));
  const std::size_t question = rest.find('?');
  pieces.path = rest.substr(0, question);
  if (question != std::string_view::npos) pieces.query = rest.substr(question + 1);
  return pieces;
}

std::string Parameter(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    const std::string_view one = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(one.size() + 1, query.size()));
    if (one.size() <= name.size() || one[name.size()] != '=') continue;
    if (!EqualIgnoringCase(one.substr(0, name.size()), name)) continue;
    return DecodePercent(one.substr(name.size() + 1));
  }
  return {};
}

// "https-3A__example.com_a" of URL Defense v2: "-" for "%", "_" for "/".
std::string DefenseV2(std::string_view query) {
  std::string coded = Parameter(query, "u");
  for (char& c : coded) c = c == '-' ? '%' : c == '_' ? '/' : c;
  return DecodePercent(coded);
}

// ".../v3/__https://example.com/a*b__;..." of v3; replaced characters stay "*".
std::string DefenseV3(std::string_view url) {
  const std::size_t from = url.find("/v3/__");
  if (from == std::string_view::npos) return {};
  const std::size_t end = url.find("__;", from + 6);
  return std::string(url.substr(from + 6, end == std::string_view::npos ? end : end - from - 6));
}

// An address inside of the path, as page accelerators have it: "/amp/s/example.com/a".
std::string Accelerated(const Pieces& pieces) {
  if (!IsOrUnder(pieces.host, "google.com") && !IsOrUnder(pieces.host, "cdn.ampproject.org"))
    return {};
  for (const std::string_view prefix : {"/amp/s/", "/c/s/", "/v/s/"}) {
    if (pieces.path.substr(0, prefix.size()) != prefix) continue;
    return "https://" + std::string(pieces.path.substr(prefix.size()));
  }
  return {};
}

struct Inner {
  std::string target;
  Kind kind = Kind::kFilter;
};

// "www.google.dk" does what "www.google.com" does.
std::string AtGoogle(const std::string& host) {
  if (host.find("google.") == std::string::npos) return host;
  const std::string organisation = OrganisationalDomain(host);
  if (FirstLabel(organisation) != "google") return host;
  return host.substr(0, host.size() - organisation.size()) + "google.com";
}

// "a1aHR0cHM6Ly9leGFtcGxlLmNvbQ": base64 for addresses, as a search engine's redirects have it.
std::string Plain(std::string target) {
  if (!target.starts_with("a1aHR0c")) return target;
  std::ranges::replace(target, '-', '+');
  std::ranges::replace(target, '_', '/');
  return DecodeTransfer(std::string_view(target).substr(2), TransferEncoding::kBase64);
}

std::optional<Inner> InnerOf(std::string_view url) {
  const Pieces pieces = PiecesOf(url);
  if (pieces.host.empty()) return std::nullopt;
  if (pieces.host == "urldefense.proofpoint.com" && pieces.path.substr(0, 4) == "/v2/") {
    return Inner{DefenseV2(pieces.query), Kind::kFilter};
  }
  if (IsOrUnder(pieces.host, "urldefense.com") || IsOrUnder(pieces.host, "urldefense.us")) {
    return Inner{DefenseV3(url), Kind::kFilter};
  }
  if (std::string page = Accelerated(pieces); !page.empty()) return Inner{page, Kind::kRedirect};
  const std::string host = AtGoogle(pieces.host);
  for (const Wrapper& wrapper : kWrapperList) {
    if (!IsOrUnder(host, wrapper.host)) continue;
    if (pieces.path.substr(0, wrapper.path.size()) != wrapper.path) continue;
    std::string target = wrapper.parameter.empty()
                             ? DecodePercent(pieces.query)
                             : Plain(Parameter(pieces.query, wrapper.parameter));
    if (!target.empty()) return Inner{std::move(target), wrapper.kind};
  }
  return std::nullopt;
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

}  // namespace

std::string DecodePercent(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? HexDigit(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : HexDigit(text[i + 2]);
    if (low < 0) {
      out += text[i];
    } else {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    }
  }
  return out;
}

std::string HostAsked(std::string_view url) {
  std::string host = LowerAscii(AsciiHost(DecodePercent(HostOf(url))));
  host.erase(host.find_last_not_of('.') + 1);
  return host;
}

UnwrappedLink UnwrapLink(std::string_view url) {
  UnwrappedLink link{std::string(url), {}};
  for (int depth = 0; depth < kWrappers; ++depth) {
    std::optional<Inner> inner = InnerOf(std::string_view(link.target).substr(0, kMaxLink));
    if (!inner || HostOf(inner->target).empty()) break;
    const std::string outer = HostOf(link.target);
    const bool leaves = OrganisationalDomain(outer) != OrganisationalDomain(HostOf(inner->target));
    if (inner->kind == Kind::kRedirect && leaves) link.redirects = outer;
    link.target = std::move(inner->target);
  }
  return link;
}

}  // namespace clawback
