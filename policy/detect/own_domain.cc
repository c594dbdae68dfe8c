// SPDX-License-Identifier: Apache-2.0
// Mail that says it is the tenant's own. It moves nothing: whether that is true is what
// Exchange's stamps tell (exchange_stamps.cc).
#include <algorithm>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/detect/domain_names.h"
#include "policy/detect/place.h"
#include "policy/detect/registry.h"

namespace clawback {
namespace {

constexpr std::string_view kReasons[] = {"own-domain"};

class OwnDomainDetector : public Detector {
 public:
  std::string_view name() const override { return "own-domain"; }
  std::span<const std::string_view> reasons() const override { return kReasons; }

  void Inspect(const Message& message, const DetectionContext& context,
               std::vector<Finding>* findings) const override {
    const auto& domains = context.tenant.domains;
    for (const Address& from : message.from) {
      const std::string domain = DomainOf(from.address);
      if (std::find(domains.begin(), domains.end(), domain) == domains.end()) continue;
      findings->push_back({"own-domain", Indication::kInformation, 0,
                           std::string(CutUtf8(from.address, 200)) + " is in " + domain,
                           PlaceOfField("From")});
      return;
    }
  }
};

}  // namespace

std::unique_ptr<Detector> NewOwnDomainDetector() { return std::make_unique<OwnDomainDetector>(); }

}  // namespace clawback
