// SPDX-License-Identifier: Apache-2.0
#ifndef CLAWBACK_RETRACT_GRAPH_EXPIRING_MAP_H_
#define CLAWBACK_RETRACT_GRAPH_EXPIRING_MAP_H_

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "policy/base/clock.h"

namespace clawback {

// What was learned lately, by text. Bounded: when full it forgets what is over, and
// everything if nothing is. Safe from any thread; clock outlives it.
template <typename Value>
class ExpiringMap {
 public:
  ExpiringMap(const Clock& clock, std::size_t most) : clock_(clock), most_(most) {}

  std::optional<Value> Find(const std::string& key) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(key);
    if (found == entries_.end() || found->second.until <= clock_.Monotonic()) return std::nullopt;
    return found->second.value;
  }

  void Put(const std::string& key, Value value, milliseconds lifetime) {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.Monotonic();
    if (entries_.size() >= most_) {
      std::erase_if(entries_, [now](const auto& entry) { return entry.second.until <= now; });
      if (entries_.size() >= most_) entries_.clear();
    }
    entries_.insert_or_assign(key, Entry{std::move(value), now + lifetime});
  }

 private:
  struct Entry {
    Value value;
    std::chrono::steady_clock::time_point until;
  };
  const Clock& clock_;
  const std::size_t most_;
  std::mutex mutex_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_GRAPH_EXPIRING_MAP_H_
