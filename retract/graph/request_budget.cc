// SPDX-License-Identifier: Apache-2.0
#include "retract/graph/request_budget.h"

#include <algorithm>

namespace clawback {
namespace {

// A slice more than the window: no request is forgotten before ten minutes are over.
constexpr std::chrono::minutes kWindow{10};
constexpr std::chrono::seconds kSlice{5};

}  // namespace

milliseconds RequestBudget::Spend(const RequestScope& scope, Instant now) {
  ForgetIdle(now);
  Spent& spent = spent_[scope];
  Forget(spent, now);
  if (spent.slices.empty() || spent.slices.back().since + kSlice <= now) {
    spent.slices.push_back({now, 0});
  }
  ++spent.slices.back().requests;
  if (++spent.requests < requests_) return milliseconds(0);
  int freed = 0;
  const int wanted = std::max(1, requests_ / 100);
  const auto last = std::find_if(spent.slices.begin(), spent.slices.end(), [&](const Slice& slice) {
    freed += slice.requests;
    return freed >= wanted;
  });
  return std::chrono::ceil<milliseconds>(last->since + kSlice + kWindow - now);
}

void RequestBudget::Forget(Spent& spent, Instant now) {
  while (!spent.slices.empty() && spent.slices.front().since + kSlice + kWindow <= now) {
    spent.requests -= spent.slices.front().requests;
    spent.slices.pop_front();
  }
}

void RequestBudget::ForgetIdle(Instant now) {
  if (now < swept_ + kWindow) return;
  swept_ = now;
  for (auto& [scope, spent] : spent_) Forget(spent, now);
  std::erase_if(spent_, [](const auto& entry) { return entry.second.requests == 0; });
}

}  // namespace clawback
