// SPDX-License-Identifier: Apache-2.0
// Why a message got its disposition: the rule that held, what it was made of, what did not
// suffice, and the versions behind it. For people, and as JSON.
#ifndef CLAWBACK_RETRACT_COMMAND_EXPLANATION_H_
#define CLAWBACK_RETRACT_COMMAND_EXPLANATION_H_

#include <boost/json.hpp>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "policy/decide.h"
#include "policy/judge/judged_with.h"

namespace clawback {

class Page;

// The recorded answer beside a repetition over the bytes of a file.
struct Replay {
  std::string file;
  std::string settings_from;                 // of the tenant's, in words; empty: no tenant's
  std::string relay;                         // whose model and list files it was judged with
  bool same_bytes = false;                   // as the report that was recorded
  std::vector<std::string> inputs, answers;  // that differ, in words

  bool Same() const { return same_bytes && answers.empty(); }
};

struct Explanation {
  std::string of;  // "trace 17", or the file
  Judgement judgement;
  std::optional<JudgedWith> with;    // absent in what an earlier release recorded
  std::optional<Decision> decision;  // of a trace
  std::optional<Replay> replay;
  std::string settings_from{};           // of a file, the tenant's, in words; empty: no tenant's
  std::string relay{};                   // of a file, whose model and list files it was judged with
  std::vector<std::string> not_asked{};  // of a file, engines that the relay asks
  std::string body{};  // what became of the body that was kept, in words; empty: none was
};

// Each with its weight, where in the message it stands, and what it saw.
void PrintFindings(const std::vector<Finding>& findings, Page* page);

// "clamd, rspamd (...)", for people; empty where all were asked.
std::string NotAskedInWords(const std::vector<std::string>& engines);

// "none (trusted-sender: partner.example)"
std::string InWords(const RecipientDecision& recipient);

boost::json::object Fields(const Explanation& explanation);
void PrintExplanation(const Explanation& explanation, std::ostream& out);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_EXPLANATION_H_
