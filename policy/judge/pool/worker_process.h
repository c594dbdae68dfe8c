// SPDX-License-Identifier: Apache-2.0
// One judge process as the pool sees it: a pid and a socket. Used by one thread at
// a time, which may be another one each time.
#ifndef CLAWBACK_POLICY_JUDGE_POOL_WORKER_PROCESS_H_
#define CLAWBACK_POLICY_JUDGE_POOL_WORKER_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "policy/base/c_handle.h"
#include "policy/base/result.h"
#include "policy/judge/judge_pool.h"
#include "policy/judge/pool/protocol.h"

namespace clawback {

using Deadline = std::chrono::steady_clock::time_point;

// What came of one question.
enum class ExchangeEnd {
  kAnswered,
  kLast,      // answered, and the judge ends now by its own wish
  kGone,      // the judge ended before it answered
  kTooLate,   // the deadline passed
  kTooLarge,  // the answer is over kMaxAnswerBytes
  kNonsense,  // not this protocol
};

struct Exchange {
  ExchangeEnd end = ExchangeEnd::kGone;
  std::string json;  // only for the first two ends
};

// How a process ended: waitpid's status, or -1 if nobody knows any more.
struct ProcessEnd {
  int status = -1;
};
// Whether the judge was ended by one of its own limits rather than by a fault.
bool IsLimit(ProcessEnd end);
// "judge killed: cpu time over 1 s", "judge died: Segmentation fault".
std::string Describe(ProcessEnd end, const JudgeLimits& limits);

// What is started, and with which model.
struct JudgeProgram {
  std::string path;
  int model = -1;  // a sealed memfd that stays the caller's; negative: the shipped one
};

class WorkerProcess {
 public:
  // Starts program with an empty environment (but for CLAWBACK_FAULT), its socket, its
  // model, standard error, and nothing else of ours. The judge asks to be killed when the
  // calling thread ends (PR_SET_PDEATHSIG goes by thread): that thread has to stay.
  static Result<WorkerProcess> Spawn(const JudgeProgram& program);
  WorkerProcess(WorkerProcess&& other) noexcept;
  WorkerProcess& operator=(WorkerProcess&& other) noexcept;
  ~WorkerProcess();  // kills and reaps

  // Waits until the judge is prepared and confined.
  Status AwaitGreeting(Deadline deadline);
  // Whether it still waits for a question: false once it ended or said a word.
  bool Waits() const;
  // report: empty where it is in a file. descriptors: then the report's, and those of the
  // header's lists, at most kMostDescriptors.
  Exchange Ask(const RequestHeader& header, std::string_view json, std::string_view report,
               std::span<const int> descriptors, Deadline deadline);
  // Kills and reaps. A judge that had ended before tells its own end, not our kill.
  ProcessEnd End();

 private:
  WorkerProcess(pid_t pid, FileDescriptor socket) : pid_(pid), socket_(std::move(socket)) {}
  pid_t pid_ = -1;
  FileDescriptor socket_;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_POOL_WORKER_PROCESS_H_
