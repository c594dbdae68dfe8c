// SPDX-License-Identifier: Apache-2.0
// clawback audit: lists who did what, or walks the chain.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "policy/base/log.h"
#include "retract/command/command.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/table.h"
#include "retract/command/trace_query.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr OptionSpec kOptions[] = {
    {"--tenant", "NAME", "list: one tenant"},
    {"--what", "WORD", "list: one kind of entry, such as settings.set"},
    {"--since", "TIME", "list: 2026-11-03T09:14:22Z, 2026-11-03, or 2h (ago)"},
    {"--until", "TIME", "list: before this time"},
    {"--limit", "N", "list: at most N entries, 1 to 1000; 50 unless given"},
    {"--json", "", "list: one JSON object a line; verify: one object"},
    kSocketOption,
    kConfigOption};

void PrintEntries(const json::array& rows, const Options& options, const Terminal& terminal) {
  Table table({"SEQUENCE", "AT", "WHO", "WHAT", "TENANT", "TARGET", "WHY"});
  for (const json::value& value : rows) {
    const json::object& row = value.as_object();
    if (options.Has("--json")) {
      terminal.out << JsonText(row) << '\n';
      continue;
    }
    table.Add({TextOf(row, "sequence"), TextOf(row, "at"),
               TextOf(row.at("who").as_object(), "text"), TextOf(row, "what"),
               TextOf(row, "tenant"), TextOf(row, "target"), TextOf(row, "why")});
  }
  if (options.Has("--json")) return;
  if (rows.empty()) {
    terminal.err << "clawback audit: no entry found\n";
    return;
  }
  table.Print(terminal.out);
}

int List(const Options& options, const Terminal& terminal, SidecarClient& sidecar) {
  const Result<TraceQuery> range = ReadTraceQuery(options, SystemClock().Now());
  if (!range) return Misused(terminal, "audit", range.error().what);
  json::object arguments{{"limit", range->limit}};
  if (!range->tenant.empty()) arguments["tenant"] = range->tenant;
  if (const auto what = options.Value("--what")) arguments["what"] = *what;
  if (range->since) arguments["since"] = FormatTime(*range->since);
  if (range->until) arguments["until"] = FormatTime(*range->until);
  const Result<std::string> answer = sidecar.Ask("audit.list", json::serialize(arguments));
  if (!answer) return Fail(terminal, "audit", answer.error().what);
  PrintEntries(json::parse(*answer).at("rows").as_array(), options, terminal);
  return kExitDone;
}

int Verify(const Options& options, const Terminal& terminal, SidecarClient& sidecar) {
  const Result<std::string> answer = sidecar.Ask("audit.verify", "{}");
  if (!answer) return Fail(terminal, "audit", answer.error().what);
  const json::object check = json::parse(*answer).as_object();
  const bool whole = check.at("whole").as_bool();
  if (options.Has("--json")) {
    terminal.out << JsonText(check) << '\n';
    return whole ? kExitDone : kExitFailed;
  }
  for (const json::value& value : check.at("faults").as_array()) {
    const json::object& fault = value.as_object();
    terminal.out << EscapeForTerminal(fmt::format("entry {}: {}", TextOf(fault, "sequence"),
                                                  TextOf(fault, "what")))
                 << '\n';
  }
  const json::object& head = check.at("head").as_object();
  terminal.out << fmt::format(
      "{}: {} entries, the last is {} {}\n", whole ? "whole" : "tampered with or damaged",
      TextOf(check, "entries"), TextOf(head, "sequence"), TextOf(head, "hash"));
  return whole ? kExitDone : kExitFailed;
}

int Run(const Options& options, const Terminal& terminal) {
  const bool one = options.operands().size() == 1;
  const bool verify = one && options.operands().front() == "verify";
  if (!verify && (!one || options.operands().front() != "list")) {
    return Misused(terminal, "audit", "expected list or verify");
  }
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "audit", sidecar.error().what);
  return verify ? Verify(options, terminal, *sidecar) : List(options, terminal, *sidecar);
}

constexpr std::string_view kAbout =
    "list: the newest entries that fit all options.\n"
    "verify: walks the chain of digests and names every entry that was changed, dropped,\n"
    "moved or cut off at the end; exit status 1 if there is one. It cannot tell when somebody\n"
    "who may write the ledger's folder made the whole chain and audit.head anew: compare the\n"
    "last digest with the events \"audit\" of a log that is kept elsewhere.\n";

}  // namespace

const Subcommand kAuditCommand = {
    "audit", "list|verify", "tells who did what, and whether that is whole", kAbout, kOptions, Run};

}  // namespace clawback
