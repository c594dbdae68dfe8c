// SPDX-License-Identifier: Apache-2.0
// Mail from an organisation none of whose links goes to that organisation. People link
// to anything, but show the address; what has buttons and pictures to click on was made
// by somebody for their own site, or through a platform for sending mail.
#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/internal_mail.h"
#include "policy/detect/known_hosts.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/detect/unwrap_link.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"links-lead-elsewhere"};
constexpr double kElsewhere = 0.25;
constexpr double kOneElsewhere = 0.3;  // all to the same organisation
constexpr std::size_t kLinks = 300;

// "fidelity" and "fidelityinvestments": names of one house, most likely.
bool Related(const std::string& one, const std::string& other) {
  const std::string a = FirstLabel(one), b = FirstLabel(other);
  const std::string& shorter = a.size() < b.size() ? a : b;
  const std::string& longer = a.size() < b.size() ? b : a;
  return shorter.size() >= 3 && longer.find(shorter.substr(0, 12)) != std::string::npos;
}

// Services under whose domain each customer has a name: "contoso-my.sharepoint.com".
bool IsAtService(const std::string& host, const std::string& organisation, const std::string& own) {
  constexpr std::array<std::string_view, 12> kServices = {
      "atlassian.net",  "bamboohr.com", "force.com",      "myworkday.com",
      "okta.com",       "personio.de",  "salesforce.com", "service-now.com",
      "sharepoint.com", "site.com",     "slack.com",      "zendesk.com"};
  return std::ranges::find(kServices, organisation) != kServices.end() && Related(host, own);
}

bool ShowsAddress(const Link& link) {
  const std::string& text = link.text;
  return text.find("://") != std::string::npos || text.find('@') != std::string::npos ||
         (text.find('.') != std::string::npos && text.find(' ') == std::string::npos);
}

// Through a platform or a list, or in somebody's name: the links are then theirs.
bool SentByOthers(const Message& message, const DetectionContext& context) {
  std::string envelope = DomainOf(context.envelope_sender);
  if (envelope.empty()) envelope = DomainOf(message.Header("Return-Path").value_or(""));
  if (IsSendingPlatform(envelope) || message.Header("Feedback-ID")) return true;
  if (message.Header("List-Post")) return true;
  return LowerAscii(message.from.front().display_name).find("via ") != std::string::npos;
}

bool IsCommon(const std::string& host, const std::string& target) {
  return IsCommonSite(host) && !IsShortened(host, target);
}

class ForeignLinksDetector : public Detector {
 public:
  std::string_view name() const override { return "foreign-links"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    if (message.from.empty() || message.html_text.empty()) return;
    const std::string own = OrganisationalDomain(DomainOf(message.from.front().address));
    if (own.empty() || IsFreeMailbox(own) || IsSendingPlatform(own)) return;
    if (SentByOthers(message, context)) return;
    if (IsInternal(message, context) || IsInOwnName(message, context)) return;
    std::set<std::string> organisations;
    bool buttons = false;
    const Link* shown = nullptr;  // to the first of them
    const std::size_t count = std::min(message.links.size(), kLinks);
    for (std::size_t i = 0; i < count; ++i) {
      const Link& link = message.links[i];
      const std::string target = UnwrapLink(link.target).target;
      const std::string host = HostOf(target);
      if (host.empty()) continue;
      const std::string organisation = OrganisationalDomain(host);
      if (organisation == own || IsSendingPlatform(host) || Related(organisation, own)) return;
      if (IsAtService(host, organisation, own)) return;
      const auto [at, fresh] = organisations.insert(organisation);
      if (fresh && at == organisations.begin()) shown = &link;
      const auto part = static_cast<std::size_t>(link.part);
      const bool html = part < message.parts.size() && message.parts[part].type == "text/html";
      buttons = buttons || (html && !ShowsAddress(link) && !IsCommon(host, target));
    }
    if (!buttons) return;
    const bool one = organisations.size() == 1;
    findings->push_back(
        {"links-lead-elsewhere", Indication::kPhishing, one ? kOneElsewhere : kElsewhere,
         "the sender is in " + std::string(CutUtf8(own, 120)) + ", links go to " +
             std::string(CutUtf8(*organisations.begin(), 120)) + (one ? "" : " and others"),
         Places(PlaceOfField("From"), PlaceOfLink(message, *shown))});
  }
};

}  // namespace

std::unique_ptr<Detector> NewForeignLinksDetector() {
  return std::make_unique<ForeignLinksDetector>();
}

}  // namespace clawback
