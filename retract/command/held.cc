// SPDX-License-Identifier: Apache-2.0
// clawback held: what waits for a person, with both sides, and its settling.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <ostream>

#include "policy/base/log.h"
#include "retract/command/command.h"
#include "retract/command/job_output.h"
#include "retract/command/job_request.h"
#include "retract/command/json_text.h"
#include "retract/command/sidecar_access.h"
#include "retract/command/table.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr OptionSpec kOptions[] = {
    {"--reason", "TEXT", "retract, leave: why; goes into the audit"},
    {"--action", "WORD", "retract: junk, trash or soft-delete instead of what was decided"},
    {"--tenant", "NAME", "list: one tenant"},
    {"--json", "", "one JSON object a line"},
    kSocketOption,
    kConfigOption};

// An empty object where there is none.
const json::object& Inner(const json::object& object, std::string_view key) {
  static const json::object kNone;
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_object() ? value->get_object() : kNone;
}

std::string WhyOf(const json::object& retraction) {
  const std::string detail = FieldText(Inner(retraction, "outcome"), "detail");
  return detail.empty() ? FieldText(retraction, "last_error") : detail;
}

int PrintList(SidecarClient& sidecar, const Options& options, const Terminal& terminal) {
  Table table({"ID", "TENANT", "TRACE", "RECIPIENT", "ACTION", "FOR", "WHY"});
  for (std::int64_t after = 0; true;) {
    json::object arguments{{"after", after}, {"limit", 1000}};
    if (const auto tenant = options.Value("--tenant")) arguments["tenant"] = *tenant;
    const auto answer = sidecar.Ask(kHeldList, json::serialize(arguments));
    if (!answer) return Fail(terminal, "held", answer.error().what);
    const json::value value = json::parse(*answer);
    const json::array& rows = value.at("rows").as_array();
    for (const json::value& each : rows) {
      const json::object& held = each.as_object();
      const json::object& retraction = held.at("retraction").as_object();
      after = retraction.at("id").as_int64();
      if (options.Has("--json")) terminal.out << JsonText(held) << '\n';
      table.Add({FieldText(retraction, "id"), FieldText(held, "tenant"),
                 FieldText(Inner(held, "row"), "id"), FieldText(retraction, "recipient"),
                 FieldText(retraction, "action"), FieldText(retraction, "held_for"),
                 WhyOf(retraction)});
    }
    if (rows.size() < 1000) break;
  }
  if (options.Has("--json")) return kExitDone;
  if (table.empty()) {
    terminal.err << "clawback held: nothing waits for a person; clawback breaker show tells what"
                    " breakers hold\n";
    return kExitDone;
  }
  table.Print(terminal.out);
  return kExitDone;
}

void PrintSides(const json::object& story, const Terminal& terminal) {
  const json::array& differs = story.at("differs").as_array();
  const auto mark = [&](std::string_view name) {
    const bool other = std::any_of(differs.begin(), differs.end(), [&](const json::value& each) {
      return each.as_string() == name;
    });
    return other ? "differs" : "";
  };
  Table table({"FIELD", "REPORT", "COPY", ""});
  for (const std::string_view name :
       {"message_id", "from", "date", "subject", "network_message_id"}) {
    table.Add({std::string(name), FieldText(Inner(story, "report"), name),
               FieldText(Inner(story, "copy"), name), mark(name)});
  }
  table.Add({"text", FieldText(Inner(story, "report"), "text_triples") + " word triples",
             FieldText(Inner(story, "copy"), "text_triples") + " word triples", mark("text")});
  table.Add({"attachments", FieldText(Inner(story, "report"), "attachments"),
             FieldText(Inner(story, "copy"), "attachments"), mark("attachments")});
  table.Print(terminal.out);
}

int PrintOne(SidecarClient& sidecar, std::int64_t id, const Options& options,
             const Terminal& terminal) {
  const auto answer = sidecar.Ask(kHeldShow, json::serialize(json::object{{"id", id}}));
  if (!answer) return Fail(terminal, "held", answer.error().what);
  const json::object story = json::parse(*answer).as_object();
  if (options.Has("--json")) {
    terminal.out << JsonText(story) << '\n';
    return kExitDone;
  }
  const json::object& retraction = story.at("retraction").as_object();
  const json::object& outcome = Inner(retraction, "outcome");
  terminal.out << EscapeForTerminal(fmt::format(
                      "retraction {} of {} from {} ({}), trace {}: held for {}", id,
                      FieldText(retraction, "action"), FieldText(retraction, "recipient"),
                      FieldText(story, "tenant"), FieldText(Inner(story, "row"), "id"),
                      FieldText(retraction, "held_for")))
               << '\n'
               << EscapeForTerminal(WhyOf(retraction)) << '\n';
  if (!FieldText(outcome, "folder_after").empty()) {
    terminal.out << EscapeForTerminal("the copy is in " + FieldText(outcome, "folder_after"))
                 << '\n';
  }
  if (story.if_contains("copy") != nullptr) PrintSides(story, terminal);
  terminal.out << fmt::format(
      "next: clawback held retract {} --reason TEXT, or clawback held leave {} --reason TEXT\n", id,
      id);
  return kExitDone;
}

int Settle(SidecarClient& sidecar, const std::string& verb, std::int64_t id, const Options& options,
           const Terminal& terminal) {
  json::object arguments{{"id", id}, {"reason", options.ValueOr("--reason", "")}};
  if (const auto action = options.Value("--action")) arguments["action"] = *action;
  const auto answer = sidecar.Ask("held." + verb, json::serialize(arguments));
  if (!answer) return Fail(terminal, "held", answer.error().what);
  if (options.Has("--json")) {
    terminal.out << PlainNumbers(*answer) << '\n';
  } else {
    terminal.out << (verb == "leave" ? "left where it is\n" : "a retraction by hand has begun\n");
  }
  return kExitDone;
}

int Run(const Options& options, const Terminal& terminal) {
  const auto& words = options.operands();
  const std::string verb = words.empty() ? "" : words.front();
  const bool settles = verb == "retract" || verb == "leave";
  const auto id =
      words.size() == 2 ? RowId(words[1]) : Result<std::int64_t>(Error{ErrorKind::kInvalid, ""});
  const bool one = id && (verb == "show" || settles);
  if (!one && (verb != "list" || words.size() != 1)) {
    return Misused(terminal, "held", "expected list, show ID, retract ID or leave ID");
  }
  if (settles && options.ValueOr("--reason", "").empty()) {
    return Misused(terminal, "held", "--reason: say why");
  }
  auto sidecar = ConnectSidecar(options);
  if (!sidecar) return Fail(terminal, "held", sidecar.error().what);
  if (verb == "list") return PrintList(*sidecar, options, terminal);
  return settles ? Settle(*sidecar, verb, *id, options, terminal)
                 : PrintOne(*sidecar, *id, options, terminal);
}

constexpr std::string_view kAbout =
    "Where the copy in a mailbox is not, or may not be, the message reported, or its owner is\n"
    "one of the tenant's protected people, nothing is done until a person says what.\n"
    "list: what waits. show: the report's side and the copy's side, and what differs.\n"
    "retract: takes that copy anyway, if it still is what was shown. leave: leaves it.\n"
    "What a breaker holds is settled by clawback breaker.\n";

}  // namespace

const Subcommand kHeldCommand = {"held",
                                 "list|show|retract|leave [ID]",
                                 "shows and settles what waits for a person",
                                 kAbout,
                                 kOptions,
                                 Run};

}  // namespace clawback
