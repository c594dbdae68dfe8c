// SPDX-License-Identifier: Apache-2.0
// Where links lead: to places that cost nothing and say nothing of who is behind them,
// through other sites' redirects, or to no site at all. Each is common enough in wanted
// mail to weigh little alone.
#include <map>
#include <set>
#include <string>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/known_hosts.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/detect/unwrap_link.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"link-free-hosting", "link-shortener", "link-redirect",
                                         "link-to-address",   "link-script",    "link-user-name",
                                         "link-cheap-suffix", "link-recipient"};
constexpr double kFreeHosting = 0.25;
constexpr double kShortener = 0.15;
constexpr double kRedirect = 0.35;
constexpr double kAddress = 0.35;
constexpr double kEncodedAddress = 0.6;  // no person writes an address as one number
constexpr double kScript = 0.45;
constexpr double kUserName = 0.4;
constexpr double kCheapSuffix = 0.25;
constexpr double kRecipient = 0.4;

// "3232235777", "0xc0a80101", "0300.0250.1.1": read as an IP address by browsers only.
bool IsEncodedAddress(std::string_view host) {
  if (host.empty() || host.front() < '0' || host.front() > '9') return false;
  if (host.find_first_not_of("0123456789abcdefx.") != std::string_view::npos) return false;
  if (host.size() < 4) return false;
  const bool hexadecimal = host.substr(0, 2) == "0x";
  const bool number = host.find_first_not_of("0123456789") == std::string_view::npos;
  const bool octal = IsIpLiteral(host) && host.front() == '0' && host[1] != '.';
  return hexadecimal || (number && host.size() >= 8) || octal;
}

// Hosts of the reader's own network, which colleagues write about.
bool IsPrivateAddress(std::string_view host) {
  for (const std::string_view net : {"10.", "127.", "192.168.", "169.254.", "0.0.0.0"}) {
    if (host.substr(0, net.size()) == net) return true;
  }
  return host.substr(0, 4) == "172." && host.size() > 6 && host[6] == '.' &&
         host.substr(4, 2) >= "16" && host.substr(4, 2) <= "31";
}

// "https://paypal.com@evil.example/": a name before the host, made to look like one.
bool HasUserName(std::string_view url) {
  const std::size_t slashes = url.find("//");
  if (slashes == std::string_view::npos) return false;
  const std::string_view host = url.substr(slashes + 2);
  const std::string_view authority = host.substr(0, host.find_first_of("/\\?#"));
  const std::size_t at = authority.rfind('@');
  return at != std::string_view::npos &&
         authority.substr(0, at).find('.') != std::string_view::npos;
}

// The fragment never reaches the server: only a script on the page wants it there.
bool HasRecipientBehindHash(std::string_view url) {
  const std::size_t hash = url.find('#');
  if (hash == std::string_view::npos) return false;
  const std::string fragment = DecodePercent(url.substr(hash + 1));
  const std::size_t at = fragment.find('@');
  return at != std::string::npos && at > 0 && fragment.find('.', at) != std::string::npos &&
         fragment.size() < 120;
}

bool IsScript(std::string_view url) {
  const std::string begin = LowerAscii(Trim(url).substr(0, 24));
  return begin.rfind("javascript:", 0) == 0 || begin.rfind("vbscript:", 0) == 0 ||
         begin.rfind("data:text/html", 0) == 0;
}

class RiskyLinkDetector : public Detector {
 public:
  std::string_view name() const override { return "risky-link"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext&,
               std::vector<Finding>* findings) const override {
    std::string own;
    if (!message.from.empty()) own = OrganisationalDomain(DomainOf(message.from.front().address));
    std::set<std::string> seen;
    for (const Link& link : message.links) {
      if (seen.size() >= kLinks) return;
      const auto [at, fresh] = seen.insert(std::string(link.target.substr(0, 4096)));
      if (fresh) Judge(*at, message, link, own, findings);
    }
  }

 private:
  static constexpr std::size_t kLinks = 300;

  static void Judge(const std::string& url, const Message& message, const Link& from,
                    const std::string& own, std::vector<Finding>* findings) {
    const auto add = [&](std::string_view reason, double weight, std::string_view what) {
      findings->push_back({std::string(reason), Indication::kPhishing, weight,
                           std::string(what) + " \"" + std::string(CutUtf8(url, 160)) + "\"",
                           PlaceOfLink(message, from)});
    };
    if (IsScript(url)) return add("link-script", kScript, "the link is a script:");
    const UnwrappedLink link = UnwrapLink(url);
    const std::string host = HostOf(link.target);
    if (host.empty() || OrganisationalDomain(host) == own) return;
    if (!link.redirects.empty()) add("link-redirect", kRedirect, "redirected to " + host + ":");
    if (HasUserName(link.target)) add("link-user-name", kUserName, "a name before the host:");
    if (HasRecipientBehindHash(link.target)) {
      add("link-recipient", kRecipient, "hands a mail address to a script of the page:");
    }
    if (IsEncodedAddress(host))
      return add("link-to-address", kEncodedAddress, "encoded IP address");
    if (IsIpLiteral(host) && !IsPrivateAddress(host))
      return add("link-to-address", kAddress, "an IP address");
    if (IsShortener(host)) return add("link-shortener", kShortener, "shortened:");
    if (IsFreeHosting(host)) return add("link-free-hosting", kFreeHosting, "anybody's hosting:");
    if (IsCheapSuffix(host)) return add("link-cheap-suffix", kCheapSuffix, "a cheap domain:");
  }
};

}  // namespace

std::unique_ptr<Detector> NewRiskyLinkDetector() { return std::make_unique<RiskyLinkDetector>(); }

}  // namespace clawback
