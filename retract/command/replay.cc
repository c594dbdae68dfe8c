// SPDX-License-Identifier: Apache-2.0
// clawback replay: journal reports that Exchange could not deliver go in again.
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <system_error>
#include <vector>

#include "policy/base/log.h"
#include "policy/relay.h"
#include "retract/command/classify_input.h"
#include "retract/command/command.h"
#include "retract/command/milter_client.h"
#include "retract/command/sidecar_access.h"

namespace clawback {
namespace {

constexpr OptionSpec kOptions[] = {
    {"--service-address", "ADDRESS", "the tenant's; else the one that a notice names"},
    {"--proven", "",
     "you know that these files come from Exchange: believe the results that it stamped"},
    {"--config", "FILE", "the relay's file; else /etc/clawback/clawback.yaml"},
    {"--socket", "PATH", "the milter's socket; else as --config says"},
    {"--judge", "PATH", "the clawback-judge program"},
};

// Longer than a judge's own limits: only those speak.
constexpr std::chrono::milliseconds kWait{60'000};

struct Counts {
  int taken = 0, left_alone = 0, failed = 0;
};

std::string WhoAmI() {
  const passwd* const entry = ::getpwuid(::getuid());
  std::string who = entry != nullptr ? entry->pw_name : fmt::format("uid {}", ::getuid());
  if (const char* sudo = std::getenv("SUDO_USER")) who += fmt::format(" (sudo by {})", sudo);
  return who;
}

// As SMTP would carry it: a maildir holds LF where Exchange sent CRLF.
std::string WithCrlf(std::string_view text) {
  std::string lines;
  lines.reserve(text.size() + text.size() / 32);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' && (i == 0 || text[i - 1] != '\r')) lines += '\r';
    lines += text[i];
  }
  if (lines.size() < 2 || lines.compare(lines.size() - 2, 2, "\r\n") != 0) lines += "\r\n";
  return lines;
}

Result<ReportBytes> Sealed(std::string_view text) {
  ReportBytes bytes;
  if (const Status added = bytes.Append(text); !added.ok()) return added.error();
  if (const Status sealed = bytes.Seal(); !sealed.ok()) return sealed.error();
  return bytes;
}

class Replayer {
 public:
  Replayer(const Options& options, std::string socket, JudgePool* judges, const Terminal& terminal)
      : given_address_(options.Value("--service-address")),
        socket_(std::move(socket)),
        judges_(judges),
        terminal_(terminal) {
    replay_.by = WhoAmI();
    replay_.stamps_vouched_for = options.Has("--proven");
  }

  void File(const std::string& path) {
    const Result<ReportBytes> file = ReadReportFile(path);
    if (!file) return Failed(path, file.error().what);
    const Result<std::string_view> view = file->View();
    if (!view) return Failed(path, view.error().what);
    const std::string text = WithCrlf(*view);
    // Where the reports stand in it is said by a judge: hostile mail is not for us to read.
    const Result<ReportBytes> bytes = Sealed(text);
    if (!bytes) return Failed(path, bytes.error().what);
    const Result<Judgement> judged = judges_->Judge(*bytes, JudgeRequest{}, kWait);
    if (!judged) return Failed(path, judged.error().what);
    Take(path, text, judged->report);
  }

  void NoFile(const std::string& path) { Failed(path, "no file, so no report"); }

  const Counts& counts() const { return counts_; }

 private:
  void Take(const std::string& path, std::string_view text, const JournalReport& report) {
    switch (report.kind) {
      case ReportKind::kJournalReport:
      case ReportKind::kMalformed:
        return Send(path, text, "");
      case ReportKind::kUndeliverableReport:
        break;
      default:
        ++counts_.left_alone;
        return Say(path, fmt::format("left alone, no journal report ({})", ToString(report.kind)));
    }
    if (report.returned.empty()) return Failed(path, "gives no report back whole and not encoded");
    for (const ReturnedReport& returned : report.returned) {
      Send(path, WithCrlf(text.substr(returned.offset, returned.bytes)), report.returned_for);
    }
  }

  void Send(const std::string& path, std::string_view report, const std::string& named) {
    replay_.service_address = given_address_.value_or(named);
    if (replay_.service_address.empty()) {
      return Failed(path, "names no service address; --service-address gives it");
    }
    if (const Status taken = ReplayReport(socket_, replay_, report); !taken.ok()) {
      return Failed(path, taken.error().what);
    }
    ++counts_.taken;
    Say(path, fmt::format("taken, {} bytes", report.size()));
  }

  void Say(const std::string& path, const std::string& what) const {
    terminal_.out << EscapeForTerminal(fmt::format("{}: {}", path, what)) << '\n';
  }

  void Failed(const std::string& path, const std::string& why) {
    ++counts_.failed;
    terminal_.err << "clawback replay: " << EscapeForTerminal(fmt::format("{}: {}", path, why))
                  << '\n';
  }

  const std::optional<std::string> given_address_;
  const std::string socket_;
  JudgePool* const judges_;
  const Terminal& terminal_;
  Replay replay_;
  Counts counts_;
};

struct Found {
  std::vector<std::string> files;
  // What stands in a maildir and is no file: a pipe may never end, a link may lead nowhere.
  std::vector<std::string> no_files;
};

Status AddFilesOf(const std::filesystem::path& folder, Found* found) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (fs::directory_iterator next(folder, error), end; !error && next != end;
       next.increment(error)) {
    std::error_code unknown;
    if (next->is_directory(unknown)) continue;
    const bool file = next->is_regular_file(unknown);
    (file ? found->files : found->no_files).push_back(next->path().string());
  }
  if (!error) return {};
  return Error{ErrorKind::kInvalid, fmt::format("{}: {}", folder.string(), error.message())};
}

// A file, or the files of a maildir's new/ and cur/, in order of name. A folder that cannot
// be read to its end is an error: its reports would be missing, and nobody told.
Status AddFound(const std::string& operand, Found* found) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(operand, error)) {
    found->files.push_back(operand);
    return {};
  }
  Found here;
  bool maildir = false;
  for (const char* name : {"new", "cur"}) {
    const fs::path folder = fs::path(operand) / name;
    if (fs::status(folder, error).type() == fs::file_type::not_found) continue;
    maildir = true;
    if (Status added = AddFilesOf(folder, &here); !added.ok()) return added;
  }
  if (!maildir) return Error{ErrorKind::kInvalid, operand + ": a folder, but no maildir"};
  std::sort(here.files.begin(), here.files.end());
  std::sort(here.no_files.begin(), here.no_files.end());
  found->files.insert(found->files.end(), here.files.begin(), here.files.end());
  found->no_files.insert(found->no_files.end(), here.no_files.begin(), here.no_files.end());
  return {};
}

Result<std::string> MilterSocket(const Options& options) {
  if (const auto socket = options.Value("--socket")) return *socket;
  const RelayFile file = ReadRelayFile(options.ValueOr("--config", kDefaultConfig));
  if (!file.faults.empty()) {
    return Error{ErrorKind::kInvalid, ToString(file.faults.front()) + " (clawback check says all)"};
  }
  return file.config.milter.socket;
}

int Run(const Options& options, const Terminal& terminal) {
  if (options.operands().empty()) return Misused(terminal, "replay", "no FILE or MAILDIR given");
  Found found;
  for (const std::string& operand : options.operands()) {
    const Status added = AddFound(operand, &found);
    if (!added.ok()) return Fail(terminal, "replay", added.error().what);
  }
  Result<std::string> socket = MilterSocket(options);
  if (!socket) return Fail(terminal, "replay", socket.error().what);
  const auto given = options.Value("--judge");
  const Result<std::string> judge = given ? Result<std::string>(*given) : FindJudgeProgram();
  if (!judge) return Fail(terminal, "replay", judge.error().what);
  Result<std::unique_ptr<JudgePool>> judges =
      JudgePool::Start({.program = *judge, .workers = 1, .limits = {}});
  if (!judges) return Fail(terminal, "replay", judges.error().what);
  Replayer replayer(options, std::move(*socket), judges->get(), terminal);
  for (const std::string& file : found.files) replayer.File(file);
  for (const std::string& path : found.no_files) replayer.NoFile(path);
  const Counts& counts = replayer.counts();
  terminal.out << fmt::format("{} taken, {} left alone, {} failed\n", counts.taken,
                              counts.left_alone, counts.failed);
  return counts.failed == 0 ? kExitDone : kExitFailed;
}

constexpr std::string_view kAbout =
    "Each FILE is a journal report, or a notice that one could not be delivered with the\n"
    "report attached, as the alternate journaling mailbox gets it. The reports go to the\n"
    "running milter, which judges, decides and commits as if Exchange had sent them now;\n"
    "one that is there already changes nothing. The tenant's marks in the report are\n"
    "demanded as ever. What Exchange stamped is not believed without --proven, since\n"
    "anyone can write to that mailbox. Other mail is left alone. Exit status: 1 if a\n"
    "report was not taken; the same call may be made again.\n";

}  // namespace

const Subcommand kReplayCommand = {"replay", "FILE|MAILDIR...", "puts undelivered reports in again",
                                   kAbout,   kOptions,          Run};

}  // namespace clawback
