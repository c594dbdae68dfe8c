// SPDX-License-Identifier: Apache-2.0
// Senders under the name of a well-known organisation whose domain is not that
// organisation's. Only the display name is read: whoever writes about a bank has its
// name in the text.
#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

#include "policy/base/text.h"
#include "policy/detect/bait_words.h"
#include "policy/detect/brands.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/file_name.h"
#include "policy/detect/known_hosts.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/message/parse/words.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"brand-name", "brand-name-free-mailbox", "brand-in-domain",
                                         "tenant-brand"};
constexpr double kBegins = 0.35;    // "PayPal Service"
constexpr double kSomewhere = 0.2;  // "Rewards for your PayPal card"
constexpr double kFreeMailbox = 0.5;
constexpr double kOneOfMany = 0.1;
constexpr double kInDomain = 0.2;      // "coinbase-cola.com"
constexpr double kWithBait = 0.3;      // "support-trustwallet.com"
constexpr double kTenantBegins = 0.5;  // the tenant's own customers are its senders' aim
constexpr double kTenantSomewhere = 0.3;

struct Found {
  const Brand* brand = nullptr;
  bool begins = false;
};

// The words of a brand, in a row.
Found BrandIn(const std::vector<std::string>& words) {
  for (std::size_t begin = 0; begin < words.size(); ++begin) {
    std::string run;
    for (std::size_t i = begin; i < std::min(begin + 3, words.size()); ++i) {
      run += (run.empty() ? "" : " ") + words[i];
      if (const Brand* brand = FindBrand(run)) return {brand, begin == 0};
    }
  }
  return {};
}

bool Owns(const Brand& brand, const std::string& domain) {
  // "amazon.de", "notifications.amazon.fr", "amazonses.com" is none of them.
  const std::string label = FirstLabel(OrganisationalDomain(domain));
  if (label == brand.label) return true;
  return std::any_of(brand.others.begin(), brand.others.end(), [&](std::string_view other) {
    const bool above =
        other.find('.') != std::string_view::npos && domain.ends_with('.' + std::string(other));
    return above || (!other.empty() && label == other);
  });
}

// "göttingen" as domains have it: "goettingen".
std::string WithoutUmlauts(std::string word) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kLetters = {
      {{"ä", "ae"}, {"ö", "oe"}, {"ü", "ue"}, {"ß", "ss"}}};
  for (const auto& [letter, letters] : kLetters) {
    for (std::size_t at = word.find(letter); at != std::string::npos; at = word.find(letter, at)) {
      word.replace(at, letter.size(), letters);
    }
  }
  return word;
}

// "Sparkasse Göttingen" from sparkasse-goettingen.de, "Kasseler Sparkasse" from
// kasseler-sparkasse.de: most likely one of the many, but who borrows the name can have such a
// domain too.
bool IsOneOfMany(const Brand& brand, const std::vector<std::string>& words,
                 const std::string& domain) {
  if (!brand.of_many || IsCheapSuffix(domain)) return false;
  const std::vector<std::string> label = WordsOfText(FirstLabel(OrganisationalDomain(domain)), 6);
  if (label.size() < 2) return false;
  const auto is_house = [&](const std::string& word) {
    return word == brand.label || std::ranges::find(brand.others, word) != brand.others.end();
  };
  const auto is_shown = [&](const std::string& place) {
    return std::ranges::any_of(words, [&](const std::string& word) {
      return WithoutUmlauts(word) == WithoutUmlauts(place);
    });
  };
  return std::ranges::any_of(label, is_house) && std::ranges::all_of(label, [&](const auto& word) {
           return is_house(word) || is_shown(word);
         });
}

// "Disney D23" from d23.com, "Amazon Benefits at Fidelity" from fidelity.com: who says its own
// name beside the other one pretends nothing.
bool NamesItself(const std::vector<std::string>& words, const std::string& domain) {
  const std::string own = FirstLabel(OrganisationalDomain(domain));
  constexpr std::size_t kShortest = 3;
  // Digits are folded in words, as WordsOfText does.
  const std::vector<std::string> label = WordsOfText(own, 2);
  return own.size() >= kShortest && label.size() == 1 &&
         std::find(words.begin(), words.end(), label.front()) != words.end();
}

// As they look to a reader.
std::vector<std::string> LooksOf(std::string_view name) { return WordsOfText(LooksLike(name), 12); }

bool IsAt(const TenantBrand& brand, const std::string& domain) {
  const std::string organisation = OrganisationalDomain(domain);
  return std::any_of(brand.domains.begin(), brand.domains.end(), [&](const std::string& own) {
    return OrganisationalDomain(own) == organisation;
  });
}

std::string NotFrom(const Address& from, std::string_view brand, const std::string& domain) {
  std::string evidence = Quoted(from.display_name);
  evidence.append(" is not from a domain of ").append(brand);
  return evidence.append(": ").append(CutUtf8(domain, 120));
}

// "... via LIST", "... (via AMAZON)".
bool IsOnBehalf(const Address& from) {
  const std::string shown = LowerAscii(from.display_name);
  return shown.find(" via ") != std::string::npos || shown.find("(via ") != std::string::npos;
}

// One of the tenant's own brands, from neither the brand's domains nor the tenant's.
void TenantBrands(const Address& from, const std::string& domain, const TenantProfile& tenant,
                  std::vector<Finding>* findings) {
  if (IsOnBehalf(from)) return;
  const std::vector<std::string> shown = LooksOf(CutUtf8(from.display_name, 256));
  for (const TenantBrand& brand : tenant.brands) {
    const std::vector<std::string> name = LooksOf(brand.name);
    if (name.empty() || IsAt(brand, domain)) continue;
    const auto at = std::search(shown.begin(), shown.end(), name.begin(), name.end());
    if (at == shown.end()) continue;
    findings->push_back({"tenant-brand", Indication::kPhishing,
                         at == shown.begin() ? kTenantBegins : kTenantSomewhere,
                         NotFrom(from, brand.name, domain), PlaceOfField("From")});
    return;
  }
}

// From the brand that the name bears; whether it does.
bool BrandInName(const Address& from, const std::string& domain, std::vector<Finding>* findings) {
  if (IsOnBehalf(from)) return false;
  const std::vector<std::string> words = WordsOfText(CutUtf8(from.display_name, 256), 12);
  const Found found = BrandIn(words);
  if (found.brand == nullptr || Owns(*found.brand, domain) || NamesItself(words, domain)) {
    return false;
  }
  const bool one = IsOneOfMany(*found.brand, words, domain);
  const bool begins = found.begins && !IsSendingPlatform(domain);
  const bool free = found.begins && IsFreeMailbox(domain);
  findings->push_back({free ? "brand-name-free-mailbox" : "brand-name", Indication::kPhishing,
                       free     ? kFreeMailbox
                       : one    ? kOneOfMany
                       : begins ? kBegins
                                : kSomewhere,
                       NotFrom(from, found.brand->name, domain), PlaceOfField("From")});
  return true;
}

// "fedex-shipdocs.com": a brand among the words of a domain that is not the brand's. Names of
// many houses, and short ones without a word of bait, are left to the display name; where that
// has told of the brand, it tells less.
void BrandInDomain(const std::string& domain, bool named, std::vector<Finding>* findings) {
  constexpr std::size_t kShortest = 5;
  const std::vector<std::string> words = WordsOfText(FirstLabel(OrganisationalDomain(domain)), 6);
  if (words.size() < 2) return;
  const bool bait = std::ranges::any_of(words, IsBaitWord);
  if (named && !bait) return;
  for (const std::string& word : words) {
    const Brand* brand = FindBrand(word);
    if (brand == nullptr || brand->of_many || IsBaitWord(word) || Owns(*brand, domain)) continue;
    if (!bait && word.size() < kShortest) continue;
    findings->push_back(
        {"brand-in-domain", Indication::kPhishing, bait && !named ? kWithBait : kInDomain,
         std::string(CutUtf8(domain, 120)).append(" is no domain of ").append(brand->name),
         PlaceOfField("From")});
    return;
  }
}

class BrandNamesDetector : public Detector {
 public:
  std::string_view name() const override { return "brand-names"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    if (message.from.empty()) return;
    const Address& from = message.from.front();
    const std::string domain = DomainOf(from.address);
    const auto& own = context.tenant.domains;
    if (domain.empty() || std::ranges::find(own, domain) != own.end()) return;
    TenantBrands(from, domain, context.tenant, findings);
    BrandInDomain(domain, BrandInName(from, domain, findings), findings);
  }
};

}  // namespace

std::unique_ptr<Detector> NewBrandNamesDetector() { return std::make_unique<BrandNamesDetector>(); }

}  // namespace clawback
