// SPDX-License-Identifier: Apache-2.0
// The seam for everything that can find something in a message: one detector per
// file, each with its own reasons, tests and paragraph in docs/policy.md.
#ifndef CLAWBACK_POLICY_DETECT_DETECTOR_H_
#define CLAWBACK_POLICY_DETECT_DETECTOR_H_

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "policy/detect/file_digests.h"
#include "policy/judge/judgement.h"
#include "policy/message/message.h"
#include "policy/verdict.h"

namespace clawback {

struct DetectionContext {
  const TenantProfile& tenant;
  ChannelTrust trust;
  std::string_view envelope_sender;      // the report's Sender, or empty
  const std::vector<JudgeLists>& lists;  // what operator and tenant list
  FileDigests& digests;                  // of this message
};

// Stateless after construction, safe from any thread, deterministic, linear in the
// size of the message. May throw only std::bad_alloc.
class Detector {
 public:
  virtual ~Detector() = default;
  virtual std::string_view name() const = 0;
  // Every reason that Inspect can give.
  virtual std::span<const std::string_view> reasons() const = 0;
  virtual void Inspect(const Message& message, const DetectionContext& context,
                       std::vector<Finding>* findings) const = 0;
};

// All built-in detectors, in a fixed order (registry.cc).
std::vector<std::unique_ptr<Detector>> AllDetectors();

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_DETECTOR_H_
