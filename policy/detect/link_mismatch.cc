// SPDX-License-Identifier: Apache-2.0
// Links whose text is the address of another organisation than the one they go to.
// Mass mailers send every link through a host of their own, so that alone weighs little.
#include <set>
#include <string>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"link-text-mismatch", "link-text-names-tenant",
                                         "link-text-hides-address"};
constexpr double kOther = 0.2;
constexpr double kTenant = 0.4;   // shows the tenant's own domain, goes elsewhere
constexpr double kAddress = 0.4;  // goes to a bare IP address

std::string Quoted(std::string_view text) { return "\"" + std::string(CutUtf8(text, 120)) + "\""; }

// The host that a link's text shows, where the text is an address and nothing else.
std::string HostShown(std::string_view text) {
  text = Trim(text);
  if (text.empty() || text.size() > 2048) return {};
  if (text.find_first_of(" \t\r\n@") != std::string_view::npos) return {};
  std::string host = HostOf(text);
  if (host.empty()) {
    // A bare name, in small letters: "ASP.NET" is no address.
    host = std::string(text.substr(0, text.find_first_of("/?#")));
    if (host != LowerAscii(host)) return {};
  }
  const bool plain =
      host.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-") == std::string::npos;
  return plain && host.find('.') != std::string::npos && HasKnownSuffix(host) ? host
                                                                              : std::string();
}

class LinkMismatchDetector : public Detector {
 public:
  std::string_view name() const override { return "link-mismatch"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    const std::set<std::string> own = SendersOwn(message);
    std::size_t seen = 0;
    for (const Link& link : message.links) {
      if (link.text.empty()) continue;
      if (++seen > kLinks) return;
      Judge(message, link, own, context.tenant, findings);
    }
  }

 private:
  static constexpr std::size_t kLinks = 2'000;  // that have a text

  // Where the sender's own mailer may send links through.
  static std::set<std::string> SendersOwn(const Message& message) {
    std::set<std::string> own;
    for (const Address& from : message.from) {
      own.insert(OrganisationalDomain(DomainOf(from.address)));
    }
    const std::string_view list = message.Header("List-Unsubscribe").value_or("");
    for (std::size_t at = list.find('<'); at != std::string_view::npos;
         at = list.find('<', at + 1)) {
      const std::string_view url = list.substr(at + 1, list.find('>', at) - at - 1);
      const std::string host = HostOf(url);
      own.insert(OrganisationalDomain(host.empty() ? DomainOf(url) : host));
    }
    return own;
  }

  static bool Names(const TenantProfile& tenant, const std::string& organisation) {
    for (const std::string& domain : tenant.domains) {
      if (OrganisationalDomain(domain) == organisation) return true;
    }
    return false;
  }

  static void Judge(const Message& message, const Link& link, const std::set<std::string>& own,
                    const TenantProfile& tenant, std::vector<Finding>* findings) {
    const std::string shown = HostShown(link.text);
    const std::string target = HostOf(link.target);
    if (shown.empty() || target.empty()) return;
    const std::string organisation = OrganisationalDomain(shown);
    const std::string goes_to = OrganisationalDomain(target);
    if (organisation == goes_to || own.count(goes_to) != 0) return;
    // A redirector that names where it leads, as link rewriters of mail filters do.
    const std::string path = LowerAscii(link.target);
    if (path.find(organisation, path.find(target) + target.size()) != std::string::npos) return;
    const auto add = [&](std::string_view reason, double weight) {
      findings->push_back({std::string(reason), Indication::kPhishing, weight,
                           "the text " + Quoted(link.text) + " goes to " + Quoted(target),
                           PlaceOfLink(message, link)});
    };
    if (IsIpLiteral(target)) return add("link-text-hides-address", kAddress);
    if (Names(tenant, organisation)) return add("link-text-names-tenant", kTenant);
    add("link-text-mismatch", kOther);
  }
};

}  // namespace

std::unique_ptr<Detector> NewLinkMismatchDetector() {
  return std::make_unique<LinkMismatchDetector>();
}

}  // namespace clawback
