// SPDX-License-Identifier: Apache-2.0
#include "retract/command/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>
#include <vector>

#include "policy/base/log.h"
#include "policy/base/version.h"

namespace clawback {
namespace {

const Subcommand* const kSubcommands[] = {
    &kClassifyCommand, &kExplainCommand, &kPolicyCommand, &kLearnCommand, &kTraceCommand,
    &kRetractCommand,  &kUndoCommand,    &kJobCommand,    &kHeldCommand,  &kBreakerCommand,
    &kTenantCommand,   &kAddressCommand, &kRegionCommand, &kAuditCommand, &kReplayCommand,
    &kCheckCommand,    &kStatusCommand};
constexpr OptionSpec kHelpOption = {"--help", "", "this text"};

const Subcommand* FindSubcommand(std::string_view name) {
  for (const Subcommand* subcommand : kSubcommands) {
    if (subcommand->name == name) return subcommand;
  }
  return nullptr;
}

std::string Usage() {
  std::string text = "usage: clawback SUBCOMMAND [OPTIONS] [OPERANDS]\n\n";
  for (const Subcommand* subcommand : kSubcommands) {
    text += fmt::format("  {:<9} {}\n", subcommand->name, subcommand->summary);
  }
  text += "  help      what a subcommand does: clawback help SUBCOMMAND\n";
  text += "\n  --version  the release\n  --help     this text\n";
  return text;
}

std::vector<OptionSpec> WithHelp(const Subcommand& subcommand) {
  std::vector<OptionSpec> options(subcommand.options.begin(), subcommand.options.end());
  options.push_back(kHelpOption);
  return options;
}

std::string Usage(const Subcommand& subcommand) {
  const std::string_view gap = subcommand.operands.empty() ? "" : " ";
  return fmt::format("usage: clawback {} [OPTIONS]{}{}\n\n{}.\n{}\n{}", subcommand.name, gap,
                     subcommand.operands, subcommand.summary, subcommand.about,
                     DescribeOptions(WithHelp(subcommand)));
}

int Unknown(const std::string& word, const Terminal& terminal) {
  terminal.err << "clawback: there is no subcommand " << EscapeForTerminal(word)
               << "; see clawback --help\n";
  return kExitUsage;
}

int Help(std::span<const std::string> arguments, const Terminal& terminal) {
  if (arguments.empty()) {
    terminal.out << Usage();
    return kExitDone;
  }
  if (arguments.size() > 1) {
    terminal.err << "clawback help: expected one subcommand, see clawback --help\n";
    return kExitUsage;
  }
  const Subcommand* subcommand = FindSubcommand(arguments.front());
  if (subcommand == nullptr) return Unknown(arguments.front(), terminal);
  terminal.out << Usage(*subcommand);
  return kExitDone;
}

int Run(const Subcommand& subcommand, std::span<const std::string> arguments,
        const Terminal& terminal) {
  const Result<Options> options = Options::Read(arguments, WithHelp(subcommand));
  if (!options) return Misused(terminal, subcommand.name, options.error().what);
  if (options->Has("--help")) {
    terminal.out << Usage(subcommand);
    return kExitDone;
  }
  return subcommand.run(*options, terminal);
}

int Dispatch(std::span<const std::string> arguments, const Terminal& terminal) {
  if (arguments.empty()) {
    terminal.err << Usage();
    return kExitUsage;
  }
  const std::string& first = arguments.front();
  if (first == "help" || first == "--help") return Help(arguments.subspan(1), terminal);
  if (first == "--version") {
    terminal.out << "clawback " << kVersion << '\n';
    return kExitDone;
  }
  const Subcommand* subcommand = FindSubcommand(first);
  if (subcommand == nullptr) return Unknown(first, terminal);
  return Run(*subcommand, arguments.subspan(1), terminal);
}

}  // namespace

int RunCommand(std::span<const std::string> arguments, const Terminal& terminal) {
  const int exit = Dispatch(arguments, terminal);
  terminal.out.flush();
  if (exit == kExitDone && !terminal.out) {
    terminal.err << "clawback: the output could not be written\n";
    return kExitFailed;
  }
  return exit;
}

void PrintLines(std::string_view text, std::ostream& out) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.size(), text.find('\n', begin));
    out << EscapeForTerminal(text.substr(begin, end - begin)) << '\n';
    begin = end + 1;
  }
}

int Fail(const Terminal& terminal, std::string_view subcommand, std::string_view what) {
  terminal.err << "clawback " << subcommand << ": " << EscapeForTerminal(what) << '\n';
  return kExitFailed;
}

int Misused(const Terminal& terminal, std::string_view subcommand, std::string_view what) {
  terminal.err << "clawback " << subcommand << ": " << EscapeForTerminal(what)
               << "; see clawback help " << subcommand << '\n';
  return kExitUsage;
}

}  // namespace clawback
