// SPDX-License-Identifier: Apache-2.0
// The service's limits for one app: in one mailbox so many requests at once and so
// many in ten minutes (Exchange Online), and over all of a tenant so many in ten
// seconds. Who comes back before Retry-After has passed is refused again, and counted.
// Guarded by World's lock.
#ifndef CLAWBACK_TESTS_PRACTICE_THROTTLE_H_
#define CLAWBACK_TESTS_PRACTICE_THROTTLE_H_

#include <chrono>
#include <deque>
#include <string>
#include <unordered_map>

#include "tests/practice/config.h"

namespace clawback::practice {

// Whose limit: an app's in one mailbox, and the same app's in its whole tenant.
struct ThrottleKey {
  std::string app;      // client id and tenant
  std::string mailbox;  // user id; "" where the request is about none
};

class Throttle {
 public:
  using Instant = std::chrono::steady_clock::time_point;
  enum class Verdict { kEnter, kMailboxOver, kAppOver };

  struct Counters {
    std::int64_t refused = 0;           // 429 answers, for a limit or an early return
    std::int64_t early_returns = 0;     // of them: came before Retry-After had passed
    milliseconds earliest{0};           // by how much the worst of them
    std::int64_t over_concurrency = 0;  // of them: one too many at once in a mailbox
    std::int64_t most_in_flight = 0;    // let into one mailbox
  };

  // kEnter must be followed by Leave.
  Verdict Enter(const ThrottleKey& key, const ServiceSettings& settings, Instant now);
  void Leave(const ThrottleKey& key);
  // An answer with this Retry-After was sent: to the mailbox, or to the app.
  void Pause(const ThrottleKey& key, bool whole_app, const std::string& retry_after, Instant now);
  // What to write into the header of a refusal: the setting, or the rest of a longer pause.
  std::string RetryAfter(const ThrottleKey& key, const ServiceSettings& settings, Instant now);
  const Counters& counters() const { return counters_; }
  void Clear();

 private:
  struct Limited {
    std::int64_t in_flight = 0;
    std::deque<Instant> recent;
    Instant refused_at{};
    Instant paused_until{};
  };
  bool ComesEarly(const Limited& limited, const ServiceSettings& settings, Instant now);
  bool IsOver(const Limited& mailbox, const ServiceSettings& settings);
  Limited& MailboxOf(const ThrottleKey& key);

  std::unordered_map<std::string, Limited> apps_;
  std::unordered_map<std::string, Limited> mailboxes_;  // app and mailbox
  Counters counters_;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_THROTTLE_H_
