// SPDX-License-Identifier: Apache-2.0
// The settings as the sidecar publishes them to the milter: a file that is replaced
// whole, with its digest in its first line, so that a damaged one is never taken.
#ifndef CLAWBACK_RETRACT_LEDGER_SETTINGS_SNAPSHOT_H_
#define CLAWBACK_RETRACT_LEDGER_SETTINGS_SNAPSHOT_H_

#include <cstdint>
#include <optional>
#include <string>

#include "policy/settings.h"

namespace clawback {

// Where it stands, by the sidecar's socket.
std::string SettingsSnapshotBeside(const std::string& sidecar_socket);
// Where the milter keeps the last one that it took, over its own restarts and the host's.
std::string SettingsCopyIn(const std::string& segments_folder);
// 0640: the milter reads by group.
Status WriteSettingsSnapshot(const std::string& path, const Settings& settings);
// kNotFound: there is none; kInvalid: damaged.
Result<Settings> ReadSettingsSnapshot(const std::string& path);

// Tells when the file was replaced. One thread at a time.
class SettingsWatch {
 public:
  explicit SettingsWatch(std::string path) : path_(std::move(path)) {}
  // nullopt: nothing new since the last call. One stat. What could not be read is tried
  // again; what is damaged is not.
  std::optional<Result<Settings>> Poll();

 private:
  struct Seen {
    std::uint64_t inode = 0;
    std::int64_t seconds = 0, nanoseconds = 0;
    bool operator==(const Seen&) const = default;
  };
  const std::string path_;
  Seen seen_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_SETTINGS_SNAPSHOT_H_
