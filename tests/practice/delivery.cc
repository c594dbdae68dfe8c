// SPDX-License-Identifier: Apache-2.0
#include "tests/practice/delivery.h"

#include <string_view>
#include <unordered_set>

namespace clawback::practice {

Delivery::Delivery(World& world, const Clock& clock)
    : world_(world), clock_(clock), thread_([this] { Run(); }) {}

Delivery::~Delivery() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

void Delivery::Put(const Letter& letter) {
  const Locked lock = Lock(world_);
  Tenant* tenant = world_.FindTenant(letter.tenant);
  for (const std::string& id : letter.user_ids) {
    User* user = tenant ? tenant->FindUser(id) : nullptr;
    if (!user || !user->mailbox) continue;
    user->mailbox->Store(letter.message, *user->mailbox->FolderByName("inbox"), clock_.Now());
  }
}

size_t Delivery::Deliver(const std::string& tenant_name, const std::vector<std::string>& recipients,
                         std::string mime, milliseconds delay) {
  Letter letter{tenant_name, {}, std::make_shared<StoredMessage>(std::move(mime))};
  {
    const Locked lock = Lock(world_);
    Tenant* tenant = world_.FindTenant(tenant_name);
    if (!tenant) return 0;
    std::unordered_set<std::string_view> taken;
    for (const std::string& address : recipients) {
      const User* user = tenant->FindByAddress(address);
      if (!user || !user->mailbox) continue;
      auto& ids = letter.user_ids;
      // Two addresses of one mailbox: one copy.
      if (taken.insert(user->config.id).second) ids.push_back(user->config.id);
    }
  }
  const size_t mailboxes = letter.user_ids.size();
  if (delay.count() == 0) {
    Put(letter);
    return mailboxes;
  }
  {
    const std::lock_guard lock(mutex_);
    letters_.emplace(std::chrono::steady_clock::now() + delay, std::move(letter));
  }
  wake_.notify_all();
  return mailboxes;
}

size_t Delivery::pending() const {
  const std::lock_guard lock(mutex_);
  return letters_.size() + putting_;
}

void Delivery::DropAll() {
  const std::lock_guard lock(mutex_);
  letters_.clear();
}

void Delivery::Run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (letters_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const auto due = letters_.begin()->first;
    if (std::chrono::steady_clock::now() < due) {
      wake_.wait_until(lock, due);
      continue;
    }
    const Letter letter = std::move(letters_.begin()->second);
    letters_.erase(letters_.begin());
    ++putting_;
    lock.unlock();
    Put(letter);
    lock.lock();
    --putting_;
  }
}

}  // namespace clawback::practice
