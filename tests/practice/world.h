// SPDX-License-Identifier: Apache-2.0
// Everything that Microsoft's cloud remembers, behind one lock. Hosts hold the lock
// while they look or change, never while they wait.
#ifndef CLAWBACK_TESTS_PRACTICE_WORLD_H_
#define CLAWBACK_TESTS_PRACTICE_WORLD_H_

#include <deque>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <string_view>

#include "policy/base/clock.h"
#include "tests/practice/config.h"
#include "tests/practice/directory.h"
#include "tests/practice/faults.h"
#include "tests/practice/throttle.h"

namespace clawback::practice {

// One request that Graph or login saw; a part of a $batch has batch_id.
struct LoggedRequest {
  std::string host;
  std::string method;
  std::string target;
  int status = 0;
  std::string code;  // of an error
  std::string request_id;
  std::string client_request_id;
  std::string batch_id;
  std::string user_id;
  std::int64_t retry_attempt = 0;
  Time time;
  // As sent, so that whoever reads the log can tell who came back early.
  std::string retry_after;
  std::string throttle_scope;
  std::string tenant_id = {};  // of the token
};

struct World {
  std::mutex mutex;  // guards all that follows

  PracticeConfig config;
  ServiceSettings settings;
  std::deque<Tenant> tenants;
  Faults faults;
  Throttle throttle;
  std::deque<LoggedRequest> requests;
  std::map<std::string, std::int64_t> ignored_parameters;  // unknown ones, by name
  std::set<std::string> used_assertions;                   // client id and jti
  std::int64_t tokens_issued = 0;
  std::int64_t requests_seen = 0;  // the log forgets the oldest
  std::int64_t acts = 0;           // moves and deletes by apps
  std::int64_t repeated_acts = 0;  // of them: of an item that an app had acted on before
  std::int64_t moved_on = 0;       // by owners and rules, under an app's hands
  std::mt19937 chance;             // for them
  std::string token_key;           // another key: all tokens so far are worthless
  std::string login_url;
  std::string graph_url;

  // By GUID, verified domain or initial domain.
  Tenant* FindTenant(std::string_view name);
  // As above, or by the short name of the configuration.
  Tenant* FindTenantForControl(std::string_view name);
  void LogRequest(LoggedRequest request);
};

using Locked = std::unique_lock<std::mutex>;
inline Locked Lock(World& world) { return Locked(world.mutex); }

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_WORLD_H_
