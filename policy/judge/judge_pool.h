// SPDX-License-Identifier: Apache-2.0
// Feeds the judges: a few confined clawback-judge processes that get bytes over a
// socketpair, or in a memfd, and answer over it. A judge that dies, hangs or passes its limits
// is killed and replaced; only its own report is hurt.
#ifndef CLAWBACK_POLICY_JUDGE_JUDGE_POOL_H_
#define CLAWBACK_POLICY_JUDGE_JUDGE_POOL_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "policy/base/result.h"
#include "policy/judge/judgement.h"
#include "policy/judge/report_bytes.h"

namespace clawback {

struct JudgeLimits {
  std::chrono::milliseconds cpu{1000};
  std::chrono::milliseconds wall{15000};
  // The judge's own memory: the message's size and this, in bytes.
  std::uint64_t memory_beyond_message = 64ULL << 20;
};

struct JudgePoolOptions {
  std::string program;  // path of clawback-judge
  int workers = 0;      // 0: one a core
  JudgeLimits limits;
  std::string model{};  // bytes of a learned model (ReadModelFile); empty: the shipped one
};

// Safe from any thread.
class JudgePool {
 public:
  // Starts the workers; fails if the program cannot be run or does not answer, or if
  // the model is none.
  static Result<std::unique_ptr<JudgePool>> Start(const JudgePoolOptions& options);
  ~JudgePool();  // kills the workers; no call may be in flight

  // Waits for a free judge and for its answer, both within wait. bytes must be
  // sealed. Waiting callers are served in the order they came. kTransient: no judge
  // was free in time (or so late that less than half of wait was left for the judge),
  // or none can be started: not the report's fault. kRefused: the judge died or was
  // killed over this report; what says how ("judge killed: cpu time over 1 s").
  // kInvalid: the bytes are not sealed, or the request is too large to send or names lists
  // that are not in shared memory.
  Result<Judgement> Judge(const ReportBytes& bytes, const JudgeRequest& request,
                          std::chrono::milliseconds wait);

  struct Counts {
    std::uint64_t judged = 0;     // answers given
    std::uint64_t died = 0;       // judges that ended by themselves, with or without a report
    std::uint64_t killed = 0;     // judges ended at a limit
    std::uint64_t restarted = 0;  // judges started to replace one
  };
  Counts counts() const;

 private:
  struct State;
  explicit JudgePool(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_JUDGE_POOL_H_
