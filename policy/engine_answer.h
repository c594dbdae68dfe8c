// SPDX-License-Identifier: Apache-2.0
// What another scanner said of a message, as it is recorded beside the judge's own
// findings. A verdict is a pure function of both:
//
//   verdict = WeighFindings(the judge's findings + FindingsOfEngines(engine answers))
//
// so that whoever judges the same bytes again and adds the recorded answers gets the
// same verdict, without any engine at hand.
#ifndef CLAWBACK_POLICY_ENGINE_ANSWER_H_
#define CLAWBACK_POLICY_ENGINE_ANSWER_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "policy/verdict.h"

namespace clawback {

inline constexpr std::string_view kClamd = "clamd";
inline constexpr std::string_view kRspamd = "rspamd";

enum class EngineOutcome {
  kAnswered,
  kRefused,      // it is there, and did not look at this message: too large for it, say
  kUnavailable,  // not reached, no answer in time, an answer that is none, or not asked
};
std::string_view ToString(EngineOutcome outcome);  // "answered", ...
std::optional<EngineOutcome> EngineOutcomeFrom(std::string_view text);

// One rule of rspamd that was met.
struct EngineSymbol {
  std::string name;
  double score = 0;  // rspamd's: above 0 speaks against the message
  bool operator==(const EngineSymbol&) const = default;
};

struct EngineAnswer {
  std::string engine;  // kClamd, kRspamd
  EngineOutcome outcome = EngineOutcome::kUnavailable;
  bool required = false;                  // as configured then: without an answer nothing is clean
  std::string version{};                  // the engine's and its signatures', as it says them
  std::string detail{};                   // why there is no answer
  std::vector<std::string> signatures{};  // clamd's names of what it found
  std::string action{};                   // rspamd's, "add header"
  double score = 0;                       // rspamd's sum
  double threshold = 0;                   // at which rspamd would reject
  std::vector<EngineSymbol> symbols{};    // weightiest first
  bool operator==(const EngineAnswer&) const = default;
};

// What of an answer is recorded: an engine's words come from outside.
struct EngineAnswerLimits {
  static constexpr std::size_t kText = 256;  // bytes of one text
  static constexpr std::size_t kSignatures = 16;
  static constexpr std::size_t kSymbols = 100;
};
// "answered (ClamAV 1.4.6/27000): nothing found", "unavailable: connect: Connection refused".
std::string InWords(const EngineAnswer& answer);

// Cuts what passes the limits, scores too, repairs what is not UTF-8, puts the symbols in order.
EngineAnswer Recorded(EngineAnswer answer);

// Pure. docs/policy.md, "Engines", tells the reasons and weights. What rspamd says
// never makes kMalicious by itself.
std::vector<Finding> FindingsOfEngines(const std::vector<EngineAnswer>& answers);

// The verdict of a judge with the answers weighed in. verdict is the judge's own.
Verdict WithEngines(Verdict verdict, const std::vector<EngineAnswer>& answers);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_ENGINE_ANSWER_H_
