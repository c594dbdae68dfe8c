// SPDX-License-Identifier: Apache-2.0
#include "retract/command/job_output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <ostream>
#include <thread>

#include "policy/base/log.h"
#include "retract/command/json_text.h"
#include "retract/command/table.h"

namespace clawback {
namespace {

namespace json = boost::json;

constexpr auto kLookEvery = std::chrono::milliseconds(500);
constexpr int kBarWidth = 40;

std::int64_t Number(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_int64() ? value->get_int64() : 0;
}

std::int64_t Done(const json::object& job) {
  return Number(job, "begun") - Number(job, "under_way");
}

std::string WhatIsDone(const json::object& job) {
  const bool undo = FieldText(job, "task") == "undo";
  return undo ? "undo" : "retract to " + FieldText(job, "action");
}

std::string BarOf(const json::object& job) {
  const std::int64_t all = std::max<std::int64_t>(1, Number(job, "mailboxes"));
  const auto full = static_cast<int>(Done(job) * kBarWidth / all);
  return fmt::format("[{:#<{}}{:.<{}}] {} of {}  {}", "", full, "", kBarWidth - full, Done(job),
                     all, CountsText(job, "outcomes"));
}

bool IsOver(const json::object& job) {
  const std::string state = FieldText(job, "state");
  return state != "running" && Number(job, "under_way") == 0;
}

std::string LineOf(const json::object& job, const Options& options) {
  if (options.Has("--json")) return JsonText(job);
  return EscapeForTerminal(
      fmt::format("job {} {}: {}", Number(job, "id"), FieldText(job, "state"), BarOf(job)));
}

// What a job that is not begun, or stopped, waits for.
void PrintNextStep(const json::object& job, std::ostream& out) {
  const std::string state = FieldText(job, "state");
  const std::int64_t id = Number(job, "id");
  if (state == "paused") out << fmt::format("next: clawback job resume {} --reason TEXT\n", id);
  if (state != "prepared") return;
  const std::string with =
      fmt::format("{} --digest {} --reason TEXT", id, FieldText(job, "digest"));
  out << "nothing was done yet\n";
  if (job.at("needs_approval").as_bool() && FieldText(job, "approved_by").empty()) {
    out << "a second person: clawback job approve " << with << '\n' << "then:            ";
  }
  out << "clawback job start " << with << '\n';
}

}  // namespace

std::string FieldText(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr) return "";
  return value->is_string() ? std::string(value->get_string()) : JsonText(*value);
}

std::string CountsText(const json::object& object, std::string_view key) {
  const json::value* counts = object.if_contains(key);
  std::string text;
  if (counts != nullptr && counts->is_object()) {
    for (const auto& each : counts->get_object()) {
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", JsonText(each.value()),
                          std::string_view(each.key().data(), each.key().size()));
    }
  }
  return text.empty() ? "none" : text;
}

void PrintJob(const json::object& job, const Options& options, const Terminal& terminal) {
  if (options.Has("--json")) {
    terminal.out << JsonText(job) << '\n';
    return;
  }
  Table table({"FIELD", "VALUE"});
  const auto line = [&](std::string_view name, std::string value) {
    if (!value.empty()) table.Add({std::string(name), std::move(value)});
  };
  line("job", FieldText(job, "id"));
  line("state", FieldText(job, "state"));
  line("what", WhatIsDone(job));
  line("tenant", FieldText(job, "tenant"));
  line("messages", FieldText(job, "messages"));
  line("mailboxes", FieldText(job, "mailboxes"));
  line("by disposition", CountsText(job, "dispositions"));
  line("asked for by", FieldText(job, "asked_by"));
  line("because", FieldText(job, "reason"));
  line("digest", FieldText(job, "digest"));
  line("list good until", FieldText(job, "expires"));
  const bool needs = job.at("needs_approval").as_bool();
  const std::string approved = FieldText(job, "approved_by");
  line("approval", !needs ? "not needed" : approved.empty() ? "missing" : "by " + approved);
  line("begun", FieldText(job, "begun"));
  line("under way", FieldText(job, "under_way"));
  line("held", FieldText(job, "held"));
  line("outcomes", CountsText(job, "outcomes"));
  table.Print(terminal.out);
  PrintNextStep(job, terminal.out);
}

void PrintPreview(const json::object& preview, const Options& options, const Terminal& terminal) {
  if (options.Has("--json")) {
    terminal.out << JsonText(preview) << '\n';
    return;
  }
  const json::object& job = preview.at("job").as_object();
  PrintJob(job, options, terminal);
  for (const json::value& each : preview.at("examples").as_array()) {
    terminal.err << EscapeForTerminal(fmt::format("left out: {}: {}",
                                                  FieldText(each.as_object(), "what"),
                                                  FieldText(each.as_object(), "why")))
                 << '\n';
  }
  const std::int64_t more = Number(preview, "left_out") -
                            static_cast<std::int64_t>(preview.at("examples").as_array().size());
  if (more > 0) terminal.err << "left out: " << more << " more\n";
}

int WatchJob(SidecarClient& sidecar, std::int64_t id, const Options& options,
             const Terminal& terminal) {
  const bool redraws = !options.Has("--json") && ::isatty(STDOUT_FILENO) == 1;
  std::string last;
  while (true) {
    const auto answer = sidecar.Ask(kJobShow, json::serialize(json::object{{"job", id}}));
    if (!answer) return Fail(terminal, "job", answer.error().what);
    const json::object job = json::parse(*answer).as_object();
    const std::string line = LineOf(job, options);
    if (line != last) {
      terminal.out << (redraws ? "\r\x1b[K" : "") << line << (redraws ? "" : "\n") << std::flush;
    }
    last = line;
    if (!terminal.out) return kExitFailed;
    if (IsOver(job)) break;
    std::this_thread::sleep_for(kLookEvery);
  }
  if (redraws) terminal.out << '\n';
  return kExitDone;
}

}  // namespace clawback
