// SPDX-License-Identifier: Apache-2.0
// Answers to a conversation that never was: a subject that answers, or a quoted letter,
// and nothing in the header that it answers to. Old programs and lists send such mail
// too, so it counts only beside what these do not have: an address for answers that is
// elsewhere, a message id of another organisation, a quoted letter of the tenant's own
// people that a stranger sends.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/known_hosts.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"reply-to-nothing", "reply-quotes-own-people"};
constexpr double kNothing = 0.2;
constexpr double kOwnPeople = 0.3;
constexpr std::size_t kBytes = 16UL << 10;

// What programs write before the subject of an answer or of what is passed on.
constexpr std::array<std::string_view, 18> kAnswers = {
    "re:",  "re :", "re[",  "aw:", "antw:", "antwort:", "sv:",  "ref:", "rif:",
    "res:", "fw:",  "fwd:", "wg:", "tr:",   "rv:",      "enc:", "odp:", "vs:"};
// How a quoted letter begins.
constexpr std::array<std::string_view, 9> kQuotes = {
    "-----original message",        "---- original message",    "----- forwarded message",
    "-----ursprüngliche nachricht", "-----message d'origine",   "-----mensaje original",
    "-----mensagem original",       "-----messaggio originale", "-----oorspronkelijk bericht"};

bool Begins(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}

bool AnswersBySubject(const Message& message) {
  const std::string subject = LowerAscii(Trim(message.subject).substr(0, 40));
  return std::any_of(kAnswers.begin(), kAnswers.end(),
                     [&](std::string_view mark) { return Begins(subject, mark); });
}

// Where the quoted letter begins in text; npos: there is none.
std::size_t QuoteIn(const std::string& text) {
  std::size_t first = std::string::npos;
  for (const std::string_view mark : kQuotes) first = std::min(first, text.find(mark));
  return first;
}

bool HasThread(const Message& message) {
  for (const std::string_view name : {"In-Reply-To", "References", "Thread-Index"}) {
    if (message.Header(name)) return true;
  }
  return false;
}

// Lists, and what programs send: their answers are none of a person's.
bool IsPassedOn(const Message& message) {
  for (const std::string_view name :
       {"List-Id", "List-Post", "List-Unsubscribe", "Mailing-List", "X-Mailing-List", "X-BeenThere",
        "Precedence", "Auto-Submitted", "Resent-From", "Sender"}) {
    if (message.Header(name)) return true;
  }
  return false;
}

std::string OrganisationOf(std::string_view address) {
  return OrganisationalDomain(DomainOf(address));
}

bool AnswersGoElsewhere(const Message& message) {
  if (message.reply_to.empty()) return false;
  return OrganisationOf(message.reply_to.front().address) !=
         OrganisationOf(message.from.front().address);
}

// "<...@host>": most programs write the sender's own host or that of its provider there.
bool IdIsForeign(const Message& message) {
  const std::string_view id = Trim(message.message_id);
  if (id.size() < 3 || id.find('@') == std::string_view::npos) return true;
  const std::string host = DomainOf(id.substr(0, id.find_last_not_of("> \t") + 1));
  const std::string own = OrganisationOf(message.from.front().address);
  return OrganisationalDomain(host) != own && host.find('.') != std::string::npos &&
         !IsSendingPlatform(host);
}

class ConversationDetector : public Detector {
 public:
  std::string_view name() const override { return "conversation"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    if (message.from.empty() || HasThread(message) || IsPassedOn(message)) return;
    const std::string& whole = message.html_text.empty() ? message.plain_text : message.html_text;
    const std::string text = LowerAscii(CutUtf8(whole, kBytes));
    const std::size_t quote = QuoteIn(text);
    if (quote == std::string::npos && !AnswersBySubject(message)) return;
    Strangers(message, context.tenant, {whole, text, quote}, findings);
    if (!AnswersGoElsewhere(message) || !IdIsForeign(message)) return;
    findings->push_back({"reply-to-nothing", Indication::kPhishing, kNothing,
                         "\"" + std::string(CutUtf8(message.subject, 120)) +
                             "\" answers nothing, and answers to it go to " +
                             std::string(CutUtf8(message.reply_to.front().address, 120)),
                         Places(PlaceOfField("Subject"), PlaceOfField("Reply-To"))});
  }

 private:
  // A letter of one of ours, quoted by somebody whose answers go elsewhere or who writes
  // from where anybody may.
  struct Text {
    std::string_view whole, lower;  // of the message; its begin
    std::size_t quote;              // npos: there is none
  };
  static void Strangers(const Message& message, const TenantProfile& tenant, const Text& text,
                        std::vector<Finding>* findings) {
    const std::string sender = DomainOf(message.from.front().address);
    if (text.quote == std::string::npos || IsOwn(tenant, sender)) return;
    if (!IsFreeMailbox(sender) && !AnswersGoElsewhere(message)) return;
    for (const std::string& domain : tenant.domains) {
      const std::size_t at = text.lower.find('@' + domain, text.quote);
      if (at == std::string_view::npos) continue;
      findings->push_back({"reply-quotes-own-people", Indication::kPhishing, kOwnPeople,
                           "a letter of " + domain + " is quoted and was never answered by " +
                               std::string(CutUtf8(message.from.front().address, 160)),
                           PlaceInText(message, text.whole, at)});
      return;
    }
  }

  static bool IsOwn(const TenantProfile& tenant, const std::string& domain) {
    return std::find(tenant.domains.begin(), tenant.domains.end(), domain) != tenant.domains.end();
  }
};

}  // namespace

std::unique_ptr<Detector> NewConversationDetector() {
  return std::make_unique<ConversationDetector>();
}

}  // namespace clawback
