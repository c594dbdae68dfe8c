// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/consent_states.h"

#include <utility>

#include "policy/base/digest.h"
#include "policy/base/random_text.h"

namespace clawback {
namespace {

bool IsSame(const Actor& one, const Actor& other) {
  return one.kind == other.kind && one.uid == other.uid &&
         (one.kind == ActorKind::kUser || one.name == other.name);
}

Error Refused(std::string what) {
  return {ErrorKind::kRefused,
          std::move(what) + "; begin again with: clawback tenant authorize NAME"};
}

}  // namespace

Result<std::string> ConsentStates::Issue(const std::string& tenant, const Actor& asker) {
  auto state = RandomText();
  if (!state) return state.error();
  const Time now = clock_.Now();
  const Status kept = ledger_.KeepConsent(Sha256Of(*state), {tenant, asker, now + kLife}, now);
  if (!kept) return kept.error();
  return *std::move(state);
}

Status ConsentStates::Take(std::string_view state, std::string_view tenant, const Actor& asker) {
  const auto asked = ledger_.TakeConsent(Sha256Of(state), clock_.Now());
  if (!asked && asked.error().kind == ErrorKind::kNotFound) {
    return Refused(
        "the state in the address is unknown, was used before, or is over ten minutes "
        "old");
  }
  if (!asked) return asked.error();
  if (asked->ends > clock_.Now() + kLife) {
    return Refused("the clock was set back since the state in the address was given");
  }
  if (asked->tenant != tenant) return Refused("the state in the address is of another tenant");
  if (!IsSame(asked->asker, asker)) return Refused("the state was given to somebody else");
  return {};
}

}  // namespace clawback
