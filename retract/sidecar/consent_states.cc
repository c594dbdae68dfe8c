// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/consent_states.h"

#include <algorithm>
#include <utility>

#include "policy/base/random_text.h"

namespace clawback {
namespace {

bool IsSame(const Actor& one, const Actor& other) {
  return one.kind == other.kind && one.uid == other.uid &&
         (one.kind == ActorKind::kUser || one.name == other.name);
}

Error Refused(std::string what) {
  return {ErrorKind::kRefused, std::move(what) + "; begin again with: clawback tenant authorize"};
}

}  // namespace

void ConsentStates::DropOld(Instant now) {
  std::erase_if(issued_, [&](const auto& each) { return each.second.ends <= now; });
  while (issued_.size() >= kMost) {
    issued_.erase(std::min_element(
        issued_.begin(), issued_.end(),
        [](const auto& a, const auto& b) { return a.second.ends < b.second.ends; }));
  }
}

Result<std::string> ConsentStates::Issue(std::string tenant, Actor asker) {
  auto state = RandomText();
  if (!state) return state.error();
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.Monotonic();
  DropOld(now);
  issued_[*state] = {std::move(tenant), std::move(asker), now + kLife};
  return *std::move(state);
}

Status ConsentStates::Take(std::string_view state, std::string_view tenant, const Actor& asker) {
  const std::lock_guard lock(mutex_);
  DropOld(clock_.Monotonic());
  const auto found = issued_.find(state);
  if (found == issued_.end()) {
    return Refused(
        "the state in the address is unknown, was used before, or is over ten minutes "
        "old");
  }
  const Issued issued = std::move(found->second);
  issued_.erase(found);
  if (issued.tenant != tenant) return Refused("the state in the address is of another tenant");
  if (!IsSame(issued.asker, asker)) return Refused("the state was given to somebody else");
  return {};
}

}  // namespace clawback
