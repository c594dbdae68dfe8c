// SPDX-License-Identifier: Apache-2.0
// One attempt at one retraction: what it knows so far, and the ways it can end. The
// steps work on it in the order that retract_one.cc says: gather_copies, prove_copy,
// act_on_copy. One thread's.
#ifndef CLAWBACK_RETRACT_SIDECAR_ATTEMPT_H_
#define CLAWBACK_RETRACT_SIDECAR_ATTEMPT_H_

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "retract/sidecar/copies.h"
#include "retract/sidecar/retract_one.h"

namespace clawback {

// How the attempt ends with this step; nullopt: go on.
using Step = std::optional<Ending>;

struct Attempt {
  Attempt(const ClaimedRetraction& a_claim, const RetractTools& some_tools)
      : claim(a_claim),
        tools(some_tools),
        started(some_tools.clock.Monotonic()),
        everywhere(IsHard()) {}

  const ClaimedRetraction& claim;
  const RetractTools& tools;
  const std::chrono::steady_clock::time_point started;

  MailboxId mailbox;
  std::vector<ActIntent> intents;         // of earlier claims, and of this one
  std::set<std::string> shared;           // items that another address of the mailbox had moved
  std::vector<Copy> copies;               // of the present look
  std::map<std::string, Folder> folders;  // by id
  std::string request_id;                 // of the last act
  std::string searched;                   // the request that last said what there is
  std::string vanished;                   // the item that last went away under our hands
  bool vanished_now = false;              // in the present look
  bool everywhere = false;                // look into Recoverable Items in any case

  Time Now() const { return tools.clock.Now(); }
  Time Soon() const { return Now() + std::chrono::seconds(1); }
  milliseconds Age() const { return Now() - claim.armed; }
  bool IsHard() const { return claim.action == Action::kHardDelete; }
  void Vanish(const Copy& copy);

  Outcome MakeOutcome(OutcomeKind kind, std::string detail) const;
  Outcome About(const Copy& copy, OutcomeKind kind, std::string detail) const;
  Ending Finish(OutcomeKind kind, std::string detail) const;
  Ending Hold(OutcomeKind kind, std::string detail) const;
  // What an error means for the whole retraction.
  Ending Fail(const Error& error, std::string_view doing) const;
  // No copy to act on now: later, or not at all.
  Ending NotYet(const std::string& why) const;
  // A lease must outlive every step that is begun under it.
  Step CheckTime() const;

 private:
  std::string Partly(std::string why) const;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_SIDECAR_ATTEMPT_H_
