// SPDX-License-Identifier: Apache-2.0
// Exchange Online's limits for one app in one mailbox: so many requests at once, so
// many in ten minutes. Who comes back before Retry-After has passed is refused
// again, and counted. Guarded by World's lock.
#ifndef CLAWBACK_TESTS_PRACTICE_THROTTLE_H_
#define CLAWBACK_TESTS_PRACTICE_THROTTLE_H_

#include <chrono>
#include <deque>
#include <map>
#include <string>
#include <utility>

#include "tests/practice/config.h"

namespace clawback::practice {

class Throttle {
 public:
  using Key = std::pair<std::string, std::string>;  // client id, user id
  using Instant = std::chrono::steady_clock::time_point;
  enum class Verdict { kEnter, kTooMany };

  struct Counters {
    std::int64_t refused = 0;         // 429 answers
    std::int64_t early_returns = 0;   // of them: came before Retry-After had passed
    std::int64_t most_in_flight = 0;  // in one mailbox
  };

  // kEnter must be followed by Leave.
  Verdict Enter(const Key& key, const ServiceSettings& settings, Instant now);
  void Leave(const Key& key);
  // A 429 with this Retry-After was sent for a reason of its own (a fault).
  void Pause(const Key& key, const std::string& retry_after, Instant now);
  const Counters& counters() const { return counters_; }
  void Clear();

 private:
  struct Mailbox {
    std::int64_t in_flight = 0;
    std::deque<Instant> recent;
    Instant refused_at{};
    Instant paused_until{};
  };
  std::map<Key, Mailbox> mailboxes_;
  Counters counters_;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_THROTTLE_H_
