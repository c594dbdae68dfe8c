// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/report_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "retract/ledger/private_files.h"

namespace clawback {
namespace {

constexpr std::string_view kSuffix = ".eml";

timespec ToTimespec(Time time) {
  const auto whole = std::chrono::floor<std::chrono::seconds>(time);
  const auto rest = std::chrono::nanoseconds(time - whole);
  return {static_cast<time_t>(whole.time_since_epoch().count()), static_cast<long>(rest.count())};
}

Time FromTimespec(const timespec& time) {
  return Time(std::chrono::seconds(time.tv_sec)) + milliseconds(time.tv_nsec / 1'000'000);
}

}  // namespace

Status ReportFiles::Load() {
  if (Status prepared = PrepareFolder(folder_, modes_); !prepared.ok()) return prepared;
  std::error_code error;
  std::filesystem::directory_iterator entries(folder_, error);
  if (error) return SystemError(folder_, error.value());
  const std::lock_guard lock(mutex_);
  for (const auto& entry : entries) {
    const std::string name = entry.path().filename().string();
    struct stat file {};
    if (::lstat(entry.path().c_str(), &file) != 0) return SystemError(name, errno);
    if (!name.ends_with(kSuffix)) {
      ::unlink(entry.path().c_str());  // half-written when the last writer died
      continue;
    }
    files_[name] = {file.st_size, FromTimespec(file.st_mtim)};
    bytes_ += file.st_size;
  }
  return {};
}

Result<bool> ReportFiles::Keep(const Digest& digest, std::string_view bytes, Time at, Time now) {
  const std::lock_guard lock(mutex_);
  const std::string name = ToHex(digest) + std::string(kSuffix);
  if (files_.count(name) != 0) return true;
  ExpireLocked(now);
  const auto size = static_cast<std::int64_t>(bytes.size());
  if (size > limits_.bytes - bytes_) return false;
  // It may have been tidied away: that is no reason to keep Exchange waiting.
  if (Status there = PrepareFolder(folder_, modes_); !there.ok()) return there.error();
  const std::string path = folder_ + "/" + name;
  if (Status kept = ReplaceFile(path, bytes, modes_.file); !kept.ok()) return kept.error();
  // The file's time is when the report came in: what is left to live survives a
  // restart. Losing it in a power cut only keeps the file longer.
  const timespec times[2] = {ToTimespec(at), ToTimespec(at)};
  ::utimensat(AT_FDCWD, path.c_str(), times, AT_SYMLINK_NOFOLLOW);
  files_[name] = {size, at};
  bytes_ += size;
  return true;
}

void ReportFiles::Expire(Time now) {
  const std::lock_guard lock(mutex_);
  ExpireLocked(now);
}

void ReportFiles::ExpireLocked(Time now) {
  for (auto file = files_.begin(); file != files_.end();) {
    const std::string path = folder_ + "/" + file->first;
    const bool expired = file->second.at + limits_.expire_after < now;
    if (!expired || (::unlink(path.c_str()) != 0 && errno != ENOENT)) {
      ++file;
      continue;
    }
    bytes_ -= file->second.bytes;
    file = files_.erase(file);
  }
}

}  // namespace clawback
