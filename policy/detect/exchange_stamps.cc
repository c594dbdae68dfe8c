// SPDX-License-Identifier: Apache-2.0
// What Exchange Online found out about the sender and made of the message at its
// front door ("Anti-spam message headers in Microsoft 365"). Believed only over a
// proven channel: without it anybody could have written the same lines.
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "policy/detect/detector.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {
    "exchange-malware",     "exchange-phishing", "exchange-impersonation",
    "exchange-spoof",       "exchange-spam",     "exchange-bulk",
    "sender-not-authentic", "sender-policy",     "exchange-skipped-filtering"};

struct CategoryMeaning {
  std::string_view category, reason;
  Indication indication;
  double weight;
};

// CAT. High confidence phishing stands in two spellings. DIMP, UIMP and GIMP are
// impersonation of a protected domain, a protected user and of a known contact.
constexpr CategoryMeaning kCategories[] = {
    {"MALW", "exchange-malware", Indication::kMalware, 0.95},
    {"AMP", "exchange-malware", Indication::kMalware, 0.95},
    {"HPHSH", "exchange-phishing", Indication::kPhishing, 0.95},
    {"HPHISH", "exchange-phishing", Indication::kPhishing, 0.95},
    {"PHSH", "exchange-phishing", Indication::kPhishing, 0.7},
    {"DIMP", "exchange-impersonation", Indication::kPhishing, 0.6},
    {"UIMP", "exchange-impersonation", Indication::kPhishing, 0.6},
    {"GIMP", "exchange-impersonation", Indication::kPhishing, 0.5},
    {"SPOOF", "exchange-spoof", Indication::kSpoof, 0.8},
    {"HSPM", "exchange-spam", Indication::kSpam, 0.9},
    {"SPM", "exchange-spam", Indication::kSpam, 0.7},
    {"BULK", "exchange-bulk", Indication::kBulk, 0.7},
};

constexpr std::string_view kReport = "X-Forefront-Antispam-Report";
constexpr std::string_view kOwnLevel = "X-MS-Exchange-Organization-SCL";
constexpr std::string_view kResults = "Authentication-Results";
constexpr std::string_view kOwnSum = "X-MS-Exchange-Organization-CompAuthRes";

constexpr int kSpamLevel = 5;  // SCL 5, 6 spam; 9 high confidence
constexpr int kSureSpamLevel = 9;
constexpr int kBulkLevel = 7;  // Exchange's own default threshold

std::optional<int> NumberIn(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

class ExchangeStampsDetector : public Detector {
 public:
  std::string_view name() const override { return "exchange-stamps"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    if (context.trust != ChannelTrust::kProven) return;
    const ExchangeStamps& stamps = message.stamps;
    Category(stamps, findings);
    SpamLevel(message, findings);
    BulkLevel(stamps, findings);
    Authentication(stamps, findings);
    Skipped(stamps, findings);
  }

 private:
  static void Add(std::vector<Finding>* findings, std::string_view reason, Indication indication,
                  double weight, std::string evidence, std::string_view field) {
    findings->push_back(
        {std::string(reason), indication, weight, std::move(evidence), PlaceOfField(field)});
  }

  static void Category(const ExchangeStamps& stamps, std::vector<Finding>* findings) {
    for (const CategoryMeaning& meaning : kCategories) {
      if (stamps.category != meaning.category) continue;
      Add(findings, meaning.reason, meaning.indication, meaning.weight, "CAT:" + stamps.category,
          kReport);
    }
  }

  // An allow list (SCL -1) and a pass are no findings.
  static void SpamLevel(const Message& message, std::vector<Finding>* findings) {
    const ExchangeStamps& stamps = message.stamps;
    const auto level = NumberIn(stamps.scl);
    if (!level || *level < kSpamLevel) return;
    Add(findings, "exchange-spam", Indication::kSpam, *level >= kSureSpamLevel ? 0.9 : 0.7,
        "SCL:" + stamps.scl +
            (stamps.filter_verdict.empty() ? "" : " SFV:" + stamps.filter_verdict),
        message.Header(kReport) ? kReport : kOwnLevel);
  }

  static void BulkLevel(const ExchangeStamps& stamps, std::vector<Finding>* findings) {
    const auto level = NumberIn(stamps.bcl);
    if (!level || *level < kBulkLevel) return;
    Add(findings, "exchange-bulk", Indication::kBulk, 0.7, "BCL:" + stamps.bcl,
        "X-Microsoft-Antispam");
  }

  // compauth is Exchange's own sum of SPF, DKIM, DMARC and what it knows besides. It
  // decides where it is there: DMARC alone fails for honest forwarders and lists.
  static void Authentication(const ExchangeStamps& stamps, std::vector<Finding>* findings) {
    const std::string evidence = "spf=" + stamps.spf + " dkim=" + stamps.dkim +
                                 " dmarc=" + stamps.dmarc + " compauth=" + stamps.compauth +
                                 " reason=" + stamps.compauth_reason +
                                 " header.from=" + stamps.header_from;
    const bool results = !(stamps.spf + stamps.dkim + stamps.dmarc).empty();
    const std::string_view field = results ? kResults : kOwnSum;
    if (stamps.compauth == "fail") {
      // 000: the sender's own DMARC policy; 010: our own domain; 6xx likewise; 002: an
      // administrator forbade the pair. 001 is a guess without a policy.
      const bool implicit = stamps.compauth_reason == "001";
      return Add(findings, "sender-not-authentic", Indication::kSpoof, implicit ? 0.5 : 0.8,
                 evidence, field);
    }
    const bool failed = stamps.dmarc == "fail" || stamps.spf == "fail" || stamps.dkim == "fail";
    if (failed && stamps.compauth != "pass") {
      Add(findings, "sender-policy", Indication::kInformation, 0, evidence, field);
    }
  }

  static void Skipped(const ExchangeStamps& stamps, std::vector<Finding>* findings) {
    for (const std::string_view skipped : {"SKN", "SKA", "SKI", "SKS", "SFE"}) {
      if (stamps.filter_verdict != skipped) continue;
      Add(findings, "exchange-skipped-filtering", Indication::kInformation, 0,
          "SFV:" + stamps.filter_verdict + " SCL:" + stamps.scl, kReport);
    }
  }
};

}  // namespace

std::unique_ptr<Detector> NewExchangeStampsDetector() {
  return std::make_unique<ExchangeStampsDetector>();
}

}  // namespace clawback
