// SPDX-License-Identifier: Apache-2.0
// Judgement + tenant settings → what is to happen in each recipient's mailbox.
#ifndef CLAWBACK_POLICY_DECIDE_H_
#define CLAWBACK_POLICY_DECIDE_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/judge/judgement.h"
#include "policy/tenant.h"

namespace clawback {

// What became of a report at the relay. Only kDecided can lead to a retraction.
enum class Handling {
  kDecided,
  kUnauthentic,  // tenant marks missing or another tenant's
  kMalformed,    // parked: not usable as a report
  kParked,       // judges died over it three times
  kConnectorValidation,
  kPlainMessage,
  kUndeliverableReport,
  kUnsupported,
};
std::string_view ToString(Handling handling);  // "decided", "unauthentic", ...
std::optional<Handling> HandlingFrom(std::string_view text);

struct RecipientDecision {
  std::string address;  // as the report names it
  Action action = Action::kNone;
  std::string reason;   // "disposition", "outside-accepted-domains", "exempt-recipient", ...
  std::string entry{};  // of the list that reason names: which of its entries won
};

struct Decision {
  Handling handling = Handling::kMalformed;
  std::string reason;  // in words, where handling is not kDecided
  Mode mode = Mode::kObserve;
  std::string settings_version;
  std::vector<RecipientDecision> recipients;
};

// Pure: no clock, disk or network; the same input gives the same decision. A
// mailbox named twice by the report is decided once.
Decision Decide(const Tenant& tenant, const Judgement& judgement);
// The decision for a report that no judge could finish.
Decision ParkedDecision(const Tenant& tenant, std::string why);

std::string ToJson(const Decision& decision);
Result<Decision> DecisionFromJson(std::string_view json);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DECIDE_H_
