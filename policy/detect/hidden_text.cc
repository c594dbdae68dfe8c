// SPDX-License-Identifier: Apache-2.0
// Pages most of whose words no reader sees: hidden by style, without size, or in the
// colour that they stand on. That is text for filters. Newsletters hide a line for the
// preview, and a second layout for other screens; both are less than what is read. Nobody
// puts whole paragraphs beside the page: words for screen readers are few.
#include <string>

#include "policy/detect/detector.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"text-hidden", "text-off-page"};
constexpr double kHidden = 0.3;
constexpr double kOffPage = 0.5;
constexpr std::size_t kLeastOffPage = 200;  // letters
constexpr std::size_t kLeast = 600;         // letters; above every preview line
constexpr std::size_t kTimes = 2;           // as much as what is seen

class HiddenTextDetector : public Detector {
 public:
  std::string_view name() const override { return "hidden-text"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext&,
               std::vector<Finding>* findings) const override {
    if (message.off_page_letters >= kLeastOffPage) {
      findings->push_back({"text-off-page", Indication::kSpam, kOffPage,
                           std::to_string(message.off_page_letters) +
                               " letters stand beside the page or are cut to nothing",
                           PlaceOf(message, &MessagePart::off_page_letters)});
    }
    // Shops send pictures, and all their words in a layout that is not shown.
    if (message.Header("List-Unsubscribe")) return;
    const std::size_t seen = message.seen_letters;
    if (message.hidden_letters < kLeast || message.hidden_letters < kTimes * seen) return;
    findings->push_back({"text-hidden", Indication::kSpam, kHidden,
                         std::to_string(message.hidden_letters) + " letters are hidden, " +
                             std::to_string(seen) + " are seen",
                         PlaceOf(message, &MessagePart::hidden_letters)});
  }

 private:
  // The page that has some of them.
  static std::string PlaceOf(const Message& message, std::size_t MessagePart::*letters) {
    return PlaceInText(message, message.html_text,
                       [letters](const MessagePart& part) { return part.*letters > 0; });
  }
};

}  // namespace

std::unique_ptr<Detector> NewHiddenTextDetector() { return std::make_unique<HiddenTextDetector>(); }

}  // namespace clawback
