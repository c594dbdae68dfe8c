// SPDX-License-Identifier: Apache-2.0
// Short letters with nothing in them to click on or to open, which want gift cards, other
// bank details, a payment or records of employees, or first of all an answer. Colleagues write such
// letters too, so that words alone do not suffice: who it is from has to be odd as well.
#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "policy/base/text.h"
#include "policy/detect/bec_phrases.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/internal_mail.h"
#include "policy/detect/known_hosts.h"
#include "policy/detect/phrase_runs.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"
#include "policy/message/parse/words.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"bec-request"};
constexpr double kAsked = 0.35;    // for money or records, with pressure or more than once
constexpr double kReached = 0.25;  // whether one is there, or records, with hardly a word else
constexpr double kOddSender = 0.15;
constexpr std::size_t kLongest = 2000;  // bytes: whoever explains more wants something else
constexpr std::size_t kShort = 350;
constexpr std::size_t kWords = 400;

using Phrases = std::array<std::set<std::string>, kBecPhrases>;

const std::set<std::string>& Of(const Phrases& found, BecPhrase kind) {
  return found[static_cast<std::size_t>(kind)];
}

Phrases PhrasesIn(const Message& message, std::string_view text) {
  Phrases found;
  const auto keep = [&](BecPhrase kind, std::string phrase) {
    found[static_cast<std::size_t>(kind)].insert(std::move(phrase));
  };
  std::vector<std::string> words = WordsOfText(CutUtf8(message.subject, 512), 40);
  ForEachPhrase(words, BecPhraseOf, keep);
  const std::size_t subject = words.size();
  std::ranges::move(WordsOfText(text, kWords), std::back_inserter(words));
  ForEachPhrase(std::span<const std::string>(words).subspan(subject), BecPhraseOf, keep);
  if (std::string change = ChangeOfAccount(words); !change.empty()) {
    keep(BecPhrase::kChange, std::move(change));
  }
  return found;
}

// The part that has all of them, with the subject.
std::string PlaceOf(const Message& message, std::string_view text, const Phrases& found) {
  return PlaceInText(message, text, [&](const MessagePart& part) {
    return PhrasesIn(message, message.TextOfPart(part)) == found;
  });
}

std::size_t Asked(const Phrases& found) {
  // What is said in words of one's own is as much as two phrases.
  std::size_t asked = 2 * Of(found, BecPhrase::kChange).size();
  for (const BecPhrase kind :
       {BecPhrase::kGiftCard, BecPhrase::kAccount, BecPhrase::kTransfer, BecPhrase::kRecords}) {
    asked += Of(found, kind).size();
  }
  return asked;
}

// At the desk, for a quick task, with the number of a telephone: it begins so.
bool Insists(const Phrases& found) { return Of(found, BecPhrase::kReached).size() >= 3; }

// 0: nothing of the kind.
double WeightOf(const Phrases& found, std::size_t length) {
  const bool pressed = !Of(found, BecPhrase::kPressure).empty();
  const bool reached = !Of(found, BecPhrase::kReached).empty();
  const std::size_t asked = Asked(found);
  if (asked >= 2 || (asked == 1 && (pressed || reached)) || Insists(found)) return kAsked;
  if (reached && (pressed || length <= kShort)) return kReached;
  if (!Of(found, BecPhrase::kRecords).empty() && length <= kShort) return kReached;
  return 0;
}

// Something to open or to click on makes it another kind of mail. Links of a signature go
// to the sender's own.
bool HasMore(const Message& message) {
  const std::string own = OrganisationalDomain(DomainOf(message.from.front().address));
  const auto elsewhere = [&](const Link& link) {
    const std::string host = HostOf(link.target);
    return !host.empty() && OrganisationalDomain(host) != own;
  };
  const auto attached = [](const MessagePart& part) {
    return part.attachment || (!part.file_name.empty() && part.type.rfind("image/", 0) != 0);
  };
  return std::any_of(message.links.begin(), message.links.end(), elsewhere) ||
         std::any_of(message.parts.begin(), message.parts.end(), attached);
}

bool IsListMail(const Message& message) {
  return message.Header("List-Id") || message.Header("List-Post") ||
         message.Header("List-Unsubscribe") || message.Header("Precedence");
}

// Friends at free mailboxes ask whether one is there, too, but neither press nor want money.
bool IsOdd(const Message& message, const Phrases& found) {
  const std::string domain = DomainOf(message.from.front().address);
  const bool friendly =
      Of(found, BecPhrase::kPressure).empty() && Asked(found) == 0 && !Insists(found);
  if (IsFreeMailbox(domain) && !friendly) return true;
  if (message.reply_to.empty()) return false;
  return OrganisationalDomain(DomainOf(message.reply_to.front().address)) !=
         OrganisationalDomain(domain);
}

class BecRequestDetector : public Detector {
 public:
  std::string_view name() const override { return "bec-requests"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    if (message.from.empty() || IsListMail(message) || IsInternal(message, context)) return;
    const std::string& text = message.html_text.empty() ? message.plain_text : message.html_text;
    if (text.size() > kLongest || HasMore(message)) return;
    const Phrases found = PhrasesIn(message, text);
    double weight = WeightOf(found, text.size());
    if (weight == 0) return;
    const bool odd = IsOdd(message, found);
    if (odd) weight += kOddSender;
    std::string evidence = odd ? "from where anybody may write, or to be answered elsewhere:" : "";
    for (const auto& phrases : found) {
      for (const std::string& phrase : phrases) evidence += " \"" + phrase + "\"";
    }
    findings->push_back({"bec-request", Indication::kPhishing, weight,
                         std::string(CutUtf8(Trim(evidence), 400)), PlaceOf(message, text, found)});
  }
};

}  // namespace

std::unique_ptr<Detector> NewBecRequestDetector() { return std::make_unique<BecRequestDetector>(); }

}  // namespace clawback
