// SPDX-License-Identifier: Apache-2.0
// clawback job: retractions in bulk.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <ostream>

#include "policy/base/log.h"
#include "retract/command/command.h"
#include "retract/command/job_output.h"
#include "retract/command/job_request.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/table.h"
#include "retract/command/trace_query.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr OptionSpec kOptions[] = {
    {"--action", "WORD", "preview: junk, trash, soft-delete or hard-delete"},
    {"--reason", "TEXT", "why; goes into the audit"},
    {"--digest", "DIGEST", "approve, start: that of the list, as preview and show say it"},
    {"--ids", "FILE", "preview: IDs of trace rows, one a line; - for standard input"},
    {"--message-ids", "FILE", "preview: Message-IDs, one a line; - for standard input"},
    {"--recipient", "ADDRESS", "preview: only this recipient's copies"},
    {"--tenant", "NAME", "preview: one tenant; list: only its jobs"},
    {"--message-id", "ID", "preview: search: exactly this Message-ID, with its brackets"},
    {"--sender", "ADDRESS", "preview: search: exactly this sender"},
    {"--disposition", "WORD",
     "preview: search: NONE, BULK, SPAM, SPOOF, SUSPICIOUS, MALICIOUS, UNSCANNABLE"},
    {"--subject", "TEXT", "preview: search: anywhere in the subject"},
    {"--host", "HOST", "preview: search: a link leads to this host, or to one of this domain"},
    {"--url", "ADDRESS", "preview: search: a link leads to this address, or has this key"},
    {"--file-digest", "SHA256", "preview: search: a file in it has this digest"},
    {"--subject-key", "TEXT", "preview: search: the subject, but for Re:, tags, case and numbers"},
    {"--like", "ID", "preview: search: its text is that of this row to at least a half"},
    {"--since", "TIME", "preview: search: 2026-11-03T09:14:22Z, 2026-11-03, or 2h (ago)"},
    {"--until", "TIME", "preview: search: before this time"},
    {"--watch", "", "start, resume: go on with watch"},
    {"--json", "", "one JSON object a line"},
    kSocketOption,
    kConfigOption};

// How the list is said: a key of its own, or in the arguments.
struct List {
  std::string key;
  json::array entries;
};

Result<List> ReadList(const Options& options, const Terminal& terminal, json::object* arguments) {
  const bool searches = Searches(options) && !options.Has("--message-ids");
  const int ways = static_cast<int>(options.Has("--ids")) + options.Has("--message-ids") +
                   (options.operands().size() > 1) + searches;
  if (ways != 1) {
    return Error{ErrorKind::kInvalid,
                 "either IDs, --ids FILE, --message-ids FILE, or options that search"};
  }
  if (const auto file = options.Value("--ids")) {
    auto ids = ReadIds(*file, terminal.in);
    if (!ids) return ids.error();
    return List{"ids", *std::move(ids)};
  }
  if (const auto file = options.Value("--message-ids")) {
    auto ids = ReadEntries(*file, terminal.in);
    if (!ids) return ids.error();
    if (const auto tenant = options.Value("--tenant")) (*arguments)["tenant"] = *tenant;
    return List{"message_ids", *std::move(ids)};
  }
  if (searches) {
    const auto query = ReadTraceQuery(options, SystemClock().Now());
    if (!query) return query.error();
    json::object matching = json::parse(ToJson(*query)).as_object();
    matching.erase("limit");
    (*arguments)["matching"] = std::move(matching);
    return List{};
  }
  json::array ids;
  for (std::size_t i = 1; i < options.operands().size(); ++i) {
    const auto id = RowId(options.operands()[i]);
    if (!id) return id.error();
    ids.push_back(*id);
  }
  return List{"ids", std::move(ids)};
}

int Preview(const Options& options, const Terminal& terminal) {
  const auto action = ActionFrom(options.ValueOr("--action", ""));
  if (!action || *action == Action::kNone) {
    return Misused(terminal, "job", "--action: expected junk, trash, soft-delete or hard-delete");
  }
  json::object arguments{{"task", "retract"},
                         {"action", ToString(*action)},
                         {"reason", options.ValueOr("--reason", "")}};
  if (const auto recipient = options.Value("--recipient")) arguments["recipient"] = *recipient;
  const auto list = ReadList(options, terminal, &arguments);
  if (!list) return Misused(terminal, "job", list.error().what);
  auto sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "job", sidecar.error().what);
  const auto preview = AskPreview(*sidecar, arguments, list->key, list->entries);
  if (!preview) return Fail(terminal, "job", preview.error().what);
  PrintPreview(*preview, options, terminal);
  return kExitDone;
}

int ShowAll(SidecarClient& sidecar, const Options& options, const Terminal& terminal) {
  json::object arguments;
  if (const auto tenant = options.Value("--tenant")) arguments["tenant"] = *tenant;
  const auto answer = sidecar.Ask(kJobList, json::serialize(arguments));
  if (!answer) return Fail(terminal, "job", answer.error().what);
  const json::value rows = json::parse(*answer);
  Table table({"ID", "STATE", "TENANT", "TASK", "ACTION", "MAILBOXES", "BEGUN", "ASKED BY", "WHY"});
  for (const json::value& row : rows.at("rows").as_array()) {
    const json::object& job = row.as_object();
    if (options.Has("--json")) {
      PrintJob(job, options, terminal);
      continue;
    }
    table.Add({FieldText(job, "id"), FieldText(job, "state"), FieldText(job, "tenant"),
               FieldText(job, "task"), FieldText(job, "action"), FieldText(job, "mailboxes"),
               FieldText(job, "begun"), FieldText(job, "asked_by"), FieldText(job, "reason")});
  }
  if (!options.Has("--json")) table.Print(terminal.out);
  return kExitDone;
}

void AddMailbox(const json::object& mailbox, Table* table) {
  const json::value* retraction = mailbox.if_contains("retraction");
  std::string state = FieldText(mailbox, "note"), folder, detail;
  if (retraction != nullptr) {
    const json::object& row = retraction->as_object();
    state = FieldText(row, "state");
    detail = FieldText(row, "last_error");
    if (const json::value* outcome = row.if_contains("outcome")) {
      state = FieldText(outcome->as_object(), "kind");
      detail = FieldText(outcome->as_object(), "detail");
      folder = FieldText(outcome->as_object(), "folder_before") + " -> " +
               FieldText(outcome->as_object(), "folder_after");
    }
  } else if (state.empty()) {
    state = "not begun";
  }
  table->Add({FieldText(mailbox, "number"), FieldText(mailbox, "trace"),
              FieldText(mailbox, "recipient"), state, folder, detail});
}

int ShowMailboxes(SidecarClient& sidecar, std::int64_t id, const Options& options,
                  const Terminal& terminal) {
  Table table({"NUMBER", "TRACE", "RECIPIENT", "OUTCOME", "FOLDER", "DETAIL"});
  for (std::int64_t after = 0; true;) {
    const auto answer =
        sidecar.Ask(kJobMailboxes,
                    json::serialize(json::object{{"job", id}, {"after", after}, {"limit", 1000}}));
    if (!answer) return Fail(terminal, "job", answer.error().what);
    const json::value value = json::parse(*answer);
    const json::array& rows = value.at("rows").as_array();
    for (const json::value& row : rows) {
      if (options.Has("--json")) terminal.out << JsonText(row) << '\n';
      if (!options.Has("--json")) AddMailbox(row.as_object(), &table);
      after = row.at("number").as_int64();
    }
    if (rows.size() < 1000) break;
  }
  if (!options.Has("--json")) table.Print(terminal.out);
  return kExitDone;
}

int ShowOne(SidecarClient& sidecar, std::int64_t id, const Options& options,
            const Terminal& terminal) {
  const auto answer = sidecar.Ask(kJobShow, json::serialize(json::object{{"job", id}}));
  if (!answer) return Fail(terminal, "job", answer.error().what);
  PrintJob(json::parse(*answer).as_object(), options, terminal);
  return kExitDone;
}

int Step(SidecarClient& sidecar, const std::string& verb, std::int64_t id, const Options& options,
         const Terminal& terminal) {
  json::object arguments{{"job", id}, {"reason", options.ValueOr("--reason", "")}};
  if (const auto digest = options.Value("--digest")) arguments["digest"] = *digest;
  const auto answer = sidecar.Ask("job." + verb, json::serialize(arguments));
  if (!answer) return Fail(terminal, "job", answer.error().what);
  if (options.Has("--watch")) return WatchJob(sidecar, id, options, terminal);
  PrintJob(json::parse(*answer).as_object(), options, terminal);
  return kExitDone;
}

int RunOne(const std::string& verb, std::int64_t id, const Options& options,
           const Terminal& terminal) {
  auto sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "job", sidecar.error().what);
  if (verb == "show") return ShowOne(*sidecar, id, options, terminal);
  if (verb == "mailboxes") return ShowMailboxes(*sidecar, id, options, terminal);
  if (verb == "watch") return WatchJob(*sidecar, id, options, terminal);
  return Step(*sidecar, verb, id, options, terminal);
}

bool IsStep(const std::string& verb) {
  return verb == "approve" || verb == "start" || verb == "pause" || verb == "resume" ||
         verb == "cancel";
}

int Run(const Options& options, const Terminal& terminal) {
  const auto& words = options.operands();
  const std::string verb = words.empty() ? "" : words.front();
  const bool wants_reason = verb == "preview" || IsStep(verb);
  if (wants_reason && options.ValueOr("--reason", "").empty()) {
    return Misused(terminal, "job", "--reason: say why");
  }
  if ((verb == "approve" || verb == "start") && !options.Has("--digest")) {
    return Misused(terminal, "job", verb + " wants --digest, as clawback job show says it");
  }
  if (verb == "preview") return Preview(options, terminal);
  if (verb == "list" && words.size() == 1) {
    auto sidecar = ConnectSidecar(options);
    if (!sidecar) return Fail(terminal, "job", sidecar.error().what);
    return ShowAll(*sidecar, options, terminal);
  }
  const bool reads = verb == "show" || verb == "mailboxes" || verb == "watch";
  const auto id = words.size() == 2 && (reads || IsStep(verb))
                      ? RowId(words[1])
                      : Result<std::int64_t>(Error{ErrorKind::kInvalid, ""});
  if (id) return RunOne(verb, *id, options, terminal);
  return Misused(terminal, "job",
                 "expected preview [ID...], list, or one of show, mailboxes, watch, approve, "
                 "start, pause, resume and cancel with the ID of a job");
}

constexpr std::string_view kAbout =
    "preview: counts the messages and mailboxes that a search or a list names, freezes that\n"
    "list, and says its digest. Nothing is done yet. The list is good for 24 hours.\n"
    "approve: a second person agrees to the list with this digest. It must be another user than\n"
    "the one who asked; needed for every hard-delete, and above the tenant's approval_above.\n"
    "start: retracts from the mailboxes of the list with this digest, automatic work first.\n"
    "pause, resume: nothing more is begun meanwhile. cancel: what is not begun is not done.\n"
    "show, watch: how far it is. mailboxes: what became of each. list: the newest jobs.\n"
    "clawback undo --job ID puts back what a job retracted.\n";

}  // namespace

const Subcommand kJobCommand = {
    "job",  "VERB [ID...]", "retracts in bulk: preview, approve, start, watch",
    kAbout, kOptions,       Run};

}  // namespace clawback
