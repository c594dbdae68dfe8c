// SPDX-License-Identifier: Apache-2.0
#include "retract/command/sidecar_access.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace clawback {
namespace {

Result<std::string> SocketPath(const Options& options) {
  if (const auto socket = options.Value("--socket")) return *socket;
  const auto config = options.Value("--config");
  const std::string path = config.value_or(std::string(kDefaultConfig));
  if (!config && ::access(path.c_str(), F_OK) != 0) return SidecarSettings{}.socket;
  const Result<RelayConfig> relay = RelayOf(options);
  if (!relay) return relay.error();
  return relay->sidecar.socket;
}

}  // namespace

Result<RelayConfig> RelayOf(const Options& options) {
  const std::string path = options.ValueOr("--config", kDefaultConfig);
  if (!options.Has("--config") && ::access(path.c_str(), F_OK) != 0) {
    return Error{ErrorKind::kNotFound,
                 fmt::format("{}: {}; --config FILE names another", path, std::strerror(errno))};
  }
  RelayFile file = ReadRelayFile(path);
  if (file.faults.empty()) return std::move(file.config);
  return Error{ErrorKind::kInvalid, ToString(file.faults.front()) + " (clawback check says all)"};
}

Result<SidecarClient> ConnectSidecar(const Options& options) {
  const Result<std::string> path = SocketPath(options);
  if (!path) return path.error();
  return SidecarClient::Connect(*path);
}

}  // namespace clawback
