// SPDX-License-Identifier: Apache-2.0
// What an operator or a tenant lists: hosts that no wanted link leads to, and domains
// that were first seen lately. A name counts with everything below it. Listed files are
// looked for where attachments are opened (dangerous_attachment.cc).
#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/detect/unwrap_link.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"blocked-host", "new-domain-sender", "new-domain-link"};
constexpr double kBlocked = 0.6;     // SUSPICIOUS by itself, MALICIOUS beside other deceit
constexpr double kNew = 0.2;         // every honest domain was new once
constexpr std::size_t kLabels = 12;  // more are looked up by their last ones, and whole

bool Any(const std::vector<JudgeLists>& lists, ListKind kind) {
  for (const JudgeLists& each : lists) {
    if (each.index.Count(kind) > 0) return true;
  }
  return false;
}

// Where the last kLabels labels of name begin.
std::size_t LastLabels(std::string_view name) {
  std::size_t begin = name.size();
  for (std::size_t labels = 0; labels < kLabels; ++labels) {
    const std::size_t dot = begin == 0 ? std::string_view::npos : name.rfind('.', begin - 1);
    if (dot == std::string_view::npos) return 0;
    begin = dot;
  }
  return begin + 1;
}

bool Holds(const std::vector<JudgeLists>& lists, ListKind kind, std::string_view name) {
  const ListKey key = ListKeyOf(name);
  return std::ranges::any_of(lists,
                             [&](const JudgeLists& each) { return each.index.Holds(kind, key); });
}

// The listed name that host is or lies below; empty: none. host is as the resolver is asked.
std::string ListedName(const std::vector<JudgeLists>& lists, ListKind kind,
                       const std::string& host) {
  std::string_view name = host;
  if (Holds(lists, kind, name)) return host;
  name.remove_prefix(LastLabels(name));
  for (; name.find('.') != std::string_view::npos; name.remove_prefix(name.find('.') + 1)) {
    if (Holds(lists, kind, name)) return std::string(name);
  }
  return {};
}

class ListedDetector : public Detector {
 public:
  std::string_view name() const override { return "listed"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    const bool any_new = Any(context.lists, ListKind::kNewDomains);
    if (!any_new && !Any(context.lists, ListKind::kBlockedHosts)) return;
    if (any_new) Senders(message, context, findings);
    std::set<std::string_view> targets;  // a link costs most to be unwrapped
    std::set<std::string> seen;
    for (const Link& link : message.links) {
      if (!targets.insert(link.target).second) continue;
      for (const std::string& host :
           {HostAsked(link.target), HostAsked(UnwrapLink(link.target).target)}) {
        if (!host.empty() && seen.insert(host).second)
          Judge(host, message, link, context.lists, findings);
      }
    }
  }

 private:
  static void Senders(const Message& message, const DetectionContext& context,
                      std::vector<Finding>* findings) {
    std::map<std::string, std::string_view> domains;  // and the field that each stands in
    for (const Address& from : message.from) domains.emplace(DomainOf(from.address), "From");
    for (const Address& to : message.reply_to) domains.emplace(DomainOf(to.address), "Reply-To");
    domains.emplace(DomainOf(context.envelope_sender), "");
    for (const auto& [domain, field] : domains) {
      const std::string listed =
          ListedName(context.lists, ListKind::kNewDomains, LowerAscii(AsciiHost(domain)));
      if (listed.empty()) continue;
      findings->push_back({"new-domain-sender", Indication::kPhishing, kNew,
                           "sender's domain " + std::string(CutUtf8(domain, 200)) +
                               " is listed as new: " + std::string(CutUtf8(listed, 200)),
                           field.empty() ? std::string(kEnvelopePlace) : PlaceOfField(field)});
    }
  }

  static void Judge(const std::string& host, const Message& message, const Link& link,
                    const std::vector<JudgeLists>& lists, std::vector<Finding>* findings) {
    const auto add = [&](ListKind kind, std::string_view reason, double weight) {
      if (!Any(lists, kind)) return;
      const std::string listed = ListedName(lists, kind, host);
      if (listed.empty()) return;
      findings->push_back({std::string(reason), Indication::kPhishing, weight,
                           "a link to " + std::string(CutUtf8(host, 200)) + ", listed in " +
                               std::string(ToString(kind)) + ": " +
                               std::string(CutUtf8(listed, 200)),
                           PlaceOfLink(message, link)});
    };
    add(ListKind::kBlockedHosts, "blocked-host", kBlocked);
    add(ListKind::kNewDomains, "new-domain-link", kNew);
  }
};

}  // namespace

std::unique_ptr<Detector> NewListedDetector() { return std::make_unique<ListedDetector>(); }

}  // namespace clawback
