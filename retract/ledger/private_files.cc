// SPDX-License-Identifier: Apache-2.0
#include "retract/ledger/private_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace clawback {
namespace {

Status CheckEntry(const std::string& path, mode_t type, mode_t allowed) {
  struct stat entry {};
  if (::lstat(path.c_str(), &entry) != 0) return SystemError(path, errno);
  if ((entry.st_mode & S_IFMT) != type) {
    const char* expected = type == S_IFDIR ? "a folder" : "a regular file";
    return Error{ErrorKind::kRefused, path + ": not " + expected + " (links are not followed)"};
  }
  if (entry.st_uid != ::geteuid()) {
    return Error{ErrorKind::kRefused, fmt::format("{}: belongs to user {}, expected user {}", path,
                                                  entry.st_uid, ::geteuid())};
  }
  const mode_t mode = entry.st_mode & 07777U;
  const mode_t loose = mode & 0777U & ~allowed;
  if (loose != 0) {
    return Error{ErrorKind::kRefused, fmt::format("{}: mode {:04o} is looser than {:04o}; mend it "
                                                  "with: chmod {:04o} {}",
                                                  path, mode, allowed, allowed, path)};
  }
  return {};
}

Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return SystemError("write " + path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Status WriteNewFile(const std::string& path, std::string_view bytes, mode_t mode) {
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file) return SystemError("create " + path, errno);
  if (::fchmod(file.get(), mode) != 0) return SystemError("chmod " + path, errno);
  if (Status written = WriteAll(file.get(), bytes, path); !written.ok()) return written;
  if (::fsync(file.get()) != 0) return SystemError("sync " + path, errno);
  return {};
}

}  // namespace

Error SystemError(std::string_view what, int error_number) {
  ErrorKind kind = ErrorKind::kTransient;
  if (error_number == ENOENT) kind = ErrorKind::kNotFound;
  if (error_number == EACCES || error_number == EPERM || error_number == ELOOP) {
    kind = ErrorKind::kRefused;
  }
  return {kind, std::string(what) + ": " + std::generic_category().message(error_number)};
}

Status PrepareFolder(const std::string& path, FolderModes modes) {
  if (::mkdir(path.c_str(), modes.folder & 0777U) == 0) {
    if (::chmod(path.c_str(), modes.folder) != 0) return SystemError("chmod " + path, errno);
  } else if (errno != EEXIST) {
    return SystemError("make folder " + path, errno);
  }
  return CheckEntry(path, S_IFDIR, modes.folder);
}

Status PrepareFile(const std::string& path, FolderModes modes) {
  const FileDescriptor made(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, modes.file));
  if (made) {
    if (::fchmod(made.get(), modes.file) != 0) return SystemError("chmod " + path, errno);
    return {};
  }
  if (errno != EEXIST) return SystemError("create " + path, errno);
  return CheckEntry(path, S_IFREG, modes.file);
}

Result<FileDescriptor> LockFile(const std::string& path) {
  FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) return SystemError("open " + path, errno);
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return SystemError("lock " + path, errno);
    return Error{ErrorKind::kRefused, path + ": another process holds it; one writer a folder"};
  }
  return file;
}

Status CheckInPlace(int file, const std::string& path) {
  struct stat ours {
  }, there{};
  if (::fstat(file, &ours) != 0) return SystemError(path, errno);
  const bool found = ::lstat(path.c_str(), &there) == 0;
  if (found && ours.st_dev == there.st_dev && ours.st_ino == there.st_ino) return {};
  return Error{ErrorKind::kTransient,
               path + ": was removed or replaced while it was in use; put it back, or restart"};
}

Status SyncPath(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!file) return SystemError("open " + path, errno);
  if (::fsync(file.get()) != 0) return SystemError("sync " + path, errno);
  return {};
}

Status ReplaceFile(const std::string& path, std::string_view bytes, mode_t mode) {
  const std::string fresh = path + ".new";
  Status written = WriteNewFile(fresh, bytes, mode);
  if (written.ok() && ::rename(fresh.c_str(), path.c_str()) != 0) {
    written = SystemError("rename " + fresh, errno);
  }
  if (!written.ok()) {
    ::unlink(fresh.c_str());
    return written;
  }
  return SyncPath(std::filesystem::path(path).parent_path().string());
}

}  // namespace clawback
