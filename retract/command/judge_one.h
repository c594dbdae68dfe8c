// SPDX-License-Identifier: Apache-2.0
// One file judged by a judge of the command's own, as its options say.
#ifndef CLAWBACK_RETRACT_COMMAND_JUDGE_ONE_H_
#define CLAWBACK_RETRACT_COMMAND_JUDGE_ONE_H_

#include <string>

#include "policy/base/digest.h"
#include "policy/judge/judged_with.h"
#include "policy/tenant.h"
#include "retract/command/options.h"

namespace clawback {

// Options of JudgeOne; subcommands list them with their own.
inline constexpr OptionSpec kModelOption = {
    "--model", "FILE", "a learned model (default: the relay's own, else the shipped one)"};
inline constexpr OptionSpec kJudgeOption = {"--judge", "PATH", "the clawback-judge program"};

// What judges are told of the tenant: its profile, and the lists that it looks things up in.
JudgeRequest RequestFor(const Tenant& tenant);

// What a judge says of the file, and the SHA-256 of its bytes. A file that cannot be read,
// or that no judge survives, is an error.
struct JudgedFile {
  Judged judged;
  Digest digest{};
};
Result<JudgedFile> JudgeOne(const std::string& file, const JudgeRequest& request,
                            const Options& options);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_JUDGE_ONE_H_
