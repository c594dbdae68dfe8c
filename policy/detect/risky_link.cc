// SPDX-License-Identifier: Apache-2.0
// Where links lead: to places that cost nothing and say nothing of who is behind them,
// through other sites' redirects, or to no site at all. Each is common enough in wanted
// mail to weigh little alone.
#include <algorithm>
#include <array>
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
                                         "link-cheap-suffix", "link-recipient", "link-device-code"};
constexpr double kFreeHosting = 0.25;
constexpr double kHostingOfNewsletter = 0.15;  // forms, small shops and pages of links
constexpr double kShortener = 0.15;
constexpr double kRedirect = 0.35;
constexpr double kAddress = 0.35;
constexpr double kEncodedAddress = 0.6;  // no person writes an address as one number
constexpr double kScript = 0.45;
constexpr double kUserName = 0.4;
constexpr double kCheapSuffix = 0.25;
constexpr double kRecipient = 0.4;
constexpr double kDeviceLogin = 0.25;  // instructions for programs and devices have it too
constexpr double kDeviceCode = 0.5;    // and the code is the sender's

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
         DecodePercent(authority.substr(0, at)).find('.') != std::string::npos;
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

bool IsCapitalOrDigit(char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }
bool GoesOn(char c) { return (c >= 'a' && c <= 'z') || c == '_' || c == '-'; }

// Nine capitals and digits, as these codes are.
bool TellsDeviceCode(std::string_view text) {
  constexpr std::size_t kLength = 9;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at, digits = 0;
    for (; end < text.size() && IsCapitalOrDigit(text[end]); ++end) digits += text[end] <= '9';
    const bool whole = end == text.size() || !GoesOn(text[end]);
    const bool begins = at == 0 || !GoesOn(text[at - 1]);
    if (end - at == kLength && digits > 0 && digits < kLength && begins && whole) return true;
    at = end + 1;
  }
  return false;
}

// Where a code typed in lets in a device that somebody else holds.
bool TakesDeviceCode(std::string_view host, std::string_view url) {
  constexpr std::array<std::string_view, 6> kHosts = {
      "aka.ms",        "login.microsoft.com", "login.microsoftonline.com",
      "microsoft.com", "www.microsoft.com",   "login.live.com"};
  if (std::ranges::find(kHosts, host) == kHosts.end()) return false;
  const std::string address = LowerAscii(url.substr(0, 300));
  return address.find("/devicelogin") != std::string::npos ||
         address.find("/deviceauth") != std::string::npos;
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
      if (seen.size() >= kLinks) break;
      const auto [at, fresh] = seen.insert(std::string(link.target.substr(0, 4096)));
      if (fresh) Judge(*at, message, link, own, findings);
    }
    DeviceLogin(message, own, findings);
  }

 private:
  static constexpr std::size_t kLinks = 300;

  static void DeviceLogin(const Message& message, const std::string& own,
                          std::vector<Finding>* findings) {
    const auto takes = [&](const Link& link) {
      const std::string target = UnwrapLink(link.target).target;
      const std::string host = HostAsked(target);
      return TakesDeviceCode(host, target) && OrganisationalDomain(host) != own;
    };
    const auto link = std::find_if(message.links.begin(), message.links.end(), takes);
    if (link == message.links.end()) return;
    const bool code = TellsDeviceCode(message.SeenText()) || TellsDeviceCode(message.subject);
    findings->push_back({"link-device-code", Indication::kPhishing,
                         code ? kDeviceCode : kDeviceLogin,
                         std::string("lets in the device of whoever has the code") +
                             (code ? ", and one is told" : ""),
                         PlaceOfLink(message, *link)});
  }

  static void Judge(const std::string& url, const Message& message, const Link& from,
                    const std::string& own, std::vector<Finding>* findings) {
    const auto add = [&](std::string_view reason, double weight, std::string_view what) {
      findings->push_back({std::string(reason), Indication::kPhishing, weight,
                           std::string(what) + " \"" + std::string(CutUtf8(url, 160)) + "\"",
                           PlaceOfLink(message, from)});
    };
    if (IsScript(url)) return add("link-script", kScript, "the link is a script:");
    const UnwrappedLink link = UnwrapLink(url);
    const std::string host = HostAsked(link.target);
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
    if (IsShortened(host, link.target)) return add("link-shortener", kShortener, "shortened:");
    if (IsFreeHosting(host)) {
      const bool newsletter = message.Header("List-Unsubscribe-Post").has_value();
      return add("link-free-hosting", newsletter ? kHostingOfNewsletter : kFreeHosting,
                 "anybody's hosting:");
    }
    if (IsCheapSuffix(host)) return add("link-cheap-suffix", kCheapSuffix, "a cheap domain:");
  }
};

}  // namespace

std::unique_ptr<Detector> NewRiskyLinkDetector() { return std::make_unique<RiskyLinkDetector>(); }

}  // namespace clawback
