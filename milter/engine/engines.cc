// SPDX-License-Identifier: Apache-2.0
//
// They are asked after the judge and not while it works: only it can tell where in a
// report the message stands, it takes milliseconds, and what holds no message need not be
// asked about at all.
#include "milter/engine/engines.h"

#include <algorithm>
#include <exception>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "policy/base/log.h"

namespace clawback {
namespace {

using std::chrono::milliseconds;

bool HoldsMessage(const Judgement& judgement) {
  const ReportKind kind = judgement.report.kind;
  return kind == ReportKind::kJournalReport || kind == ReportKind::kMessage;
}

}  // namespace

struct Engines::Question {
  std::string_view report;
  std::optional<std::string_view> message;  // absent: it stands encoded in the report
  EngineDeadline until;
};

std::unique_ptr<Engines> Engines::Make(const EnginesSettings& settings) {
  auto engines = std::make_unique<Engines>();
  if (const auto& clamd = settings.clamd) {
    engines->Add(MakeClamd(*clamd), clamd->deadline, clamd->required);
  }
  if (const auto& rspamd = settings.rspamd) {
    engines->Add(MakeRspamd(*rspamd), rspamd->deadline, rspamd->required);
  }
  return engines;
}

void Engines::Add(std::unique_ptr<Engine> engine, milliseconds deadline, bool required) {
  asked_.emplace_back(std::move(engine), deadline, required);
}

EngineAnswer Engines::Ask(Asked* asked, const Question& question) {
  EngineAnswer answer{.engine = std::string(asked->engine->name())};
  const EngineDeadline deadline =
      std::min(std::chrono::steady_clock::now() + asked->deadline, question.until);
  try {
    if (question.message) {
      answer = asked->engine->Ask(*question.message, deadline);
    } else if (asked->engine->unpacks_reports()) {
      answer = asked->engine->Ask(question.report, deadline);
    } else {
      answer.outcome = EngineOutcome::kRefused;
      answer.detail = "the message stands encoded in the report";
    }
  } catch (const std::exception& failure) {  // memory, in the main
    answer.outcome = EngineOutcome::kUnavailable;
    answer.detail = failure.what();
  }
  answer.required = asked->required;
  answer = Recorded(std::move(answer));
  Note(asked, answer);
  return answer;
}

void Engines::Note(Asked* asked, const EngineAnswer& answer) {
  switch (answer.outcome) {
    case EngineOutcome::kAnswered:
      ++asked->counts.answered;
      break;
    case EngineOutcome::kRefused:
      ++asked->counts.refused;
      break;
    case EngineOutcome::kUnavailable:
      ++asked->counts.unavailable;
      break;
  }
  const bool answers = answer.outcome != EngineOutcome::kUnavailable;
  if (asked->answers.exchange(answers) == answers) return;
  if (answers) {
    Log(Severity::kInfo, "engine-answers",
        {{"engine", answer.engine}, {"version", answer.version}});
  } else {
    Log(asked->required ? Severity::kError : Severity::kWarning, "engine-unavailable",
        {{"engine", answer.engine}, {"why", answer.detail}});
  }
}

void Engines::Consult(std::string_view bytes, milliseconds within, Judgement* judgement) {
  if (asked_.empty() || !HoldsMessage(*judgement)) return;
  Question question{bytes, std::nullopt, std::chrono::steady_clock::now() + within};
  const std::uint64_t size = judgement->message_bytes;
  // A judge may have been taken over by what it read: its word is no place to read at.
  if (const auto offset = judgement->message_offset;
      offset && *offset <= bytes.size() && size <= bytes.size() - *offset) {
    question.message = bytes.substr(*offset, size);
  }
  std::vector<std::future<EngineAnswer>> others;
  for (std::size_t i = 1; i < asked_.size(); ++i) {
    others.push_back(std::async(std::launch::async | std::launch::deferred,
                                [this, i, &question] { return Ask(&asked_[i], question); }));
  }
  judgement->engines.push_back(Ask(&asked_.front(), question));
  for (auto& other : others) judgement->engines.push_back(other.get());
  judgement->verdict = WithEngines(std::move(judgement->verdict), judgement->engines);
}

const EngineCounts& Engines::counts(std::string_view name) const {
  static const EngineCounts kNone;
  const auto found = std::find_if(asked_.begin(), asked_.end(),
                                  [&](const Asked& each) { return each.engine->name() == name; });
  return found == asked_.end() ? kNone : found->counts;
}

}  // namespace clawback
