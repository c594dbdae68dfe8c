// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/throttle.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <optional>

namespace clawback::practice {
namespace {

constexpr std::chrono::minutes kWindow{10};
// Requests that were on their way when the refusal went out are no early return.
constexpr milliseconds kOnTheWay{100};

// As RFC 9110 writes dates: "Mon, 23 Nov 2026 21:19:45 GMT", whole.
std::optional<std::time_t> HttpDate(const std::string& text) {
  std::tm parts{};
  const char* end = ::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
  if (end == nullptr || *end != '\0') return std::nullopt;
  return ::timegm(&parts);
}

// Whole or decimal seconds, or a date; anything else is for clients to stumble over.
milliseconds PauseOf(const std::string& retry_after) {
  if (const auto date = HttpDate(retry_after)) {
    const auto until = std::chrono::system_clock::from_time_t(*date);
    const auto left = until - std::chrono::system_clock::now();
    return std::max(milliseconds(0), std::chrono::duration_cast<milliseconds>(left));
  }
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
