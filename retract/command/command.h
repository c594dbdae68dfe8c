// SPDX-License-Identifier: Apache-2.0
// The operator's command. It judges files by itself and asks the sidecar for the
// rest; it opens neither ledger nor segments and holds no credential.
#ifndef CLAWBACK_RETRACT_COMMAND_COMMAND_H_
#define CLAWBACK_RETRACT_COMMAND_COMMAND_H_

#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

#include "retract/command/options.h"

namespace clawback {

// Exit statuses.
enum CommandExit : int {
  kExitDone = 0,
  kExitFailed = 1,  // what was asked for could not be done, or is at fault
  kExitUsage = 2,   // the arguments are wrong
};

struct Terminal {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

// One subcommand. Its table entry is all that the program knows of it.
struct Subcommand {
  std::string_view name;
  std::string_view operands;  // "[CONFIG]"
  std::string_view summary;   // one line
  std::string_view about;     // further lines for --help, each ended
  std::span<const OptionSpec> options;
  int (*run)(const Options& options, const Terminal& terminal);
};

extern const Subcommand kClassifyCommand;
extern const Subcommand kLearnCommand;
extern const Subcommand kTraceCommand;
extern const Subcommand kExplainCommand;
extern const Subcommand kPolicyCommand;
extern const Subcommand kCheckCommand;
extern const Subcommand kStatusCommand;
extern const Subcommand kAuditCommand;
extern const Subcommand kTenantCommand;
extern const Subcommand kAddressCommand;
extern const Subcommand kRetractCommand;
extern const Subcommand kUndoCommand;
extern const Subcommand kReplayCommand;
extern const Subcommand kRegionCommand;
extern const Subcommand kJobCommand;
extern const Subcommand kBreakerCommand;
extern const Subcommand kHeldCommand;

// arguments without the program's name. Answers a CommandExit.
int RunCommand(std::span<const std::string> arguments, const Terminal& terminal);

// Text of several lines that is our own, each line escaped. Text from outside goes through
// EscapeForTerminal as a whole, so that it cannot make a line of its own.
void PrintLines(std::string_view text, std::ostream& out);

// "clawback classify: what", and the status that goes with it.
int Fail(const Terminal& terminal, std::string_view subcommand, std::string_view what);
int Misused(const Terminal& terminal, std::string_view subcommand, std::string_view what);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_COMMAND_H_
