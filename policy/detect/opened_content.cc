// SPDX-License-Identifier: Apache-2.0
// What was seen when PDF documents, pictures and invitations were opened.
#include <algorithm>
#include <string>

#include "policy/detect/archive_findings.h"
#include "policy/detect/detector.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"qr-code-link",       "calendar-link",
                                         "pdf-link",           "pdf-script",
                                         "pdf-script-reaches", "pdf-launch",
                                         "pdf-file",           "pdf-encrypted",
                                         "picture-unreadable", "pdf-encrypted-with-password",
                                         "pdf-for-text"};

constexpr double kQrCode = 0.25;       // tickets and posters have them too
constexpr double kWithPassword = 0.4;  // payslips and statements come so: not enough alone
constexpr double kForText = 0.35;      // invoices and flyers come so too
constexpr double kLaunch = 0.7;
constexpr std::size_t kFewBytes = 40;
constexpr double kScriptReaches = 0.4;

struct Meaning {
  ContentSign sign;
  std::string_view reason, says;
  Indication indication;
  double weight;
};

constexpr Meaning kMeanings[] = {
    {ContentSign::kPdfScript, "pdf-script", "runs a script: ", Indication::kInformation, 0},
    {ContentSign::kPdfScriptReaches, "pdf-script-reaches",
     "runs a script that reaches out of it or hides what it does: ", Indication::kMalware,
     kScriptReaches},
    {ContentSign::kPdfLaunch, "pdf-launch", "starts ", Indication::kMalware, kLaunch},
    {ContentSign::kPdfFile, "pdf-file", "has a file in it: ", Indication::kInformation, 0},
    {ContentSign::kPdfEncrypted, "pdf-encrypted", "is encrypted", Indication::kLimit, 1},
    {ContentSign::kPictureUnreadable, "picture-unreadable", "cannot be read as a picture",
     Indication::kInformation, 0},
};

class OpenedContentDetector : public Detector {
 public:
  std::string_view name() const override { return "opened-content"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext&,
               std::vector<Finding>* findings) const override {
    for (const Link& link : message.links) {
      const auto add = [&](std::string_view reason, Indication indication, double weight) {
        findings->push_back(
            {std::string(reason), indication, weight, link.target, PlaceOfLink(message, link)});
      };
      if (link.origin == LinkOrigin::kQrCode) add("qr-code-link", Indication::kPhishing, kQrCode);
      if (link.origin == LinkOrigin::kPdf) add("pdf-link", Indication::kInformation, 0);
      if (link.origin == LinkOrigin::kCalendar) add("calendar-link", Indication::kInformation, 0);
    }
    PdfForText(message, findings);
    for (const OpenedSign& sign : message.signs) Tell(message, sign, findings);
  }

 private:
  // Mail that says nothing and has a document with links: the document is the message.
  static void PdfForText(const Message& message, std::vector<Finding>* findings) {
    const std::size_t bytes = std::max(message.html_text.size(), message.plain_text.size());
    const auto link = std::ranges::find(message.links, LinkOrigin::kPdf, &Link::origin);
    if (bytes >= kFewBytes || link == message.links.end()) return;
    findings->push_back({"pdf-for-text", Indication::kPhishing, kForText,
                         "a document with links, and " + std::to_string(bytes) + " bytes of text",
                         PlaceOfPart(message, static_cast<std::size_t>(link->part))});
  }

  static void Tell(const Message& message, const OpenedSign& sign, std::vector<Finding>* findings) {
    const auto* const meaning = std::find_if(std::begin(kMeanings), std::end(kMeanings),
                                             [&](const Meaning& m) { return m.sign == sign.sign; });
    const std::string place = PlaceOfPart(message, static_cast<std::size_t>(sign.part));
    findings->push_back({std::string(meaning->reason), meaning->indication, meaning->weight,
                         std::string(meaning->says) + sign.evidence, place});
    if (sign.sign == ContentSign::kPdfEncrypted && TellsPassword(message)) {
      findings->push_back({"pdf-encrypted-with-password", Indication::kMalware, kWithPassword,
                           "is encrypted, and the message tells a password", place});
    }
  }
};

}  // namespace

std::unique_ptr<Detector> NewOpenedContentDetector() {
  return std::make_unique<OpenedContentDetector>();
}

}  // namespace clawback
