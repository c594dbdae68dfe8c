// SPDX-License-Identifier: Apache-2.0
// The engines that a command's options name, for messages that a judge of its own judged.
#ifndef CLAWBACK_RETRACT_COMMAND_ENGINE_OPTIONS_H_
#define CLAWBACK_RETRACT_COMMAND_ENGINE_OPTIONS_H_

#include "policy/base/result.h"
#include "policy/engine_settings.h"
#include "retract/command/options.h"

namespace clawback {

// Options of EnginesIn; subcommands list them with their own.
inline constexpr OptionSpec kClamdOption = {"--clamd", "SOCKET",
                                            "ask clamd at this Unix socket too"};
inline constexpr OptionSpec kRspamdOption = {
    "--rspamd", "SOCKET", "ask rspamd's normal worker too: a Unix socket, or 127.0.0.1:PORT"};

// kInvalid for what cannot be one's place: no socket, none that may be written to, no address
// of this host. Whether anybody listens there is seen when it is asked.
Result<EnginesSettings> EnginesIn(const Options& options);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_ENGINE_OPTIONS_H_
