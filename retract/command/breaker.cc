// SPDX-License-Identifier: Apache-2.0
// clawback breaker: the volume brake of each tenant.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "policy/base/log.h"
#include "retract/command/command.h"
#include "retract/command/job_output.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/table.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr OptionSpec kOptions[] = {
    {"--reason", "TEXT", "release, discard: why; goes into the audit"},
    {"--json", "", "one JSON object a line"},
    kSocketOption,
    kConfigOption};

std::string BoundsOf(const json::object& row) {
  const std::string count = FieldText(row, "count");
  return fmt::format("{} or {} % (from {}) in {}", count == "0" ? "any" : count,
                     FieldText(row, "share"), FieldText(row, "share_from"),
                     FieldText(row, "window"));
}

int Show(SidecarClient& sidecar, const std::string& tenant, const Options& options,
         const Terminal& terminal) {
  const auto answer = sidecar.Ask(kBreakerShow, json::serialize(json::object{{"tenant", tenant}}));
  if (!answer) return Fail(terminal, "breaker", answer.error().what);
  const json::value rows = json::parse(*answer);
  Table table({"TENANT", "STATE", "HELD", "RETRACTED", "OF", "BOUNDS", "SINCE", "WHY"});
  for (const json::value& value : rows.at("rows").as_array()) {
    const json::object& row = value.as_object();
    if (options.Has("--json")) {
      terminal.out << JsonText(row) << '\n';
      continue;
    }
    table.Add({FieldText(row, "tenant"), row.at("tripped").as_bool() ? "tripped" : "closed",
               FieldText(row, "held"), FieldText(row, "passed"), FieldText(row, "inbound"),
               BoundsOf(row), FieldText(row, "tripped_at"), FieldText(row, "why")});
  }
  if (!options.Has("--json")) table.Print(terminal.out);
  return kExitDone;
}

int Settle(SidecarClient& sidecar, const std::string& verb, const std::string& tenant,
           const Options& options, const Terminal& terminal) {
  const json::object arguments{{"tenant", tenant}, {"reason", options.ValueOr("--reason", "")}};
  const auto answer = sidecar.Ask("breaker." + verb, json::serialize(arguments));
  if (!answer) return Fail(terminal, "breaker", answer.error().what);
  const json::object done = json::parse(*answer).as_object();
  if (options.Has("--json")) {
    terminal.out << JsonText(done) << '\n';
  } else {
    terminal.out << FieldText(done, "retractions")
                 << (verb == "release" ? " retractions begin again\n" : " retractions discarded\n");
  }
  return kExitDone;
}

int Run(const Options& options, const Terminal& terminal) {
  const auto& words = options.operands();
  const std::string verb = words.empty() ? "" : words.front();
  const bool settles = (verb == "release" || verb == "discard") && words.size() == 2;
  if (!settles && (verb != "show" || words.size() > 2)) {
    return Misused(terminal, "breaker", "expected show [TENANT], release TENANT or discard TENANT");
  }
  if (settles && options.ValueOr("--reason", "").empty()) {
    return Misused(terminal, "breaker", "--reason: say why");
  }
  auto sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "breaker", sidecar.error().what);
  const std::string tenant = words.size() == 2 ? words[1] : "";
  return settles ? Settle(*sidecar, verb, tenant, options, terminal)
                 : Show(*sidecar, tenant, options, terminal);
}

constexpr std::string_view kAbout =
    "A tenant's breaker trips when automatic retractions would pass a number, or a share of the\n"
    "mailboxes that reports named, within a window (breaker.count, breaker.share,\n"
    "breaker.window: clawback tenant set). From then on every automatic retraction of the\n"
    "tenant is held.\n"
    "show: what each breaker counted, holds, and why it tripped.\n"
    "release: what is held is retracted after all, and counting begins anew.\n"
    "discard: what is held is not retracted, and counting begins anew.\n";

}  // namespace

const Subcommand kBreakerCommand = {"breaker",
                                    "show|release|discard [TENANT]",
                                    "shows and settles what the volume brake holds",
                                    kAbout,
                                    kOptions,
                                    Run};

}  // namespace clawback
