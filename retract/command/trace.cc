// SPDX-License-Identifier: Apache-2.0
// clawback trace: searches what became of messages, or tells the story of one.
#include <fmt/format.h>

#include <charconv>
#include <ostream>

#include "retract/command/command.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/table.h"
#include "retract/command/trace_follow.h"
#include "retract/command/trace_query.h"
#include "retract/command/trace_story.h"

namespace clawback {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--message-id", "ID", "exactly this Message-ID, with its brackets"},
    {"--sender", "ADDRESS", "exactly this sender; <> for the null sender"},
    {"--recipient", "ADDRESS", "a recipient that the report names"},
    {"--tenant", "NAME", "one tenant"},
    {"--disposition", "WORD", "NONE, BULK, SPAM, SPOOF, SUSPICIOUS, MALICIOUS, UNSCANNABLE"},
    {"--subject", "TEXT", "anywhere in the subject"},
    {"--host", "HOST", "a link leads to this host, or to one of this domain"},
    {"--url", "ADDRESS", "a link leads to this address, or has this key"},
    {"--file-digest", "SHA256", "a file in it has this digest"},
    {"--subject-key", "TEXT", "the subject, but for Re:, tags, case and numbers"},
    {"--like", "ID", "its text is that of this row to at least a half"},
    {"--since", "TIME", "2026-11-03T09:14:22Z, 2026-11-03, or 2h (ago)"},
    {"--until", "TIME", "before this time"},
    {"--limit", "N", "at most N rows, 1 to 1000; 50 unless given; no end with --follow"},
    {"--follow", "", "print rows and outcomes as they come, until Ctrl-C"},
    {"--json", "", "one JSON object a line; with --follow the events of docs/api.md"},
    kSocketOption,
    kConfigOption};

int PrintRows(const std::vector<TraceRow>& rows, const Options& options, const Terminal& terminal) {
  if (options.Has("--json")) {
    for (const TraceRow& row : rows) terminal.out << PlainNumbers(ToJson(row)) << '\n';
    return kExitDone;
  }
  if (rows.empty()) {
    terminal.err << "clawback trace: no message found\n";
    return kExitDone;
  }
  Table table({"ID", "RECEIVED", "RELAY", "TENANT", "DISPOSITION", "REASON", "RCPTS", "SENDER",
               "MESSAGE-ID", "SUBJECT"});
  for (const TraceRow& row : rows) {
    const bool decided = row.handling == Handling::kDecided;
    table.Add({std::to_string(row.id), FormatTime(row.received),
               fmt::format("{} ({})", row.relay, row.region), row.tenant,
               std::string(ToString(row.disposition)),
               decided ? row.main_reason : std::string(ToString(row.handling)),
               std::to_string(row.recipients), row.sender, row.message_id, row.subject});
  }
  table.Print(terminal.out);
  return kExitDone;
}

int TellStory(std::string_view text, const Options& options, const Terminal& terminal) {
  std::int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error != std::errc() || end != text.data() + text.size() || id < 1) {
    return Misused(terminal, "trace",
                   fmt::format("{}: expected the ID of a row; --message-id searches", text));
  }
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "trace", sidecar.error().what);
  const Result<TraceStory> story = sidecar->Story(id);
  if (!story) return Fail(terminal, "trace", story.error().what);
  if (options.Has("--json")) {
    terminal.out << PlainNumbers(ToJson(*story)) << '\n';
  } else {
    PrintStory(*story, terminal.out);
  }
  return kExitDone;
}

int Run(const Options& options, const Terminal& terminal) {
  if (options.operands().size() > 1) return Misused(terminal, "trace", "one ID at most");
  const bool follow = options.Has("--follow");
  if (follow && !options.operands().empty()) {
    return Misused(terminal, "trace", "--follow goes with options that search, not with an ID");
  }
  if (!options.operands().empty() && Searches(options)) {
    return Misused(terminal, "trace", "either the ID of a row, or options that search");
  }
  if (!options.operands().empty()) return TellStory(options.operands().front(), options, terminal);
  const Result<TraceQuery> query = ReadTraceQuery(options, SystemClock().Now());
  if (!query) return Misused(terminal, "trace", query.error().what);
  if (follow) {
    return FollowTrace(*query, options.Has("--limit") ? query->limit : 0, options, terminal);
  }
  Result<SidecarClient> sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "trace", sidecar.error().what);
  const Result<std::vector<TraceRow>> rows = sidecar->Search(*query);
  if (!rows) return Fail(terminal, "trace", rows.error().what);
  return PrintRows(*rows, options, terminal);
}

constexpr std::string_view kAbout =
    "Without ID the newest messages that fit all options, one a line. With the ID of\n"
    "such a line that message's whole story: how it arrived, what was found in it, what\n"
    "was decided, and what became of it in each mailbox. --follow prints what comes from now\n"
    "on, also across a restart of clawback-retractd.\n";

}  // namespace

const Subcommand kTraceCommand = {"trace", "[ID]",   "searches what became of messages",
                                  kAbout,  kOptions, Run};

}  // namespace clawback
