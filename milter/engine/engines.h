// SPDX-License-Identifier: Apache-2.0
// The engines that a relay, or the command, asks: all at the same time, each with its own
// deadline; their answers are weighed into the judge's verdict.
#ifndef CLAWBACK_MILTER_ENGINE_ENGINES_H_
#define CLAWBACK_MILTER_ENGINE_ENGINES_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <string_view>

#include "milter/engine/engine.h"
#include "policy/judge/judgement.h"

namespace clawback {

struct EngineCounts {
  std::atomic<std::uint64_t> answered{0}, refused{0}, unavailable{0};
};

// Consult is safe from any thread, once all are added.
class Engines {
 public:
  // Of those that settings name.
  static std::unique_ptr<Engines> Make(const EnginesSettings& settings);

  void Add(std::unique_ptr<Engine> engine, std::chrono::milliseconds deadline, bool required);
  bool empty() const { return asked_.empty(); }

  // bytes are those that judgement is about. They are asked about the message where it stands
  // in them, and about nothing that holds none. Waits for all, at most within. An engine that
  // begins or ceases to answer is logged, once.
  void Consult(std::string_view bytes, std::chrono::milliseconds within, Judgement* judgement);

  // Zeros for a name that is not asked.
  const EngineCounts& counts(std::string_view name) const;

 private:
  struct Asked {
    Asked(std::unique_ptr<Engine> of, std::chrono::milliseconds within, bool wanted)
        : engine(std::move(of)), deadline(within), required(wanted) {}
    const std::unique_ptr<Engine> engine;
    const std::chrono::milliseconds deadline;
    const bool required;
    EngineCounts counts;
    std::atomic<bool> answers{true};  // as last logged
  };
  struct Question;

  static EngineAnswer Ask(Asked* asked, const Question& question);
  static void Note(Asked* asked, const EngineAnswer& answer);

  std::deque<Asked> asked_;
};

}  // namespace clawback

#endif  // CLAWBACK_MILTER_ENGINE_ENGINES_H_
