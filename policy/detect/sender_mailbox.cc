// SPDX-License-Identifier: Apache-2.0
// What the sender's address tells that no person chose: a mailbox typed at random, and the
// domain that a Microsoft 365 tenant is born with, which nobody needs a domain of his own for.
#include <algorithm>
#include <string>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"sender-random-mailbox", "sender-fallback-domain"};
constexpr double kRandom = 0.35;
constexpr double kRandomGroup = 0.45;  // a list has a name that its members know
constexpr double kFallback = 0.25;
constexpr std::string_view kFallbackSuffix = ".onmicrosoft.com";

bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }
bool IsVowel(char c) { return std::string_view("aeiouy").find(c) != std::string_view::npos; }

// How many letters the consonant at the front takes: "sch" and its like are one sound.
std::size_t ConsonantAt(std::string_view letters) {
  for (const std::string_view sound : {"sch", "tch", "ch", "sh", "ck", "th", "ph", "ts", "tz"}) {
    if (letters.substr(0, sound.size()) == sound) return sound.size();
  }
  return 1;
}

// Fingers run over the keys: hardly a vowel, or more consonants in a row than any language has.
bool IsTypedAtRandom(std::string_view letters) {
  constexpr std::size_t kShortest = 12;
  if (letters.size() < kShortest) return false;
  std::size_t vowels = 0, run = 0, runs = 0, longest = 0;
  for (std::size_t at = 0; at < letters.size();) {
    if (IsVowel(letters[at])) {
      ++vowels, ++at, run = 0;
      continue;
    }
    at += ConsonantAt(letters.substr(at));
    if (++run == 5) ++runs;
    longest = std::max(longest, run);
  }
  return runs >= 2 || longest >= 7 || vowels * 7 < letters.size();
}

// The name of the mailbox where it is nothing but such letters, with digits behind at most: what
// programs make up, to know the reader by his answer, has more in it.
std::string RandomName(std::string_view mailbox) {
  std::string name = LowerAscii(CutUtf8(mailbox.substr(0, mailbox.find('+')), 256));
  name.erase(name.find_last_not_of("0123456789") + 1);
  const bool letters = std::ranges::all_of(name, IsLetter);
  return letters && IsTypedAtRandom(name) ? name : std::string();
}

std::string_view MailboxOf(std::string_view address) {
  return address.substr(0, address.find('@'));
}

// The group that Google Groups sent for: "name+bncBD...@domain"; empty: it did not.
std::string_view GroupIn(std::string_view return_path) {
  std::string_view mailbox = MailboxOf(Trim(return_path));
  if (!mailbox.empty() && mailbox.front() == '<') mailbox.remove_prefix(1);
  const std::size_t mark = mailbox.find("+bnc");
  return mark == std::string_view::npos ? std::string_view() : mailbox.substr(0, mark);
}

// What servers write in a tenant's name comes from there.
bool IsServer(std::string_view mailbox) {
  const std::string lower = LowerAscii(mailbox);
  return lower == "postmaster" || lower == "mailer-daemon" ||
         lower.rfind("microsoftexchange", 0) == 0;
}

// The tenant's domains, and the one that it was born with if it has the name of these.
bool IsOwn(const TenantProfile& tenant, const std::string& domain) {
  return std::ranges::any_of(tenant.domains, [&](const std::string& own) {
    return domain == own || domain == FirstLabel(OrganisationalDomain(own)).append(kFallbackSuffix);
  });
}

class SenderMailboxDetector : public Detector {
 public:
  std::string_view name() const override { return "sender-mailbox"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    if (const auto path = message.Header("Return-Path")) {
      Random(GroupIn(*path), kRandomGroup, "a group named", "Return-Path", findings);
    }
    if (message.from.empty()) return;
    const std::string domain = DomainOf(message.from.front().address);
    if (IsOwn(context.tenant, domain)) return;
    const std::string_view mailbox = MailboxOf(message.from.front().address);
    Random(mailbox, kRandom, "a mailbox named", "From", findings);
    if (!domain.ends_with(kFallbackSuffix) || IsServer(mailbox)) return;
    findings->push_back({"sender-fallback-domain", Indication::kPhishing, kFallback,
                         "nobody's own domain: " + std::string(CutUtf8(domain, 120)),
                         PlaceOfField("From")});
  }

 private:
  static void Random(std::string_view mailbox, double weight, std::string_view what,
                     std::string_view field, std::vector<Finding>* findings) {
    const std::string random = RandomName(mailbox);
    if (random.empty()) return;
    findings->push_back({"sender-random-mailbox", Indication::kPhishing, weight,
                         std::string(what) + " \"" + random.substr(0, 80) + "\"",
                         PlaceOfField(field)});
  }
};

}  // namespace

std::unique_ptr<Detector> NewSenderMailboxDetector() {
  return std::make_unique<SenderMailboxDetector>();
}

}  // namespace clawback
