// SPDX-License-Identifier: Apache-2.0
// The seam to scanners that others make: each is asked about a message over its own
// socket and answers within a deadline, or it is said why not.
#ifndef CLAWBACK_MILTER_ENGINE_ENGINE_H_
#define CLAWBACK_MILTER_ENGINE_ENGINE_H_

#include <chrono>
#include <memory>
#include <string_view>

#include "policy/engine_answer.h"
#include "policy/engine_settings.h"

namespace clawback {

using EngineDeadline = std::chrono::steady_clock::time_point;

// Safe from any thread; keeps no connection between two questions.
class Engine {
 public:
  virtual ~Engine() = default;
  virtual std::string_view name() const = 0;
  // Whether it finds by itself what is packed in a report, so that the whole report will do
  // where the message cannot be had alone.
  virtual bool unpacks_reports() const = 0;
  // Total: whatever the other side does, there is an answer soon after deadline, and no more
  // memory is used than the answer's cap. bytes are read, not copied. `required` is the
  // caller's to fill in.
  virtual EngineAnswer Ask(std::string_view bytes, EngineDeadline deadline) const = 0;
};

std::unique_ptr<Engine> MakeClamd(EngineSettings settings);
std::unique_ptr<Engine> MakeRspamd(EngineSettings settings);

}  // namespace clawback

#endif  // CLAWBACK_MILTER_ENGINE_ENGINE_H_
