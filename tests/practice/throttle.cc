// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/throttle.h"

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <optional>

namespace clawback::practice {
namespace {

constexpr std::chrono::minutes kMailboxWindow{10};
constexpr std::chrono::seconds kAppWindow{10};

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

void Note(std::deque<Throttle::Instant>& recent, milliseconds window, Throttle::Instant now) {
  while (!recent.empty() && recent.front() + window < now) recent.pop_front();
  recent.push_back(now);
}

}  // namespace

Throttle::Limited& Throttle::MailboxOf(const ThrottleKey& key) {
  return mailboxes_[key.app + "/" + key.mailbox];
}

bool Throttle::ComesEarly(const Limited& limited, const ServiceSettings& settings, Instant now) {
  if (now >= limited.paused_until) return false;
  // Requests that were on their way when the refusal went out are no early return.
  if (now > limited.refused_at + settings.on_the_way) {
    ++counters_.early_returns;
    const auto early = std::chrono::duration_cast<milliseconds>(limited.paused_until - now);
    counters_.earliest = std::max(counters_.earliest, early);
  }
  return true;
}

bool Throttle::IsOver(const Limited& mailbox, const ServiceSettings& settings) {
  const bool crowded = mailbox.in_flight >= settings.mailbox_concurrency;
  if (crowded) ++counters_.over_concurrency;
  return crowded || static_cast<std::int64_t>(mailbox.recent.size()) > settings.mailbox_requests;
}

Throttle::Verdict Throttle::Enter(const ThrottleKey& key, const ServiceSettings& settings,
                                  Instant now) {
  Limited& app = apps_[key.app];
  Limited& mailbox = MailboxOf(key);
  // Refused calls count too.
  Note(app.recent, kAppWindow, now);
  Note(mailbox.recent, kMailboxWindow, now);
  Verdict verdict = Verdict::kEnter;
  if (ComesEarly(app, settings, now)) {
    verdict = Verdict::kAppOver;
  } else if (static_cast<std::int64_t>(app.recent.size()) > settings.app_requests) {
    verdict = Verdict::kAppOver;
    Pause(key, true, settings.retry_after, now);
  } else if (ComesEarly(mailbox, settings, now)) {
    verdict = Verdict::kMailboxOver;
  } else if (!key.mailbox.empty() && IsOver(mailbox, settings)) {
    verdict = Verdict::kMailboxOver;
    Pause(key, false, settings.retry_after, now);
  }
  if (verdict != Verdict::kEnter) {
    ++counters_.refused;
    return verdict;
  }
  ++mailbox.in_flight;
  if (!key.mailbox.empty()) {
    counters_.most_in_flight = std::max(counters_.most_in_flight, mailbox.in_flight);
  }
  return verdict;
}

void Throttle::Leave(const ThrottleKey& key) {
  Limited& mailbox = MailboxOf(key);
  if (mailbox.in_flight > 0) --mailbox.in_flight;
}

void Throttle::Pause(const ThrottleKey& key, bool whole_app, const std::string& retry_after,
                     Instant now) {
  Limited& limited = whole_app ? apps_[key.app] : MailboxOf(key);
  // The first of several refusals that cross is the one that the other side heard.
  if (now >= limited.paused_until) limited.refused_at = now;
  limited.paused_until = std::max(limited.paused_until, now + PauseOf(retry_after));
}

std::string Throttle::RetryAfter(const ThrottleKey& key, const ServiceSettings& settings,
                                 Instant now) {
  const Instant until = std::max(apps_[key.app].paused_until, MailboxOf(key).paused_until);
  if (until <= now + PauseOf(settings.retry_after)) return settings.retry_after;
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(until - now).count());
}

void Throttle::Clear() {
  for (auto* all : {&apps_, &mailboxes_}) {
    for (auto& [key, limited] : *all) {
      limited.recent.clear();
      limited.paused_until = {};
    }
  }
  counters_ = {};
}

}  // namespace clawback::practice
