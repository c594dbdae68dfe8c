// SPDX-License-Identifier: Apache-2.0
// Failures to order: which requests are to meet which one, and how often.
#ifndef CLAWBACK_TESTS_PRACTICE_FAULTS_H_
#define CLAWBACK_TESTS_PRACTICE_FAULTS_H_

#include <boost/json.hpp>
#include <list>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "policy/base/result.h"
#include "tests/practice/http.h"

namespace clawback::practice {

// kTruncated: half of the answer that there would have been.
enum class FaultBody { kJson, kHtml, kEmpty, kTruncated };
// Whether the request is carried out although its answer fails.
enum class FaultMoment { kInsteadOfAct, kAfterAct };

struct Fault {
  // Which requests: "" matches all. path is a part of the target as sent.
  std::string host;  // "graph" or "login"
  std::string method;
  std::string path;
  std::string user;            // object id or userPrincipalName
  std::int64_t skip = 0;       // so many matching requests pass first
  std::int64_t times = 1;      // 0: for ever
  std::int64_t percent = 100;  // of those left, by chance
  // What they meet. status 0: only latency or sending.
  int status = 0;
  std::string code;
  std::string message;
  std::optional<std::string> retry_after;  // as written into the header; "in 3": a date
  std::string throttle_scope;              // x-ms-throttle-scope: whose limit it is
  FaultBody body = FaultBody::kJson;
  FaultMoment moment = FaultMoment::kInsteadOfAct;
  Sending sending = Sending::kWhole;
  std::chrono::milliseconds slow_for{1000};
  std::chrono::milliseconds latency{0};
};

Result<Fault> FaultFromJson(const boost::json::value& value);
boost::json::object ToJson(const Fault& fault);

// Guarded by World's lock.
class Faults {
 public:
  void Add(Fault fault) { faults_.push_back(std::move(fault)); }
  void Clear() { faults_.clear(); }  // met() goes on counting
  const std::list<Fault>& all() const { return faults_; }
  void Seed(std::uint32_t seed) { chance_.seed(seed); }
  std::int64_t met() const { return met_; }

  // The first fault that this request meets; counts it.
  std::optional<Fault> Take(std::string_view host, const HttpRequest& request,
                            std::string_view user_id, std::string_view upn);

 private:
  std::list<Fault> faults_;
  std::mt19937 chance_;  // the same for the same seed
  std::int64_t met_ = 0;
};

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_FAULTS_H_
