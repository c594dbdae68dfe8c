// SPDX-License-Identifier: Apache-2.0
// What is not finished ends where the contrary is asked for now; the inside of this folder
// only. Everything here is done within the caller's transaction.
#ifndef CLAWBACK_RETRACT_LEDGER_CALLING_OFF_H_
#define CLAWBACK_RETRACT_LEDGER_CALLING_OFF_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "retract/ledger/ledger.h"
#include "retract/ledger/sqlite.h"

namespace clawback {

inline constexpr std::string_view kUndoAskedFor = "called off: an undo was asked for";

enum class Unfinished {
  kByHand,     // what persons asked for, in jobs too
  kOfResting,  // of that, what a paused job holds
  kAutomatic,  // what has not begun to act; what has is undone instead
};

struct CallingOff {
  Unfinished which;
  std::int64_t message = 0;
  Task task = Task::kRetract;
  std::string recipient_key;  // empty: of every recipient
  std::string_view why;
  Time now{};
};

// Ends those as blocked, and jobs that had nothing else left to do; answers how many. A worker
// at one of them can begin nothing more.
Result<int> CallOff(Database& database, const CallingOff& off);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_CALLING_OFF_H_
