// SPDX-License-Identifier: Apache-2.0
// Looks every minute whether the tenants' reports still flow and how long the relay's own
// certificate is good for, and says in the log what a person has to see to.
#ifndef CLAWBACK_RETRACT_SIDECAR_FLOW_WATCH_H_
#define CLAWBACK_RETRACT_SIDECAR_FLOW_WATCH_H_

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "policy/base/clock.h"
#include "retract/ledger/ledger.h"

namespace clawback {

// For one thread.
class FlowWatch {
 public:
  // tenants: the names of those that are in service. certificate: its path, or empty. All
  // outlive this.
  FlowWatch(Ledger& ledger, const Clock& clock, std::string certificate,
            std::function<std::vector<std::string>()> tenants)
      : ledger_(ledger),
        clock_(clock),
        certificate_(std::move(certificate)),
        tenants_(std::move(tenants)) {}

  void Run(const std::stop_token& stop);

  // Once. Answers the alerts that are new, as logged: "contoso: no report since ...". An
  // alert that lasts is said again after a day, one that is over is said to be over.
  std::vector<std::string> Step();

 private:
  void Note(const std::string& about, const std::optional<std::string>& alert,
            std::vector<std::string>* fresh);
  void ForgetOld();

  Ledger& ledger_;
  const Clock& clock_;
  const std::string certificate_;
  const std::function<std::vector<std::string>()> tenants_;
  std::map<std::string, Time> said_;  // what alerts are about, and when they were said
  std::optional<Time> forgotten_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_FLOW_WATCH_H_
