// SPDX-License-Identifier: Apache-2.0
// Whether the sender's own fields agree: where answers go, which address the display
// name shows, and a name written so that the address behind it is not seen.
#include <algorithm>
#include <string>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/known_hosts.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"reply-to-free-mailbox", "name-shows-address",
                                         "name-padded",           "sender-is-no-address",
                                         "several-senders",       "sender-cheap-suffix"};
constexpr double kReply = 0.35;
constexpr double kShown = 0.35;
constexpr double kShownAnswered = 0.2;  // services send for others, and answers go to these
constexpr double kPadded = 0.3;
constexpr double kNoAddress = 0.3;
constexpr double kSeveral = 0.3;
constexpr double kCheapSuffix = 0.25;  // small shops have them too

std::string Shown(const Address& from) {
  return "\"" + std::string(CutUtf8(from.display_name, 120)) + "\" <" +
         std::string(CutUtf8(from.address, 120)) + ">";
}

// Domain of an address inside of a display name; empty: there is none.
std::string AddressIn(std::string_view name) {
  const std::size_t at = name.find('@');
  if (at == std::string_view::npos || at == 0) return {};
  const std::string domain = LowerAscii(name.substr(at + 1));
  const std::size_t end = domain.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-");
  std::string host = domain.substr(0, end);
  while (!host.empty() && host.back() == '.') host.pop_back();
  return HasKnownSuffix(host) ? host : std::string();
}

// Runs of blanks, or a tail of them with marks: what a name is stretched with.
bool IsPadded(std::string_view raw) {
  const std::size_t end = raw.find('<');
  std::string_view name = raw.substr(0, end);
  if (end == std::string_view::npos || Trim(name).empty()) return false;
  const std::size_t tail = name.find_last_not_of(" \t\"");
  const bool marks =
      tail != std::string_view::npos && tail + 1 >= 2 && (name[tail] == ',' || name[tail] == '_');
  return marks || Trim(name).find("   ") != std::string_view::npos;
}

class SenderRelationsDetector : public Detector {
 public:
  std::string_view name() const override { return "sender-relations"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    const auto header = message.Header("From");
    if (!header || Trim(*header).empty()) return;
    if (IsPadded(*header)) {
      findings->push_back({"name-padded", Indication::kSpam, kPadded,
                           "is stretched: " + std::string(CutUtf8(*header, 160)),
                           PlaceOfField("From")});
    }
    if (message.from.empty() || DomainOf(message.from.front().address).empty()) {
      findings->push_back({"sender-is-no-address", Indication::kSpam, kNoAddress,
                           "holds no address: " + std::string(CutUtf8(*header, 160)),
                           PlaceOfField("From")});
      return;
    }
    if (message.from.size() > 1 && !message.Header("Sender")) {
      findings->push_back(
          {"several-senders", Indication::kSpam, kSeveral,
           "holds " + std::to_string(message.from.size()) + " addresses and no Sender says which",
           PlaceOfField("From")});
    }
    ReplyTo(message, findings);
    ShownAddress(message, findings);
    CheapSuffix(message.from.front(), context.tenant, findings);
  }

 private:
  static void ReplyTo(const Message& message, std::vector<Finding>* findings) {
    if (message.reply_to.empty()) return;
    const Address& from = message.from.front();
    const Address& reply = message.reply_to.front();
    const std::string domain = DomainOf(reply.address);
    if (!IsFreeMailbox(domain) || reply.address == from.address) return;
    // The owner of a mailbox may well have another one at the same provider's; what a
    // list of people sends is answered by one of them.
    if (domain == DomainOf(from.address) || message.Header("List-Post")) return;
    findings->push_back(
        {"reply-to-free-mailbox", Indication::kPhishing, kReply,
         Shown(from) + " wants answers at " + std::string(CutUtf8(reply.address, 120)),
         PlaceOfField("Reply-To")});
  }

  static void CheapSuffix(const Address& from, const TenantProfile& tenant,
                          std::vector<Finding>* findings) {
    const std::string domain = DomainOf(from.address);
    const bool own = std::ranges::find(tenant.domains, domain) != tenant.domains.end();
    if (own || !IsCheapSuffix(domain)) return;
    findings->push_back(
        {"sender-cheap-suffix", Indication::kSpam, kCheapSuffix,
         "the sender's domain costs next to nothing: " + std::string(CutUtf8(domain, 120)),
         PlaceOfField("From")});
  }

  static void ShownAddress(const Message& message, std::vector<Finding>* findings) {
    const Address& from = message.from.front();
    const std::string shown = AddressIn(from.display_name);
    if (shown.empty()) return;
    if (OrganisationalDomain(shown) == OrganisationalDomain(DomainOf(from.address))) return;
    if (LowerAscii(from.display_name).find(" via ") != std::string::npos) return;
    const bool answered = !message.reply_to.empty() &&
                          DomainOf(message.reply_to.front().address) == shown &&
                          !IsFreeMailbox(shown);
    findings->push_back({"name-shows-address", Indication::kPhishing,
                         answered ? kShownAnswered : kShown, Shown(from) + " shows another address",
                         PlaceOfField("From")});
  }
};

}  // namespace

std::unique_ptr<Detector> NewSenderRelationsDetector() {
  return std::make_unique<SenderRelationsDetector>();
}

}  // namespace clawback
