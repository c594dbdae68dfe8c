// SPDX-License-Identifier: Apache-2.0
// Newsletters and marketing as their senders mark them. Discussion lists carry the same
// fields and one more, the address that everybody writes to: they are no bulk mail.
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

constexpr std::string_view kReasons[] = {"bulk-unsubscribe", "bulk-precedence", "bulk-platform",
                                         "bulk-link"};
constexpr double kUnsubscribe = 0.4;
constexpr double kOneClick = 0.5;  // RFC 8058: made for mass mail
constexpr double kPrecedence = 0.3;
constexpr double kPlatform = 0.3;
constexpr double kLink = 0.3;

bool IsDiscussion(const Message& message) {
  for (const char* field : {"List-Post", "X-Mailman-Version", "Mailing-List", "X-BeenThere"}) {
    if (message.Header(field)) return true;
  }
  const std::string precedence = LowerAscii(message.Header("Precedence").value_or(""));
  return precedence == "list" || message.Header("In-Reply-To").has_value();
}

// A link that takes its reader off the list, by its text or its path.
bool IsUnsubscribe(const Link& link) {
  const std::string text = LowerAscii(std::string_view(link.text).substr(0, 200)) + ' ' +
                           LowerAscii(std::string_view(link.target).substr(0, 1000));
  for (const std::string_view word : {"unsubscribe",
                                      "opt-out",
                                      "optout",
                                      "manage preferences",
                                      "email preferences",
                                      "abmelden",
                                      "abbestellen",
                                      "désabonner",
                                      "desabonner",
                                      "désinscrire",
                                      "afmelden",
                                      "uitschrijven",
                                      "cancelar inscri",
                                      "descadastr",
                                      "darse de baja",
                                      "cancelar suscrip",
                                      "disiscriv",
                                      "annulla iscrizione",
                                      "wypisz",
                                      "avregistrera"}) {
    if (text.find(word) != std::string::npos) return true;
  }
  return false;
}

class BulkMailDetector : public Detector {
 public:
  std::string_view name() const override { return "bulk-mail"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    if (IsDiscussion(message)) return;
    const auto add = [&](std::string_view reason, double weight, std::string_view what,
                         std::string_view field) {
      findings->push_back(
          {std::string(reason), Indication::kBulk, weight, std::string(what), PlaceOfField(field)});
    };
    if (message.Header("List-Unsubscribe-Post")) {
      add("bulk-unsubscribe", kOneClick, "unsubscribes by one click", "List-Unsubscribe-Post");
    } else if (message.Header("List-Unsubscribe")) {
      add("bulk-unsubscribe", kUnsubscribe, "tells how to unsubscribe", "List-Unsubscribe");
    }
    const std::string precedence = LowerAscii(message.Header("Precedence").value_or(""));
    if (precedence == "bulk" || precedence == "junk") {
      add("bulk-precedence", kPrecedence, precedence, "Precedence");
    }
    Platform(message, context, findings);
    Links(message, findings);
  }

 private:
  static void Platform(const Message& message, const DetectionContext& context,
                       std::vector<Finding>* findings) {
    std::string domain = DomainOf(context.envelope_sender);
    const bool enveloped = !domain.empty();
    if (!enveloped) domain = DomainOf(message.Header("Return-Path").value_or(""));
    if (IsSendingPlatform(domain)) {
      findings->push_back({"bulk-platform", Indication::kBulk, kPlatform, "sent through " + domain,
                           enveloped ? std::string(kEnvelopePlace) : PlaceOfField("Return-Path")});
    } else if (message.Header("Feedback-ID")) {
      findings->push_back({"bulk-platform", Indication::kBulk, kPlatform,
                           "reports of its readers are counted", PlaceOfField("Feedback-ID")});
    }
  }

  static void Links(const Message& message, std::vector<Finding>* findings) {
    constexpr std::size_t kLinks = 500;
    const std::size_t count = std::min(message.links.size(), kLinks);
    for (std::size_t i = 0; i < count; ++i) {
      if (!IsUnsubscribe(message.links[i])) continue;
      findings->push_back(
          {"bulk-link", Indication::kBulk, kLink,
           "a link to unsubscribe: \"" + std::string(CutUtf8(message.links[i].target, 160)) + "\"",
           PlaceOfLink(message, message.links[i])});
      return;
    }
  }
};

}  // namespace

std::unique_ptr<Detector> NewBulkMailDetector() { return std::make_unique<BulkMailDetector>(); }

}  // namespace clawback
