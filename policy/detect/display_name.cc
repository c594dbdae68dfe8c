// SPDX-License-Identifier: Apache-2.0
// Display names that borrow a person or a domain of the tenant: mail programs show the
// name and hide the address.
#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/message/parse/charset.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"display-name-person", "display-name-address",
                                         "display-name-domain"};
constexpr double kPerson = 0.6;
constexpr double kAddress = 0.6;
constexpr double kRelayed = 0.2;  // lists write "alice@contoso.example via LIST" themselves
constexpr double kDomain = 0.4;
constexpr std::size_t kShortestLabel = 5;
constexpr std::size_t kMaxName = 512;

// What an organisation calls the desks that may ask for anything.
constexpr std::array<std::string_view, 13> kDesks = {
    "it",      "hr",       "helpdesk", "support", "admin",         "administrator", "security",
    "payroll", "accounts", "billing",  "mailbox", "notifications", "service"};

bool Separates(char c) {
  return static_cast<unsigned char>(c) < 0x80 && std::isalnum(static_cast<unsigned char>(c)) == 0;
}

std::vector<std::string> WordsOf(std::string_view name) {
  const std::string folded = FoldForComparison(CutUtf8(name, kMaxName));
  std::vector<std::string> words;
  std::string word;
  for (const char c : folded) {
    if (!Separates(c)) {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// Equal for names that look alike, whatever the order of their words.
std::vector<std::string> LooksOf(std::vector<std::string> words) {
  for (std::string& word : words) word = LooksLike(word);
  std::sort(words.begin(), words.end());
  return words;
}

bool IsOwn(const TenantProfile& tenant, const std::string& address) {
  const std::string domain = DomainOf(address);
  return std::find(tenant.domains.begin(), tenant.domains.end(), domain) != tenant.domains.end();
}

class DisplayNameDetector : public Detector {
 public:
  std::string_view name() const override { return "display-name"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    const std::size_t count = std::min(message.from.size(), kSenders);
    for (std::size_t i = 0; i < count; ++i) {
      const Address& from = message.from[i];
      if (from.display_name.empty() || IsOwn(context.tenant, from.address)) continue;
      Person(from, context.tenant, findings);
      if (!ShownAddress(from, context.tenant, findings)) Domain(from, context.tenant, findings);
    }
  }

 private:
  static constexpr std::size_t kSenders = 20;

  static std::string Evidence(const Address& from, std::string_view says) {
    return "\"" + std::string(CutUtf8(from.display_name, 120)) + "\" <" +
           std::string(CutUtf8(from.address, 120)) + "> " + std::string(says);
  }

  static void Person(const Address& from, const TenantProfile& tenant,
                     std::vector<Finding>* findings) {
    const std::vector<std::string> shown = LooksOf(WordsOf(from.display_name));
    if (shown.size() < 2) return;  // first names are everybody's
    for (const clawback::Person& person : tenant.people) {
      const auto& known = person.addresses;
      if (LooksOf(WordsOf(person.name)) != shown) continue;
      if (std::find(known.begin(), known.end(), from.address) != known.end()) return;
      findings->push_back({"display-name-person", Indication::kPhishing, kPerson,
                           Evidence(from, "has the name of " + person.name), PlaceOfField("From")});
      return;
    }
  }

  static bool ShownAddress(const Address& from, const TenantProfile& tenant,
                           std::vector<Finding>* findings) {
    const std::string name = LowerAscii(from.display_name);
    for (const std::string& domain : tenant.domains) {
      const std::size_t at = name.find('@' + domain);
      if (at == std::string::npos || at == 0) continue;
      const std::size_t end = at + 1 + domain.size();
      if (end < name.size() && (std::isalnum(static_cast<unsigned char>(name[end])) != 0 ||
                                name[end] == '-' || name[end] == '.')) {
        continue;
      }
      const bool relayed = name.find(" via ", end) != std::string::npos;
      findings->push_back({"display-name-address", Indication::kPhishing,
                           relayed ? kRelayed : kAddress,
                           Evidence(from, "shows an address in " + domain), PlaceOfField("From")});
      return true;
    }
    return false;
  }

  // "Contoso IT Support", "contoso.example".
  static void Domain(const Address& from, const TenantProfile& tenant,
                     std::vector<Finding>* findings) {
    const std::vector<std::string> words = WordsOf(from.display_name);
    const bool desk = std::any_of(words.begin(), words.end(), [](const std::string& word) {
      return std::find(kDesks.begin(), kDesks.end(), word) != kDesks.end();
    });
    const std::string name = LowerAscii(from.display_name);
    const std::string sender = OrganisationalDomain(DomainOf(from.address));
    for (const std::string& domain : tenant.domains) {
      const std::string organisation = OrganisationalDomain(domain);
      if (organisation == sender) return;
      const std::string label = FirstLabel(organisation);
      const bool whole = Trim(name) == domain;
      // "Contoso.it" is a namesake's domain, and its "it" no desk.
      if (!whole && name.find(label + '.') != std::string::npos) continue;
      const bool named = label.size() >= kShortestLabel && desk &&
                         std::find(words.begin(), words.end(), label) != words.end();
      if (!whole && !named) continue;
      findings->push_back({"display-name-domain", Indication::kPhishing, kDomain,
                           Evidence(from, "gives itself out as " + domain), PlaceOfField("From")});
      return;
    }
  }
};

}  // namespace

std::unique_ptr<Detector> NewDisplayNameDetector() {
  return std::make_unique<DisplayNameDetector>();
}

}  // namespace clawback
