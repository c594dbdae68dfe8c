// SPDX-License-Identifier: Apache-2.0
// Attachments whose names are made to be misread, whatever is in them: "invoice.pdf.exe",
// and names that U+202E turns around.
#include <string>

#include "policy/detect/detector.h"
#include "policy/detect/file_name.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"double-extension", "page-as-document",
                                         "direction-override"};
constexpr double kRuns = 0.6;
constexpr double kPage = 0.3;  // saved pages are called so by some programs
// Right-to-left languages need no override for their names.
constexpr double kOverride = 0.6;

class DeceptiveNameDetector : public Detector {
 public:
  std::string_view name() const override { return "deceptive-name"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext&,
               std::vector<Finding>* findings) const override {
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
      const std::string& file = message.parts[i].file_name;
      if (!file.empty()) Judge(message, i, findings);
    }
  }

 private:
  static void Judge(const Message& message, std::size_t index, std::vector<Finding>* findings) {
    const std::string& file = message.parts[index].file_name;
    const NameTrick trick = TrickOf(file);
    if (trick == NameTrick::kDirectionOverride) {
      findings->push_back({"direction-override", Indication::kMalware, kOverride,
                           "has U+202E or U+202D, which turn the end of its name around",
                           PlaceOfPart(message, index)});
    }
    if (trick != NameTrick::kDoubleExtension) return;
    const std::string last = Extension(file);
    if (IsProgramExtension(last) || IsScriptExtension(last)) {
      findings->push_back({"double-extension", Indication::kMalware, kRuns,
                           "is run by Windows and named like a document",
                           PlaceOfPart(message, index)});
    } else {
      findings->push_back({"page-as-document", Indication::kPhishing, kPage,
                           "is a web page and named like a document", PlaceOfPart(message, index)});
    }
  }
};

}  // namespace

std::unique_ptr<Detector> NewDeceptiveNameDetector() {
  return std::make_unique<DeceptiveNameDetector>();
}

}  // namespace clawback
