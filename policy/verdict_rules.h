// SPDX-License-Identifier: Apache-2.0
// Why a verdict is what it is: every rule that makes a disposition, with what it asks
// for and what the findings gave it. The weighing itself goes by these same values.
#ifndef CLAWBACK_POLICY_VERDICT_RULES_H_
#define CLAWBACK_POLICY_VERDICT_RULES_H_

#include <string_view>
#include <vector>

#include "policy/verdict.h"

namespace clawback {

// What a rule asks of the findings. Weights are 0 to 1; counts are whole.
struct Condition {
  std::string_view measure;  // for people: "phishing findings together"
  double seen = 0;
  double needed = 0;
  bool counts = false;  // a number of reasons, no weight

  bool Met() const;
};

struct Rule {
  std::string_view name;  // stable, greppable: "several-deceits"
  Disposition disposition = Disposition::kNone;
  std::vector<Condition> conditions;  // none: always holds

  bool Holds() const;
};

// Pure. All rules in the order in which they are tried; the last one always holds.
std::vector<Rule> RulesOver(const std::vector<Finding>& findings,
                            const Thresholds& thresholds = {});
// The first of them that holds: it gives the disposition.
const Rule& RuleThatHeld(const std::vector<Rule>& rules);

// What people are shown as the one reason for the verdict: the finding that weighs most
// of those that speak for a disposition. Empty for NONE, which needs no reason.
std::string_view MainReason(const Verdict& verdict);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_VERDICT_RULES_H_
