// SPDX-License-Identifier: Apache-2.0
// Sender domains made to be taken for one of the tenant's own: letters that look alike,
// a letter more or less, a word added, another top-level domain, or the own name in
// front of another's. Short names have honest neighbours, so they are compared strictly.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "policy/base/text.h"
#include "policy/detect/bait_words.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"lookalike-domain",     "lookalike-other-suffix",
                                         "lookalike-added-word", "lookalike-near-name",
                                         "lookalike-subdomain",  "lookalike-typing-error"};
constexpr double kConfusable = 0.8;
constexpr double kSubdomain = 0.7;
constexpr double kBaitWord = 0.6;
constexpr double kAddedWord = 0.3;
constexpr double kOtherSuffix = 0.4;  // namesakes under other suffixes are common
constexpr double kNear = 0.5;
constexpr double kNearShort = 0.3;
constexpr double kTyping = 0.4;  // of short names: likelier meant than a letter from anywhere

constexpr std::size_t kShortest = 4;   // below it only look-alike letters count
constexpr std::size_t kMiddling = 7;   // from here on one letter weighs fully
constexpr std::size_t kLong = 10;      // from here on two letters count
constexpr std::size_t kMaxLabel = 63;  // RFC 1035 2.3.4

std::u32string Letters(std::string_view utf8) {
  std::u32string letters;
  while (!utf8.empty()) {
    const Character next = FirstCharacter(utf8);
    letters += next.code;
    utf8.remove_prefix(std::max<std::size_t>(next.bytes, 1));
  }
  return letters;
}

// Damerau-Levenshtein with adjacent exchanges, of letters; labels are short.
std::size_t Distance(std::string_view label, std::string_view name) {
  const std::u32string a = Letters(label), b = Letters(name);
  if (a.size() > kMaxLabel || b.size() > kMaxLabel) return kMaxLabel;
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), now(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    now[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t other = a[i - 1] == b[j - 1] ? 0 : 1;
      now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + other});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        now[j] = std::min(now[j], before[j - 2] + 1);
      }
    }
    before.swap(last);
    last.swap(now);
  }
  return last[b.size()];
}

std::string WithoutHyphens(std::string_view label) {
  std::string out;
  std::copy_if(label.begin(), label.end(), std::back_inserter(out),
               [](char c) { return c != '-'; });
  return out;
}

// Whether two keys lie beside each other, on the rows of a QWERTY keyboard or one row
// down. QWERTZ and AZERTY differ in few keys.
bool AreNeighbours(char a, char b) {
  constexpr std::array<std::string_view, 4> kRows = {"1234567890-", "qwertyuiop", "asdfghjkl",
                                                     "zxcvbnm"};
  const auto place = [&](char c) {
    for (std::size_t row = 0; row < kRows.size(); ++row) {
      const std::size_t column = kRows[row].find(c);
      if (column != std::string_view::npos) {
        return std::pair(static_cast<int>(row), static_cast<int>(column));
      }
    }
    return std::pair(-9, -9);
  };
  const auto [row_a, column_a] = place(a);
  const auto [row_b, column_b] = place(b);
  if (row_a < 0 || row_b < 0 || a == b) return false;
  if (row_a == row_b) return std::abs(column_a - column_b) == 1;
  // A lower row stands half a key to the right.
  const int down = row_b - row_a;
  const int right = column_b - column_a;
  return (down == 1 && (right == 0 || right == -1)) || (down == -1 && (right == 0 || right == 1));
}

// One letter that its neighbour on the keyboard stands for, or that stands twice.
bool IsTypingError(std::string_view label, std::string_view name) {
  const std::size_t same = static_cast<std::size_t>(
      std::mismatch(name.begin(), name.end(), label.begin(), label.end()).first - name.begin());
  if (label.size() == name.size()) {
    return same < name.size() && AreNeighbours(label[same], name[same]) &&
           label.substr(same + 1) == name.substr(same + 1);
  }
  return label.size() == name.size() + 1 && same > 0 && label[same] == name[same - 1] &&
         label.substr(same + 1) == name.substr(same);
}

struct Likeness {
  std::string_view reason;
  double weight = 0;
};

// What stands beside name in label, where one begins or ends with the other.
Likeness AddedWord(std::string_view label, std::string_view name) {
  if (name.size() < kShortest || label.size() <= name.size()) return {};
  std::string_view word;
  if (label.substr(0, name.size()) == name) {
    word = label.substr(name.size());
  } else if (label.substr(label.size() - name.size()) == name) {
    word = label.substr(0, label.size() - name.size());
  }
  const bool hyphen = !word.empty() && (word.front() == '-' || word.back() == '-');
  const std::size_t begin = word.find_first_not_of('-');
  if (begin == std::string_view::npos) return {};
  word = word.substr(begin, word.find_last_not_of('-') - begin + 1);
  if (IsBaitWord(word)) return {"lookalike-added-word", kBaitWord};
  if (hyphen && name.size() >= kMiddling) return {"lookalike-added-word", kAddedWord};
  return {};
}

Likeness NearName(std::string_view label, std::string_view name) {
  if (name.size() <= kShortest) return {};
  // From kMiddling letters on any letter weighs more than this.
  if (name.size() < kMiddling && IsTypingError(label, name)) {
    return {"lookalike-typing-error", kTyping};
  }
  // With a hyphen more or less, too.
  const std::size_t distance =
      std::min(Distance(label, name), Distance(WithoutHyphens(label), WithoutHyphens(name)));
  if (distance <= 1) return {"lookalike-near-name", name.size() >= kMiddling ? kNear : kNearShort};
  if (distance == 2 && name.size() >= kLong) return {"lookalike-near-name", kNearShort};
  return {};
}

// One of the tenant's domains, prepared for comparing.
struct OwnName {
  std::string domain, organisation, label, looks;
};

Likeness Compare(const std::string& host, const std::string& organisation, const OwnName& own) {
  // "contoso.example.evil.test", also with hyphens for dots.
  if (host.size() > own.domain.size() && host.find('.' + own.domain + '.') != std::string::npos) {
    return {"lookalike-subdomain", kSubdomain};
  }
  if (host.rfind(own.domain + '.', 0) == 0) return {"lookalike-subdomain", kSubdomain};
  const std::string label = FirstLabel(organisation);
  if (label == own.label) {
    return label.size() > kShortest ? Likeness{"lookalike-other-suffix", kOtherSuffix} : Likeness{};
  }
  if (own.label.size() >= 3 && LooksLike(label) == own.looks) {
    return {"lookalike-domain", kConfusable};
  }
  const Likeness added = AddedWord(label, own.label);
  return added.weight > 0 ? added : NearName(label, own.label);
}

class LookalikeDomainDetector : public Detector {
 public:
  std::string_view name() const override { return "lookalike-domain"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    const std::vector<OwnName> own = OwnNames(context.tenant);
    if (own.empty()) return;
    std::set<std::string> seen;
    const auto judge = [&](std::string_view field, const std::string& domain) {
      // An international name may come in both of its forms.
      const std::string form =
          FirstLabel(domain) + domain.substr(std::min(domain.find('.'), domain.size()));
      if (domain.empty() || seen.size() >= kDomains || !seen.insert(form).second) return;
      Judge(field, domain, own, findings);
    };
    for (const Address& address : message.from) judge("From", DomainOf(address.address));
    for (const Address& address : message.reply_to) judge("Reply-To", DomainOf(address.address));
    judge("", DomainOf(context.envelope_sender));
  }

 private:
  static constexpr std::size_t kDomains = 20;  // more senders than that have other findings

  static std::vector<OwnName> OwnNames(const TenantProfile& tenant) {
    std::vector<OwnName> own;
    const auto add = [&](const std::string& domain) {
      const std::string organisation = OrganisationalDomain(domain);
      const std::string label = FirstLabel(organisation);
      own.push_back({domain, organisation, label, LooksLike(label)});
    };
    for (const std::string& domain : tenant.domains) add(domain);
    for (const TenantBrand& brand : tenant.brands) {
      for (const std::string& domain : brand.domains) add(domain);
    }
    return own;
  }

  // field: none for the envelope's sender.
  static void Judge(std::string_view field, const std::string& host,
                    const std::vector<OwnName>& own, std::vector<Finding>* findings) {
    const std::string organisation = OrganisationalDomain(host);
    // Every tenant has a name there, which its own mail may bear.
    if (organisation == "onmicrosoft.com") return;
    Likeness strongest;
    const OwnName* like = nullptr;
    for (const OwnName& name : own) {
      if (organisation == name.organisation) return;
      const Likeness likeness = Compare(host, organisation, name);
      if (likeness.weight <= strongest.weight) continue;
      strongest = likeness;
      like = &name;
    }
    if (like == nullptr) return;
    findings->push_back(
        {std::string(strongest.reason), Indication::kPhishing, strongest.weight,
         "the domain " + std::string(CutUtf8(host, 200)) + " is like " + like->domain,
         field.empty() ? std::string(kEnvelopePlace) : PlaceOfField(field)});
  }
};

}  // namespace

std::unique_ptr<Detector> NewLookalikeDomainDetector() {
  return std::make_unique<LookalikeDomainDetector>();
}

}  // namespace clawback
