// SPDX-License-Identifier: Apache-2.0
#include "retract/sidecar/recipient_pace.h"

#include <algorithm>

namespace clawback {
namespace {

// The ledger passes over so many by name. Where more are refused at a time, as by a limit of
// the whole app, each of the others is tried once a pause.
constexpr std::size_t kMostNamed = 256;

}  // namespace

bool RecipientPace::HasRoom(const ClaimedRetraction& claim) const {
  const auto found = paces_.find(KeyOf(claim));
  return found == paces_.end() || found->second.at_work < found->second.room;
}

void RecipientPace::Begin(const ClaimedRetraction& claim) {
  ++paces_.try_emplace(KeyOf(claim), Pace{most_}).first->second.at_work;
}

void RecipientPace::End(const ClaimedRetraction& claim, std::optional<Time> refused_until,
                        Time now) {
  Pace& pace = paces_.try_emplace(KeyOf(claim), Pace{most_, 1}).first->second;
  --pace.at_work;
  pace.room = refused_until ? 1 : std::min(pace.room + 1, most_);
  if (refused_until) pace.resting_until = std::max(pace.resting_until, *refused_until);
  const bool idle = pace.at_work == 0 && pace.room == most_ && pace.resting_until <= now;
  if (idle) paces_.erase(KeyOf(claim));
}

void RecipientPace::LimitRests(Time latest) {
  for (auto& [key, pace] : paces_) pace.resting_until = std::min(pace.resting_until, latest);
}

BusyRecipients RecipientPace::Busy(Time now) {
  // Who was refused and had nothing more to do is remembered for a while, not for ever.
  static constexpr milliseconds kMemory = std::chrono::minutes(10);
  std::erase_if(paces_, [now](const auto& entry) {
    return entry.second.at_work == 0 && entry.second.resting_until + kMemory < now;
  });
  BusyRecipients busy;
  std::size_t named = 0;
  for (const auto& [key, pace] : paces_) {
    if (pace.at_work < pace.room && pace.resting_until <= now) continue;
    busy[key.first].push_back(key.second);
    if (++named == kMostNamed) break;
  }
  return busy;
}

}  // namespace clawback
