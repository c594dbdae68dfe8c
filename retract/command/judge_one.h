// SPDX-License-Identifier: Apache-2.0
// One file judged by a judge of the command's own, as its options say.
#ifndef CLAWBACK_RETRACT_COMMAND_JUDGE_ONE_H_
#define CLAWBACK_RETRACT_COMMAND_JUDGE_ONE_H_

#include <string>
#include <vector>

#include "policy/base/digest.h"
#include "policy/engine_settings.h"
#include "policy/judge/judged_with.h"
#include "policy/tenant.h"
#include "retract/command/options.h"

namespace clawback {

// Options of JudgeOne; subcommands list them with their own.
inline constexpr OptionSpec kModelOption = {
    "--model", "FILE", "a learned model (default: the relay's own, else the shipped one)"};
inline constexpr OptionSpec kJudgeOption = {"--judge", "PATH", "the clawback-judge program"};

// What a relay judges with whoever the tenant is: as its file says, which --config names.
struct RelaysOwn {
  std::string model;     // file of a learned model; empty: the shipped one
  ListFiles list_files;  // lists for all tenants
  EnginesSettings engines;
  std::string from;  // that file; or in words why there is none
};
// Where --config is not given, a file at the default place that is not there or cannot be
// used is no error, and from says so.
Result<RelaysOwn> RelaysOwnOf(const Options& options);

// The engines that the relay asks and the options do not name: what they would have said is
// missing from a judgement made here.
std::vector<std::string> EnginesNotAsked(const RelaysOwn& relay, const Options& options);

// What a judge of the relay is told: the tenant's profile, and all lists that are looked
// through for it. tenant may be one without a name, for mail of no tenant's. A list file
// that cannot be used is an error: what it lists would be missed without a word.
Result<JudgeRequest> RequestFor(const Tenant& tenant, const ListFiles& relays);

// What a judge says of the file, and the engines that the options name (kClamdOption), and the
// SHA-256 of its bytes. A file that cannot be read, or that no judge survives, is an error.
struct JudgedFile {
  Judged judged;
  Digest digest{};
};
Result<JudgedFile> JudgeOne(const std::string& file, const JudgeRequest& request,
                            const Options& options);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_JUDGE_ONE_H_
