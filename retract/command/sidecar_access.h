// SPDX-License-Identifier: Apache-2.0
// Where the relay's configuration and the sidecar are found.
#ifndef CLAWBACK_RETRACT_COMMAND_SIDECAR_ACCESS_H_
#define CLAWBACK_RETRACT_COMMAND_SIDECAR_ACCESS_H_

#include <string_view>

#include "policy/relay.h"
#include "retract/command/options.h"
#include "retract/sidecar/protocol.h"

namespace clawback {

inline constexpr std::string_view kDefaultConfig = "/etc/clawback/clawback.yaml";

// The options that ConnectSidecar knows; subcommands list them with their own.
inline constexpr OptionSpec kSocketOption = {"--socket", "PATH",
                                             "the sidecar's socket; else as --config says"};
inline constexpr OptionSpec kConfigOption = {
    "--config", "FILE", "the relay's file; else /etc/clawback/clawback.yaml if it is there"};

// The relay's file, as --config names it; kInvalid with its first fault.
Result<RelayConfig> RelayOf(const Options& options);

// By --socket, else by the relay's file, else at the default place.
Result<SidecarClient> ConnectSidecar(const Options& options);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_SIDECAR_ACCESS_H_
