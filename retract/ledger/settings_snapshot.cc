// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/settings_snapshot.h"

#include <sys/stat.h>

#include <cerrno>

#include "policy/base/digest.h"
#include "retract/ledger/private_files.h"

namespace clawback {

std::string SettingsSnapshotBeside(const std::string& sidecar_socket) {
  return sidecar_socket + ".settings";
}

std::string SettingsCopyIn(const std::string& segments_folder) {
  return segments_folder + "/settings.last";
}

Status WriteSettingsSnapshot(const std::string& path, const Settings& settings) {
  const std::string text = ToJson(settings);
  return ReplaceFile(path, ToHex(Sha256Of(text)) + "\n" + text, 0640);
}

Result<Settings> ReadSettingsSnapshot(const std::string& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) != 0) return SystemError(path, errno);
  const auto bytes = ReadConfigBytes(path);
  if (!bytes) return bytes.error();
  const std::string_view text(*bytes);
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos ||
      ToHex(Sha256Of(text.substr(end + 1))) != text.substr(0, end)) {
    return Error{ErrorKind::kInvalid, path + ": its digest is not that of its content"};
  }
  auto settings = SettingsFromJson(text.substr(end + 1));
  if (!settings) return Within(path, settings.error());
  return settings;
}

std::optional<Result<Settings>> SettingsWatch::Poll() {
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0) return std::nullopt;  // the last one read stays
  const Seen now{found.st_ino, found.st_ctim.tv_sec, found.st_ctim.tv_nsec};
  if (now == seen_) return std::nullopt;
  seen_ = now;
  auto settings = ReadSettingsSnapshot(path_);
  if (!settings && settings.error().kind != ErrorKind::kInvalid) seen_ = {};
  return settings;
}

}  // namespace clawback
