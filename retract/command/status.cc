// SPDX-License-Identifier: Apache-2.0
// clawback status: how the sidecar is doing.
#include <fmt/format.h>

#include <ostream>

#include "policy/base/log.h"
#include "policy/base/yaml.h"
#include "retract/command/command.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"

namespace clawback {
namespace {

constexpr OptionSpec kOptions[] = {{"--json", "", "one JSON object"}, kSocketOption, kConfigOption};

std::string TextOf(const PruneProgress& pruned) {
  std::string text = fmt::format("{}: {} messages pruned since the start",
                                 FormatDuration(pruned.retention), pruned.messages);
  if (pruned.passed == Time{}) return text + ", first pass not over yet";
  text += fmt::format(", last pass over at {}; {} older ones are still needed",
                      FormatTime(pruned.passed), pruned.needed);
  if (pruned.unreadable == 0) return text;
  return text + fmt::format(", {} cannot be read and stay", pruned.unreadable);
}

void Print(const SidecarStatus& status, std::ostream& out) {
  const auto line = [&](std::string_view name, std::string_view value) {
    out << fmt::format("{:<16}{}\n", name, EscapeForTerminal(value));
  };
  const LedgerCounts& counts = status.counts;
  line("relay", fmt::format("{} (region {})", status.relay, status.region));
  line("release", status.version);
  line("reports", std::to_string(counts.reports));
  line("retractions", fmt::format("{} armed, {} claimed, {} held, {} final", counts.armed,
                                  counts.claimed, counts.held, counts.final));
  line("followed to",
       status.followed_to.segment.empty()
           ? "nothing yet"
           : fmt::format("{}, row {}", status.followed_to.segment, status.followed_to.sequence));
  for (const TrippedBreaker& breaker : status.tripped) {
    line("breaker", fmt::format("{} tripped at {}: {}; {} retractions wait. Let them pass, or not: "
                                "clawback breaker release {}, clawback breaker discard {}",
                                breaker.tenant, FormatTime(breaker.at), breaker.why, breaker.held,
                                breaker.tenant, breaker.tenant));
  }
  for (const EngineActivity& engine : status.engines) {
    std::string did =
        fmt::format("{}: in a day {} answers, {} refused, {} times away", engine.engine,
                    engine.answered, engine.refused, engine.unavailable);
    if (engine.last_answered != Time{}) {
      did += ", last answer " + FormatTime(engine.last_answered);
    }
    if (engine.last_unavailable != Time{}) {
      did += ", last away " + FormatTime(engine.last_unavailable);
    }
    line("engine", did);
  }
  if (status.pruned.retention.count() > 0) line("retention", TextOf(status.pruned));
  line("last error", status.last_error.empty() ? "none" : status.last_error);
}

int Run(const Options& options, const Terminal& terminal) {
  if (!options.operands().empty()) return Misused(terminal, "status", "no operand expected");
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "status", sidecar.error().what);
  const Result<SidecarStatus> status = sidecar->AskStatus();
  if (!status) return Fail(terminal, "status", status.error().what);
  if (options.Has("--json")) {
    terminal.out << PlainNumbers(ToJson(*status)) << '\n';
  } else {
    Print(*status, terminal.out);
  }
  return kExitDone;
}

}  // namespace

const Subcommand kStatusCommand = {"status", "",       "tells how the sidecar is doing",
                                   "",       kOptions, Run};

}  // namespace clawback
