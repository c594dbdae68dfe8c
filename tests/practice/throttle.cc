// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/throttle.h"

#include <algorithm>
#include <cstdlib>

namespace clawback::practice {
namespace {

constexpr std::chrono::minutes kWindow{10};
// Requests that were on their way when the refusal went out are no early return.
constexpr milliseconds kOnTheWay{100};

// Only whole or decimal seconds pause; a date is for clients to read.
milliseconds PauseOf(const std::string& retry_after) {
  const double seconds = std::strtod(retry_after.c_str(), nullptr);
  return milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

}  // namespace

Throttle::Verdict Throttle::Enter(const Key& key, const ServiceSettings& settings, Instant now) {
  Mailbox& mailbox = mailboxes_[key];
  while (!mailbox.recent.empty() && mailbox.recent.front() + kWindow < now) {
    mailbox.recent.pop_front();
  }
  // Refused calls count too.
  mailbox.recent.push_back(now);
  const bool paused = now < mailbox.paused_until;
  if (paused && now > mailbox.refused_at + kOnTheWay) ++counters_.early_returns;
  const bool full = mailbox.in_flight >= settings.mailbox_concurrency ||
                    static_cast<std::int64_t>(mailbox.recent.size()) > settings.mailbox_requests;
  if (paused || full) {
    ++counters_.refused;
    if (!paused) Pause(key, settings.retry_after, now);
    return Verdict::kTooMany;
  }
  ++mailbox.in_flight;
  counters_.most_in_flight = std::max(counters_.most_in_flight, mailbox.in_flight);
  return Verdict::kEnter;
}

void Throttle::Leave(const Key& key) {
  if (const auto found = mailboxes_.find(key); found != mailboxes_.end()) {
    if (found->second.in_flight > 0) --found->second.in_flight;
  }
}

void Throttle::Pause(const Key& key, const std::string& retry_after, Instant now) {
  Mailbox& mailbox = mailboxes_[key];
  mailbox.refused_at = now;
  mailbox.paused_until = now + PauseOf(retry_after);
}

void Throttle::Clear() {
  for (auto& [key, mailbox] : mailboxes_) {
    mailbox.recent.clear();
    mailbox.paused_until = {};
  }
  counters_ = {};
}

}  // namespace clawback::practice
