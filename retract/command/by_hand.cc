// SPDX-License-Identifier: Apache-2.0
// clawback retract and clawback undo: what a person has done to messages.
#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "policy/base/log.h"
#include "retract/command/command.h"
#include "retract/command/job_request.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/trace_query.h"
#include "retract/command/undo_in_bulk.h"

namespace clawback {
namespace {

// More than this in one go is a mistake, or wants another tool.
constexpr std::size_t kMostMessages = 10'000;

constexpr OptionSpec kRetractOptions[] = {
    {"--action", "WORD", "junk, trash, soft-delete or hard-delete"},
    {"--reason", "TEXT", "why; goes into the audit"},
    {"--yes", "", "retract what a search finds; without it only count"},
    {"--recipient", "ADDRESS", "only this recipient's copies"},
    {"--message-id", "ID", "search: exactly this Message-ID, with its brackets"},
    {"--sender", "ADDRESS", "search: exactly this sender"},
    {"--tenant", "NAME", "search: one tenant"},
    {"--disposition", "WORD",
     "search: NONE, BULK, SPAM, SPOOF, SUSPICIOUS, MALICIOUS, UNSCANNABLE"},
    {"--subject", "TEXT", "search: anywhere in the subject"},
    {"--host", "HOST", "search: a link leads to this host, or to one of this domain"},
    {"--url", "ADDRESS", "search: a link leads to this address, or has this key"},
    {"--file-digest", "SHA256", "search: a file in it has this digest"},
    {"--subject-key", "TEXT", "search: the subject, but for Re:, tags, case and numbers"},
    {"--like", "ID", "search: its text is that of this row to at least a half"},
    {"--since", "TIME", "search: 2026-11-03T09:14:22Z, 2026-11-03, or 2h (ago)"},
    {"--until", "TIME", "search: before this time"},
    {"--json", "", "one JSON object"},
    kSocketOption,
    kConfigOption};

constexpr OptionSpec kUndoOptions[] = {
    {"--reason", "TEXT", "why; goes into the audit"},
    {"--recipient", "ADDRESS", "only this recipient's copies"},
    {"--job", "ID", "in bulk: what this job retracted"},
    {"--finding", "WORD", "in bulk: what was retracted automatically for this finding"},
    {"--disposition", "WORD", "in bulk: what was retracted automatically for this disposition"},
    {"--since", "TIME", "in bulk, but not of a job: what was done from this time on"},
    {"--until", "TIME", "in bulk: what was done before this time"},
    {"--tenant", "NAME", "in bulk: one tenant"},
    {"--yes", "", "in bulk: do it; without it only count"},
    {"--json", "", "one JSON object; in bulk the job's"},
    kSocketOption,
    kConfigOption};

// Every message that the search finds, newest first, page by page.
Result<std::vector<std::int64_t>> FindAll(SidecarClient& sidecar, TraceQuery query) {
  std::vector<std::int64_t> ids;
  query.limit = 1000;
  while (true) {
    const auto rows = sidecar.Search(query);
    if (!rows) return rows.error();
    for (const TraceRow& row : *rows) ids.push_back(row.id);
    if (rows->size() < 1000) return ids;
    if (ids.size() > kMostMessages) {
      return Error{ErrorKind::kInvalid,
                   fmt::format("more than {} messages found: narrow the search", kMostMessages)};
    }
    query.before = ids.back();
  }
}

std::string Counted(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

int Tell(const RetractAnswer& answer, const Options& options, const Terminal& terminal) {
  if (options.Has("--json")) {
    terminal.out << PlainNumbers(ToJson(answer)) << '\n';
    return answer.refused.empty() ? kExitDone : kExitFailed;
  }
  const bool any = !answer.armed.empty() || answer.under_way > 0;
  terminal.out << Counted(answer.armed.size(), "retraction") << " begun";
  if (answer.under_way > 0) terminal.out << fmt::format(", {} under way already", answer.under_way);
  terminal.out << (any ? "; clawback trace ID shows what became of them\n" : "\n");
  for (const RefusedByHand& refused : answer.refused) {
    terminal.err << "clawback retract: " << refused.id << ": " << EscapeForTerminal(refused.what)
                 << '\n';
  }
  return answer.refused.empty() ? kExitDone : kExitFailed;
}

int RetractIds(SidecarClient& sidecar, const std::vector<std::int64_t>& ids, RetractRequest request,
               const Options& options, const Terminal& terminal) {
  RetractAnswer all;
  for (std::size_t begin = 0; begin < ids.size(); begin += kMostByHand) {
    const std::size_t end = std::min(ids.size(), begin + kMostByHand);
    request.ids.assign(ids.begin() + static_cast<std::ptrdiff_t>(begin),
                       ids.begin() + static_cast<std::ptrdiff_t>(end));
    const auto answer = sidecar.Retract(request);
    if (!answer) {
      if (!all.armed.empty()) Tell(all, options, terminal);
      return Fail(terminal, "retract", answer.error().what);
    }
    all.armed.insert(all.armed.end(), answer->armed.begin(), answer->armed.end());
    all.under_way += answer->under_way;
    all.refused.insert(all.refused.end(), answer->refused.begin(), answer->refused.end());
  }
  return Tell(all, options, terminal);
}

int RunSearch(const Options& options, const RetractRequest& request, const Terminal& terminal) {
  const auto query = ReadTraceQuery(options, SystemClock().Now());
  if (!query) return Misused(terminal, "retract", query.error().what);
  auto sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "retract", sidecar.error().what);
  const auto ids = FindAll(*sidecar, *query);
  if (!ids) return Fail(terminal, "retract", ids.error().what);
  const bool retracts = options.Has("--yes") && !ids->empty();
  if (options.Has("--json")) {
    if (!retracts) terminal.out << fmt::format("{{\"found\":{}}}\n", ids->size());
  } else {
    terminal.out << Counted(ids->size(), "message") << " found\n";
  }
  if (!retracts) {
    if (ids->empty() || options.Has("--json")) return kExitDone;
    terminal.out << "nothing was done: clawback trace with the same options lists them, --yes "
                    "retracts them\n";
    return kExitDone;
  }
  return RetractIds(*sidecar, *ids, request, options, terminal);
}

int RunRetract(const Options& options, const Terminal& terminal) {
  const auto action = ActionFrom(options.ValueOr("--action", ""));
  if (!action || *action == Action::kNone) {
    return Misused(terminal, "retract",
                   "--action: expected junk, trash, soft-delete or hard-delete");
  }
  const std::string reason = options.ValueOr("--reason", "");
  if (reason.empty()) return Misused(terminal, "retract", "--reason: say why");
  const RetractRequest request{{}, *action, options.ValueOr("--recipient", ""), reason};
  const bool searches = Searches(options);
  if (searches != options.operands().empty()) {
    return Misused(terminal, "retract", "either IDs of trace rows, or options that search");
  }
  if (searches) return RunSearch(options, request, terminal);
  std::vector<std::int64_t> ids;
  for (const std::string& text : options.operands()) {
    const auto id = RowId(text);
    if (!id) return Misused(terminal, "retract", id.error().what);
    ids.push_back(*id);
  }
  auto sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "retract", sidecar.error().what);
  return RetractIds(*sidecar, ids, request, options, terminal);
}

int RunUndo(const Options& options, const Terminal& terminal) {
  const std::string reason = options.ValueOr("--reason", "");
  if (reason.empty()) return Misused(terminal, "undo", "--reason: say why");
  if (IsInBulk(options)) return UndoInBulk(options, terminal);
  if (options.operands().size() != 1) {
    return Misused(terminal, "undo", "expected the ID of one trace row, or options in bulk");
  }
  const auto id = RowId(options.operands().front());
  if (!id) return Misused(terminal, "undo", id.error().what);
  auto sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "undo", sidecar.error().what);
  const auto asked = sidecar->Undo({*id, options.ValueOr("--recipient", ""), reason});
  if (!asked) {
    terminal.err << "clawback undo: ";
    PrintLines(asked.error().what, terminal.err);
    return kExitFailed;
  }
  if (options.Has("--json")) {
    terminal.out << PlainNumbers(ToJson(*asked)) << '\n';
    return asked->note.empty() ? kExitDone : kExitFailed;
  }
  terminal.out << Counted(asked->armed.size(), "undo") << " begun";
  if (asked->under_way > 0) terminal.out << fmt::format(", {} under way already", asked->under_way);
  if (asked->called_off > 0) {
    terminal.out << ", " << Counted(static_cast<std::size_t>(asked->called_off), "retraction")
                 << " called off before they began";
  }
  terminal.out << fmt::format("; clawback trace {} shows what became of them\n", *id);
  PrintLines(asked->note, terminal.err);
  return asked->note.empty() ? kExitDone : kExitFailed;
}

constexpr std::string_view kRetractAbout =
    "Retracts the messages with these IDs (of clawback trace), or those that a search\n"
    "finds: that counts them, and with --yes retracts them. It is done whatever was decided\n"
    "about a message; a tenant's mode observe does not hinder it, for a person asks. A copy\n"
    "in the chosen folder already, or in a more final one, stays there: undo it first.\n"
    "Each copy is still compared with the report: another message is never touched. Who asked\n"
    "and why is in the audit.\n";

constexpr std::string_view kUndoAbout =
    "Puts the copies of one message that were retracted back into the folders that they\n"
    "came from (the Inbox where that is gone), if they still are where they were put. What was\n"
    "to be retracted automatically and has not begun is called off. From then on Clawback\n"
    "leaves that message in that mailbox alone, whatever report comes; clawback retract may\n"
    "still take it. What was hard-deleted is refused, with the command\n"
    "that an administrator must run.\n"
    "In bulk: all that a job retracted, or that was retracted automatically for a finding or a\n"
    "disposition between two times. That is a job of its own: it is counted, with --yes\n"
    "started, and above the tenant's approval_above a second person must approve it.\n";

}  // namespace

const Subcommand kRetractCommand = {"retract",     "[ID...]",       "retracts messages by hand",
                                    kRetractAbout, kRetractOptions, RunRetract};
const Subcommand kUndoCommand = {"undo",     "[ID]",       "puts retracted messages back",
                                 kUndoAbout, kUndoOptions, RunUndo};

}  // namespace clawback
