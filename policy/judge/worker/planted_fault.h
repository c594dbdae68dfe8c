// SPDX-License-Identifier: Apache-2.0
// What tests can make a judge do wrong, by CLAWBACK_FAULT (fault_point.h):
//   judge.crash-on=TEXT  aborts over bytes that hold TEXT
//   judge.loop-on=TEXT   runs for ever over them
//   judge.hang-on=TEXT   waits for ever over them, using no processor time
//   judge.grow-on=TEXT   takes memory for ever over them
//   judge.leave-on=TEXT  answers, then ends without having said so
//   judge.try=CALL       tries a forbidden call once confined: open (read a file),
//                        create, socket, exec, fork, signal, executable-memory
#ifndef CLAWBACK_POLICY_JUDGE_WORKER_PLANTED_FAULT_H_
#define CLAWBACK_POLICY_JUDGE_WORKER_PLANTED_FAULT_H_

#include <optional>
#include <string>
#include <string_view>

namespace clawback {

class PlantedFaults {
 public:
  PlantedFaults();  // reads the settings
  void TryForbiddenCall() const;
  void BeforeJudging(std::string_view bytes) const;
  bool LeavesAfter(std::string_view bytes) const;

 private:
  std::optional<std::string> crash_on_, loop_on_, hang_on_, grow_on_, leave_on_, try_;
};

}  // namespace clawback

#endif  // CLAWBACK_POLICY_JUDGE_WORKER_PLANTED_FAULT_H_
