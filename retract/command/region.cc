// SPDX-License-Identifier: Apache-2.0
// clawback region report: proves for a month where reports were handled.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "policy/base/log.h"
#include "retract/command/command.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/table.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr OptionSpec kOptions[] = {{"--month", "YYYY-MM", "the month, in UTC; required"},
                                   {"--tenant", "NAME", "one tenant"},
                                   {"--json", "", "one JSON object, as docs/api.md says"},
                                   kSocketOption,
                                   kConfigOption};

void PrintRows(const json::object& report, std::ostream& out) {
  Table table({"TENANT", "REGION", "RELAY", "ADDRESS REGION", "POLICY", "STANDING", "REPORTS"});
  for (const json::value& value : report.at("rows").as_array()) {
    const json::object& row = value.as_object();
    table.Add({TextOf(row, "tenant"), TextOf(row, "region"), TextOf(row, "relay"),
               TextOf(row, "address_region"), TextOf(row, "region_policy"), TextOf(row, "standing"),
               TextOf(row, "reports")});
  }
  table.Print(out);
}

void PrintViolations(const json::object& report, std::ostream& out) {
  const json::array& violations = report.at("violations").as_array();
  if (violations.empty()) return;
  out << "\nviolations\n";
  Table table({"ID", "RECEIVED", "TENANT", "RELAY", "REGION", "ADDRESS REGION", "MESSAGE-ID"});
  for (const json::value& value : violations) {
    const json::object& row = value.as_object();
    table.Add({TextOf(row, "id"), TextOf(row, "received"), TextOf(row, "tenant"),
               TextOf(row, "relay"), TextOf(row, "region"), TextOf(row, "address_region"),
               TextOf(row, "message_id")});
  }
  table.Print(out);
}

// One line that can be read alone.
std::string Conclusion(const json::object& report) {
  const std::string counts = fmt::format(
      "{} in the address's region, {} at a named fallback relay, {} elsewhere, {} unproven",
      TextOf(report, "in_region"), TextOf(report, "fallback"), TextOf(report, "violation"),
      TextOf(report, "unproven"));
  const auto* complete = report.if_contains("complete");  // absent: an earlier sidecar
  const bool pruned = complete != nullptr && !complete->as_bool();
  return fmt::format(
      "{} {}{}: {}{} (ledger of {})",
      report.at("proven").as_bool() ? "proven for" : "NOT proven for", TextOf(report, "month"),
      report.at("ended").as_bool() ? "" : " so far",
      pruned ? "reports of it were pruned (sidecar.retention); of what is kept " : "", counts,
      TextOf(report, "ledger_of"));
}

int Run(const Options& options, const Terminal& terminal) {
  if (options.operands().size() != 1 || options.operands().front() != "report") {
    return Misused(terminal, "region", "expected report");
  }
  const auto month = options.Value("--month");
  if (!month) return Misused(terminal, "region", "report wants --month YYYY-MM");
  json::object arguments{{"month", *month}};
  if (const auto tenant = options.Value("--tenant")) arguments["tenant"] = *tenant;
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "region", sidecar.error().what);
  const Result<std::string> answer = sidecar->Ask(kRegionReport, json::serialize(arguments));
  if (!answer) return Fail(terminal, "region", answer.error().what);
  const json::object report = json::parse(*answer).as_object();
  if (options.Has("--json")) {
    terminal.out << JsonText(report) << '\n';
  } else {
    PrintRows(report, terminal.out);
    PrintViolations(report, terminal.out);
    terminal.out << '\n' << EscapeForTerminal(Conclusion(report)) << '\n';
  }
  return report.at("proven").as_bool() ? kExitDone : kExitFailed;
}

constexpr std::string_view kAbout =
    "Counts the month's reports by tenant, region, relay and region of the service address, with\n"
    "the region policy that was in force when each came, and lists every one that was handled "
    "where\n"
    "that policy does not allow it. Exit status 0 if there is none, and none whose region was not\n"
    "recorded, and none of the month was pruned; else 1. It speaks of the reports in this relay's "
    "ledger: run it on every relay.\n";

}  // namespace

const Subcommand kRegionCommand = {"region", "report", "proves where reports were handled",
                                   kAbout,   kOptions, Run};

}  // namespace clawback
