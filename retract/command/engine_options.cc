// SPDX-License-Identifier: Apache-2.0
#include "retract/command/engine_options.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace clawback {
namespace {

constexpr std::string_view kClamdForm = "expected clamd's Unix socket (LocalSocket in clamd.conf)";
constexpr std::string_view kRspamdForm =
    "expected the Unix socket of rspamd's normal worker, or an address of this host and a port"
    " such as 127.0.0.1:11333";

// What is wrong with it, in words; empty: nothing.
std::string FaultOfSocket(const std::string& path) {
  struct stat status {};
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    return fmt::format("too long for a socket, of which a path has at most {} bytes",
                       sizeof(sockaddr_un::sun_path) - 1);
  }
  if (::stat(path.c_str(), &status) != 0) return std::strerror(errno);
  if (!S_ISSOCK(status.st_mode)) return "is no socket";
  // Who may not write to it may not connect.
  if (::access(path.c_str(), W_OK) != 0) return std::strerror(errno);
  return "";
}

Error Wrong(std::string_view option, const std::string& place, std::string_view what,
            std::string_view form) {
  return {ErrorKind::kInvalid, fmt::format("{} {}: {}; {}", option, place, what, form)};
}

// A path as it stands, so that a name like an address needs a slash.
Result<EngineSettings> EngineAt(const OptionSpec& option, const std::string& place,
                                std::string_view form) {
  EngineSettings settings;
  settings.deadline = std::chrono::seconds(30);  // nobody waits to be answered
  if (IsLoopbackAddress(place)) {
    if (option.name == kClamdOption.name) {
      return Wrong(option.name, place, "clamd is not asked over TCP", form);
    }
    settings.address = place;
    return settings;
  }
  if (const std::string fault = FaultOfSocket(place); !fault.empty()) {
    return Wrong(option.name, place, fault, form);
  }
  settings.socket = place;
  return settings;
}

}  // namespace

Result<EnginesSettings> EnginesIn(const Options& options) {
  EnginesSettings settings;
  if (const auto place = options.Value(kClamdOption.name)) {
    Result<EngineSettings> clamd = EngineAt(kClamdOption, *place, kClamdForm);
    if (!clamd) return clamd.error();
    settings.clamd = std::move(*clamd);
  }
  if (const auto place = options.Value(kRspamdOption.name)) {
    Result<EngineSettings> rspamd = EngineAt(kRspamdOption, *place, kRspamdForm);
    if (!rspamd) return rspamd.error();
    settings.rspamd = std::move(*rspamd);
  }
  return settings;
}

}  // namespace clawback
