// SPDX-License-Identifier: Apache-2.0
// clawback classify: judges files, without ledger or daemon.
#include <fmt/format.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <istream>
#include <ostream>
#include <thread>

#include "policy/lists/list_shelf.h"
#include "retract/command/classify_input.h"
#include "retract/command/classify_output.h"
#include "retract/command/command.h"
#include "retract/command/engine_options.h"
#include "retract/command/in_order.h"
#include "retract/command/table.h"

namespace clawback {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--json", "", "one JSON object a line for each file"},
    {"--batch", "",
     "read paths from standard input; print path<TAB>disposition<TAB>score, or --json"},
    {"--tenant-file", "FILE", "judge as for this tenant (a file of tenants.d)"},
    {"--proven", "",
     "the reports came over a channel that met the tenant's demands:"
     " believe Exchange's stamped results in them"},
    {"--model", "FILE", "a learned model (default: the shipped one)"},
    kClamdOption,
    kRspamdOption,
    {"--judge", "PATH", "the clawback-judge program"},
};

struct Plan {
  JudgeRequest request;
  std::string judge;
  std::string model;  // bytes; empty: the shipped one
  std::unique_ptr<Engines> engines;
  int threads = 1;
};

// What a file becomes on its way out.
struct Classified {
  std::string file;
  ClassifiedFile told;
};

std::string Join(const std::vector<ConfigFault>& faults) {
  std::string text;
  for (const ConfigFault& fault : faults) text += (text.empty() ? "" : "\n") + ToString(fault);
  return text;
}

// What judges are told of the tenant of a file, its lists too.
Status ReadTenant(const std::string& file, JudgeRequest* request) {
  TenantFile read = ReadTenantFile(file);
  const ListFilesRead files = ReadListFiles(read.tenant.list_files);
  read.faults.insert(read.faults.end(), files.faults.begin(), files.faults.end());
  if (!read.faults.empty()) return Error{ErrorKind::kInvalid, Join(read.faults)};
  Result<std::vector<JudgeLists>> lists = ReadLists(read.tenant);
  if (!lists) return lists.error();
  request->tenant = read.tenant.Profile();
  request->lists = std::move(*lists);
  return {};
}

Result<Plan> MakePlan(const Options& options) {
  Plan plan;
  if (const auto file = options.Value("--model")) {
    Result<std::string> model = ReadModelFile(*file);
    if (!model) return model.error();
    plan.model = std::move(*model);
  }
  if (const auto tenant = options.Value("--tenant-file")) {
    if (Status read = ReadTenant(*tenant, &plan.request); !read) return read.error();
  }
  const Result<EnginesSettings> engines = EnginesIn(options);
  if (!engines) return engines.error();
  plan.engines = Engines::Make(*engines);
  if (options.Has("--proven")) plan.request.trust = ChannelTrust::kProven;
  plan.threads = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return plan;
}

// Judges whatever next names; sink gets each, in order. Whether judges saw all of them; which
// they did not is told as an error, for a line of output may be read by nobody.
Result<bool> JudgeAll(const Plan& plan, InOrder<Classified>::Next next,
                      const InOrder<Classified>::Sink& sink, const Terminal& terminal) {
  Result<std::unique_ptr<JudgePool>> pool = JudgePool::Start(
      {.program = plan.judge, .workers = plan.threads, .limits = {}, .model = plan.model});
  if (!pool) return pool.error();
  const auto work = [&](std::string file) {
    ClassifiedFile told = ClassifyFile(file, plan.request, pool->get(), plan.engines.get());
    return Classified{std::move(file), std::move(told)};
  };
  bool all_seen = true;
  InOrder<Classified>::Run(plan.threads, std::move(next), work, [&](const Classified& done) {
    sink(done);
    if (done.told.unseen.empty()) return;
    all_seen = false;
    Fail(terminal, "classify", done.file + ": " + done.told.unseen);
  });
  return all_seen;
}

// A list written on Windows ends its lines in CR LF; a file whose own name ends in CR
// is still found.
std::string PathOfLine(std::string line) {
  if (line.empty() || line.back() != '\r') return line;
  if (::access(line.c_str(), F_OK) != 0) line.pop_back();
  return line;
}

using Line = std::string (*)(std::string_view file, const ClassifiedFile& told);

std::string JsonOf(std::string_view file, const ClassifiedFile& told) {
  return JsonLine(file, told.judgement);
}

std::string BatchOf(std::string_view file, const ClassifiedFile& told) {
  return BatchLine(file, told.judgement, told.unseen);
}

// Each line goes out at once: whoever writes paths one by one gets answers so. Where nobody
// takes them any more, nothing more is judged.
Result<bool> RunBatch(const Plan& plan, Line line_of, const Terminal& terminal) {
  std::atomic<bool> taken = true;
  const auto next = [&]() -> std::optional<std::string> {
    std::string line;
    while (taken && std::getline(terminal.in, line)) {
      if (std::string path = PathOfLine(std::move(line)); !path.empty()) return path;
    }
    return std::nullopt;
  };
  const auto print = [&](const Classified& done) {
    terminal.out << line_of(done.file, done.told) << std::endl;
    taken = terminal.out.good();
  };
  return JudgeAll(plan, next, print, terminal);
}

Result<bool> RunFiles(const Plan& plan, const Options& options, const Terminal& terminal) {
  const auto& files = options.operands();
  const auto next = [&, i = std::size_t{0}]() mutable -> std::optional<std::string> {
    if (i == files.size()) return std::nullopt;
    return files[i++];
  };
  if (options.Has("--json")) {
    const auto print = [&](const Classified& done) {
      terminal.out << JsonOf(done.file, done.told) << '\n';
    };
    return JudgeAll(plan, next, print, terminal);
  }
  Table table(ClassifyHeader());
  const auto add = [&](const Classified& done) {
    table.Add(ClassifyCells(done.file, done.told.judgement));
  };
  Result<bool> judged = JudgeAll(plan, next, add, terminal);
  if (judged) table.Print(terminal.out);
  return judged;
}

int Run(const Options& options, const Terminal& terminal) {
  const bool batch = options.Has("--batch");
  if (batch && !options.operands().empty()) {
    return Misused(terminal, "classify", "--batch reads paths from standard input, not FILEs");
  }
  if (!batch && options.operands().empty()) {
    return Misused(terminal, "classify", "no FILE given");
  }
  Result<Plan> plan = MakePlan(options);
  if (!plan) {
    terminal.err << "clawback classify: " << plan.error().what << '\n';
    return kExitUsage;
  }
  const auto given = options.Value("--judge");
  Result<std::string> judge = given ? Result<std::string>(*given) : FindJudgeProgram();
  if (!judge) return Fail(terminal, "classify", judge.error().what);
  plan->judge = std::move(*judge);
  const bool json = options.Has("--json");
  // Neither a line nor a table shows what a judge would keep beside the verdict.
  if (!json) plan->request.question = Question::kVerdict;
  const Result<bool> all_seen = batch ? RunBatch(*plan, json ? JsonOf : BatchOf, terminal)
                                      : RunFiles(*plan, options, terminal);
  if (!all_seen) return Fail(terminal, "classify", all_seen.error().what);
  return *all_seen ? kExitDone : kExitFailed;
}

constexpr std::string_view kAbout =
    "Each FILE is a journal report or a message. Every one gets a line, in the order\n"
    "given; one that cannot be read, or that no judge survives, is UNSCANNABLE and its\n"
    "finding says why. Exit status: 0 if judges saw every one, else 1 (which is told on\n"
    "standard error; the others are judged); 2 for wrong arguments, before any is judged.\n";

}  // namespace

const Subcommand kClassifyCommand = {
    "classify", "FILE...", "judges files, without ledger or daemon", kAbout, kOptions, Run};

}  // namespace clawback
