// SPDX-License-Identifier: Apache-2.0
// What an operator or a tenant lists: hosts that no wanted link leads to, and domains
// that were first seen lately. A name counts with everything below it. Listed files are
// looked for where attachments are opened (dangerous_attachment.cc).
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
constexpr double kBlocked = 0.6;  // SUSPICIOUS by itself, MALICIOUS beside other deceit
constexpr double kNew = 0.2;      // every honest domain was new once
constexpr std::size_t kHosts = 300;
constexpr int kLabels = 12;

bool Any(const std::vector<JudgeLists>& lists, ListKind kind) {
  for (const JudgeLists& each : lists) {
    if (each.index.Count(kind) > 0) return true;
  }
  return false;
}

// The listed name that host is or lies below; empty: none.
std::string ListedName(const std::vector<JudgeLists>& lists, ListKind kind,
                       const std::string& host) {
  const std::string ascii = LowerAscii(AsciiHost(DecodePercent(host)));
  std::string_view name = ascii;
  for (int labels = 0; labels < kLabels && name.find('.') != std::string_view::npos; ++labels) {
    const ListKey key = ListKeyOf(name);
    for (const JudgeLists& each : lists) {
      if (each.index.Holds(kind, key)) return std::string(name);
    }
    name.remove_prefix(name.find('.') + 1);
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
    std::set<std::string> seen;
    for (const Link& link : message.links) {
      if (seen.size() >= kHosts) return;
      const std::string target(link.target.substr(0, 4096));
      const std::string unwrapped = HostOf(UnwrapLink(target).target);
      for (const std::string& host : {HostOf(target), unwrapped}) {
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
      const std::string listed = ListedName(context.lists, ListKind::kNewDomains, domain);
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
