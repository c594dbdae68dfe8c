// SPDX-License-Identifier: Apache-2.0
#include "retract/command/trace_follow.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <ostream>
#include <thread>

#include "policy/base/log.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"

namespace clawback {
namespace {

constexpr std::chrono::milliseconds kTryEvery{200};

// Every line is flushed as it is printed, so that nothing is lost by ending at once;
// waiting for a reader of a full pipe must not outlast Ctrl-C.
extern "C" void EndAtOnce(int) { ::_exit(kExitDone); }

void EndOnSignals() {
  std::signal(SIGINT, EndAtOnce);
  std::signal(SIGTERM, EndAtOnce);
}

std::string RowLine(const TraceRow& row) {
  const bool decided = row.handling == Handling::kDecided;
  return fmt::format("{}  {}  {} ({})  {}  {}  {}  {} rcpts  {}  {}  {}", FormatTime(row.received),
                     row.id, row.relay, row.region, row.tenant, ToString(row.disposition),
                     decided ? row.main_reason : ToString(row.handling), row.recipients, row.sender,
                     row.message_id, row.subject);
}

std::string OutcomeLine(const ProtocolEvent& event) {
  const RetractionRow& retraction = *event.retraction;
  const std::string_view task =
      retraction.task == Task::kUndo ? ToString(retraction.task) : ToString(retraction.action);
  std::string line = fmt::format(
      "{}  {}  {}  {}: {}: {}", retraction.outcome ? FormatTime(retraction.outcome->at) : "-",
      event.row ? std::to_string(event.row->id) : "-", event.tenant, retraction.recipient, task,
      retraction.outcome ? ToString(retraction.outcome->kind) : "no outcome");
  if (retraction.state != RetractionState::kFinal) {
    line += fmt::format(" ({})", ToString(retraction.state));
  }
  if (!retraction.outcome) return line;
  const Outcome& outcome = *retraction.outcome;
  if (!outcome.folder_after.empty()) {
    line += fmt::format(", {} -> {}", outcome.folder_before, outcome.folder_after);
  }
  return outcome.detail.empty() ? line : line + ", " + outcome.detail;
}

std::string LineOf(const ProtocolEvent& event) {
  if (event.retraction) return OutcomeLine(event);
  if (event.row) return RowLine(*event.row);
  return fmt::format("-  -  {}  {}: {}", event.tenant, event.kind, event.reason);
}

class Following {
 public:
  Following(const TraceQuery& query, int count, const Options& options, const Terminal& terminal)
      : count_(count), options_(options), terminal_(terminal) {
    wanted_.tenant = query.tenant;
    wanted_.kinds = {ChangeKind::kRow, ChangeKind::kOutcome};
    TraceQuery rest = query;
    rest.tenant.clear();
    rest.limit = TraceQuery{}.limit;
    if (ToJson(rest) != ToJson(TraceQuery{})) wanted_.matching = rest;
  }

  // Until the stream breaks off, or enough was printed (kExitDone). The first
  // connection says what is wrong; later ones are tried again and again.
  Result<CommandExit> Once() {
    auto sidecar = ConnectSidecar(options_);
    if (!sidecar) return sidecar.error();
    const auto begin = sidecar->Subscribe(wanted_);
    if (!begin) return begin.error();
    wanted_.after = *begin;
    if (away_) Tell("clawback-retractd is back");
    away_ = false;
    while (true) {
      const auto event = sidecar->NextEvent();
      if (!event) return event.error();
      if (event->kind == "end") {
        return Error{ErrorKind::kTransient, "clawback-retractd ended the stream: " + event->reason};
      }
      wanted_.after = event->position;
      if (event->kind != "heartbeat" && !Print(*event)) return kExitFailed;
      if (count_ > 0 && printed_ >= count_) return kExitDone;
    }
  }

  int UntilTheEnd() {
    while (true) {
      const auto exit = Once();
      if (exit) return *exit;
      const ErrorKind kind = exit.error().kind;
      const bool hopeless = kind == ErrorKind::kRefused || kind == ErrorKind::kInvalid ||
                            kind == ErrorKind::kNotFound;
      if (!wanted_.after || hopeless) return Fail(terminal_, "trace", exit.error().what);
      if (!away_) Tell(exit.error().what + "; trying again");
      away_ = true;
      std::this_thread::sleep_for(kTryEvery);
    }
  }

 private:
  bool Print(const ProtocolEvent& event) {
    const std::string line =
        options_.Has("--json") ? PlainNumbers(event.json) : EscapeForTerminal(LineOf(event));
    terminal_.out << line + "\n" << std::flush;
    ++printed_;
    return terminal_.out.good();
  }
  void Tell(const std::string& what) {
    terminal_.err << "clawback trace: " << EscapeForTerminal(what) << std::endl;
  }

  SubscribeRequest wanted_;
  const int count_;
  const Options& options_;
  const Terminal& terminal_;
  int printed_ = 0;
  bool away_ = false;
};

}  // namespace

int FollowTrace(const TraceQuery& query, int count, const Options& options,
                const Terminal& terminal) {
  EndOnSignals();
  return Following(query, count, options, terminal).UntilTheEnd();
}

}  // namespace clawback
