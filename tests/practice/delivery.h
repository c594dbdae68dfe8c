// SPDX-License-Identifier: Apache-2.0
// Mail on its way into mailboxes: put there when its time has come.
#ifndef CLAWBACK_TESTS_PRACTICE_DELIVERY_H_
#define CLAWBACK_TESTS_PRACTICE_DELIVERY_H_

#include <condition_variable>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "tests/practice/world.h"

namespace clawback::practice {

// Safe from any thread.
class Delivery {
 public:
  Delivery(World& world, const Clock& clock);
  ~Delivery();  // what is still on its way is dropped
  Delivery(const Delivery&) = delete;
  Delivery& operator=(const Delivery&) = delete;

  // Stores mime in the inbox of each recipient of the tenant that has a mailbox, after
  // delay; without delay before it returns. Answers how many mailboxes that are.
  size_t Deliver(const std::string& tenant, const std::vector<std::string>& recipients,
                 std::string mime, milliseconds delay);
  size_t pending() const;
  void DropAll();

 private:
  struct Letter {
    std::string tenant;
    std::vector<std::string> user_ids;
    std::shared_ptr<const StoredMessage> message;
  };
  void Put(const Letter& letter);
  void Run();

  World& world_;
  const Clock& clock_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::multimap<std::chrono::steady_clock::time_point, Letter> letters_;
  size_t putting_ = 0;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_DELIVERY_H_
