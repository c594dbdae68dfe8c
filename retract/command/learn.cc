// SPDX-License-Identifier: Apache-2.0
// clawback learn: fits a model to mail that the operator sorted. The messages are read
// by judges; this program sees hashes of their features only.
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <ostream>
#include <span>
#include <system_error>
#include <thread>

#include "policy/base/log.h"
#include "policy/base/text.h"
#include "policy/json.h"
#include "policy/model/examples.h"
#include "policy/model/linear_model.h"
#include "policy/model/training.h"
#include "retract/command/canary.h"
#include "retract/command/classify_input.h"
#include "retract/command/command.h"
#include "retract/command/json_text.h"
#include "retract/command/labelled_mail.h"
#include "retract/command/whole_file.h"

namespace clawback {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--labels", "FILE", "lines path<TAB>label[<TAB>source]; paths count from DIR"},
    {"--out", "FILE", "the model that is written"},
    {"--alone", "", "learn from this mail alone, without the made-up mail of every model"},
    {"--examples-out", "FILE",
     "instead of a model: what judges saw of the mail, hashes and labels without text"},
    {"--canary", "FILE",
     "labels of other mail, on which the model must not do worse; paths count from FILE's folder"},
    {"--against", "FILE", "the model that it is compared with (default: the shipped one)"},
    {"--judge", "PATH", "the clawback-judge program"},
    {"--json", "", "one JSON object for each line: its event, and the figures"},
};

struct Plan {
  std::string labels, folder, out, canary, examples_out;
  bool alone = false;
  JudgePoolOptions judges;
  std::string against;  // bytes; empty: the shipped model
};

constexpr std::array<const char*, 3> kLabelNames = {"wanted", "spam", "phish"};

struct Collected {
  std::vector<Example> examples;
  std::vector<std::string> unread;  // paths, each with why
};

Result<Collected> Collect(const Plan& plan, const std::vector<LabelledFile>& files,
                          Progress* progress) {
  auto answers = AskAbout(files, Question::kFeatures, plan.judges, progress);
  if (!answers) return answers.error();
  Collected collected;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const Result<Judgement>& answer = (*answers)[i];
    if (!answer || answer->features == FeatureVector{}) {
      collected.unread.push_back(files[i].path + ": " +
                                 (answer ? "nothing to learn in it" : answer.error().what));
      continue;
    }
    collected.examples.push_back({answer->features, files[i].label, files[i].source});
  }
  return collected;
}

// What is told as it comes: for people, or each as one JSON object.
struct Telling {
  std::ostream& out;
  bool json;
  Progress* progress;  // on the same terminal

  void Tell(std::string_view event, boost::json::object figures, std::string_view words) const {
    progress->Clear();
    if (!json) {
      out << words;
    } else {
      figures["event"] = event;
      out << JsonText(figures) << '\n';
    }
    out.flush();
  }
};

void TellUnread(std::size_t messages, const std::vector<std::string>& unread,
                const Telling& telling) {
  boost::json::object figures{{"messages", messages}, {"unread", unread.size()}};
  if (!unread.empty()) PutText(&figures, "first_unread", unread.front());
  telling.Tell("read", std::move(figures),
               unread.empty()
                   ? ""
                   : fmt::format("{} of {} messages could not be read and are left out, first {}\n",
                                 unread.size(), messages, EscapeForTerminal(unread.front())));
}

// Of each label: how many, and for how many the model of the other folds suffices.
void TellFolds(std::span<const Example> examples, const TrainedModel& trained,
               const Telling& telling) {
  std::array<std::size_t, 3> all{}, bad{};
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const auto label = static_cast<std::size_t>(examples[i].label);
    ++all[label];
    if (trained.weights[i] >= 0.5) ++bad[label];
  }
  std::string words = "cross-validated, by the model alone:\n";
  boost::json::array labels;
  for (std::size_t label = 0; label < all.size(); ++label) {
    labels.push_back(boost::json::object{
        {"label", kLabelNames[label]}, {"messages", all[label]}, {"called_bad", bad[label]}});
    words += fmt::format("  {:<7}{:>7} messages, {:>6.2f} % called bad ({})\n", kLabelNames[label],
                         all[label],
                         100.0 * static_cast<double>(bad[label]) /
                             static_cast<double>(std::max<std::size_t>(all[label], 1)),
                         bad[label]);
  }
  telling.Tell("cross-validated", {{"labels", std::move(labels)}}, words);
}

// The set as the model in use judges it, before the minutes that learning takes.
Result<std::optional<Canary>> OpenCanary(const Plan& plan, const std::vector<LabelledFile>& learnt,
                                         Progress* progress) {
  if (plan.canary.empty()) return std::optional<Canary>();
  JudgePoolOptions in_use = plan.judges;
  in_use.model = plan.against;
  Result<Canary> canary = Canary::Open(plan.canary, learnt, in_use, progress);
  if (!canary) return canary.error();
  return std::optional<Canary>(std::move(*canary));
}

// Fails with the reason where the new model does worse on the canary set.
Status CheckCanary(const Plan& plan, const Canary& canary, const std::string& model,
                   const Telling& telling) {
  JudgePoolOptions judges = plan.judges;
  judges.model = model;
  auto now = canary.JudgedWith(judges, telling.progress);
  if (!now) return now.error();
  const CanaryCounts& then = canary.in_use();
  const auto fields = [](const CanaryCounts& counts) {
    return boost::json::object{{"wanted_called_bad", counts.wrong.size()},
                               {"unwanted_missed", counts.missed.size()}};
  };
  telling.Tell("canary",
               {{"messages", canary.size()}, {"model", fields(*now)}, {"in_use", fields(then)}},
               fmt::format("canary set, {} messages: {} wanted called bad (model in use: {}),"
                           " {} unwanted missed ({})\n",
                           canary.size(), now->wrong.size(), then.wrong.size(), now->missed.size(),
                           then.missed.size()));
  const std::string why = WhyWorse(*now, then);
  if (why.empty()) return {};
  return Error{ErrorKind::kRefused,
               "the model does worse on the canary set and is not written: " + why +
                   "\nadd such mail to the labels, or take out what is labelled wrongly"};
}

// Whether a file can be made there at all, before the minutes that learning takes. What is no
// file, as /dev/null, is none to be replaced by one.
Status CheckPlaceOf(const std::string& path) {
  const std::filesystem::path place(path);
  std::error_code unknown;
  const std::filesystem::file_status there = std::filesystem::status(place, unknown);
  if (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there)) {
    return Error{ErrorKind::kInvalid, path + ": is there, and is no file"};
  }
  const std::string folder = place.parent_path().string();
  errno = 0;
  if (::access(folder.empty() ? "." : folder.c_str(), W_OK | X_OK) == 0) return {};
  return Error{ErrorKind::kInvalid, fmt::format("{}: {}", path, std::strerror(errno))};
}

Status KeepExamples(const Plan& plan, const std::vector<Example>& examples,
                    const Telling& telling) {
  if (Status written = WriteWholeFile(plan.examples_out, WriteExamples(examples)); !written) {
    return written;
  }
  telling.Tell("written", {{"examples", examples.size()}, {"file", RepairUtf8(plan.examples_out)}},
               fmt::format("{} examples written to {}\n", examples.size(), plan.examples_out));
  return {};
}

// Of the operator's mail and, unless it is to stand alone, of the made-up mail; told is how
// well the operator's is known.
Result<TrainedModel> Train(const Plan& plan, std::vector<Example> examples,
                           const Telling& telling) {
  if (Status enough = CheckEnough(examples); !enough) return enough.error();
  const std::size_t own = examples.size();
  if (!plan.alone) {
    for (Example& made : MadeExamples()) examples.push_back(std::move(made));
  }
  TrainingOptions training;
  training.trained = [&](int done, int of) {
    telling.progress->Tell("learning", static_cast<std::size_t>(done), static_cast<std::size_t>(of),
                           "times");
  };
  Result<TrainedModel> trained = TrainModel(examples, training);
  if (trained) TellFolds(std::span(examples).first(own), *trained, telling);
  return trained;
}

Status Learn(const Plan& plan, const Telling& telling) {
  const std::string& out = plan.examples_out.empty() ? plan.out : plan.examples_out;
  if (Status possible = CheckPlaceOf(out); !possible) return possible;
  auto files = ReadLabels(plan.labels, plan.folder);
  if (!files) return files.error();
  auto canary = OpenCanary(plan, *files, telling.progress);
  if (!canary) return canary.error();
  auto collected = Collect(plan, *files, telling.progress);
  if (!collected) return collected.error();
  TellUnread(files->size(), collected->unread, telling);
  if (!plan.examples_out.empty()) return KeepExamples(plan, collected->examples, telling);
  auto trained = Train(plan, std::move(collected->examples), telling);
  if (!trained) return trained.error();
  if (*canary) {
    Status passed = CheckCanary(plan, **canary, trained->bytes, telling);
    if (!passed) return passed;
  }
  if (Status written = WriteWholeFile(plan.out, trained->bytes); !written) return written;
  const std::string version(LinearModel::Open(trained->bytes)->version());
  telling.Tell("written", {{"version", version}, {"file", RepairUtf8(plan.out)}},
               fmt::format("model {} written to {}\n", version, plan.out));
  return {};
}

Result<Plan> MakePlan(const Options& options) {
  Plan plan;
  plan.labels = options.ValueOr("--labels", "");
  plan.out = options.ValueOr("--out", "");
  plan.examples_out = options.ValueOr("--examples-out", "");
  plan.alone = options.Has("--alone");
  plan.canary = options.ValueOr("--canary", "");
  plan.folder = options.operands().front();
  if (const auto against = options.Value("--against")) {
    Result<std::string> model = ReadModelFile(*against);
    if (!model) return model.error();
    plan.against = std::move(*model);
  }
  const auto given = options.Value("--judge");
  Result<std::string> judge = given ? Result<std::string>(*given) : FindJudgeProgram();
  if (!judge) return judge.error();
  plan.judges.program = std::move(*judge);
  plan.judges.workers = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return plan;
}

int Run(const Options& options, const Terminal& terminal) {
  if (options.operands().size() != 1) return Misused(terminal, "learn", "expected one DIR");
  if (!options.Has("--labels")) return Misused(terminal, "learn", "--labels FILE is missing");
  if (options.Has("--out") == options.Has("--examples-out")) {
    return Misused(terminal, "learn", "expected --out FILE, or --examples-out FILE");
  }
  if (options.Has("--canary") && options.Has("--examples-out")) {
    return Misused(terminal, "learn", "--canary FILE compares a model, and none is made");
  }
  if (options.Has("--against") && !options.Has("--canary")) {
    return Misused(terminal, "learn", "--against FILE is for --canary FILE");
  }
  Result<Plan> plan = MakePlan(options);
  if (!plan) return Fail(terminal, "learn", plan.error().what);
  Progress progress(terminal.err, ::isatty(STDERR_FILENO) == 1);
  const Status done = Learn(*plan, {terminal.out, options.Has("--json"), &progress});
  progress.Clear();
  if (!done) {
    terminal.err << "clawback learn: ";
    PrintLines(done.error().what, terminal.err);
    return kExitFailed;
  }
  return kExitDone;
}

constexpr std::string_view kAbout =
    "Labels: ham and bulk are wanted; spam, scam, phish and malware are not. A source\n"
    "(where a message was collected) keeps one large collection from deciding alone.\n"
    "Learnt along is what every model is to know, from mail of our own making, unless\n"
    "--alone is given. The same labels give the same model, whatever their order. With\n"
    "--canary, a model that calls more wanted mail bad than the one in use, or misses\n"
    "more of the rest, is refused; none of that mail may be learnt from.\n"
    "Exit status: 0 if the model was written, else 1; 2 for wrong arguments.\n";

}  // namespace

const Subcommand kLearnCommand = {"learn", "DIR",    "fits a model to mail that was sorted",
                                  kAbout,  kOptions, Run};

}  // namespace clawback
