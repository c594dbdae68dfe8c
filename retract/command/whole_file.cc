// SPDX-License-Identifier: Apache-2.0
#include "retract/command/whole_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "policy/base/c_handle.h"
#include "policy/base/fault_point.h"

namespace clawback {
namespace {

// What would end the program waits as long as this lives.
class SignalsWait {
 public:
  SignalsWait() {
    sigset_t ending;
    ::sigemptyset(&ending);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&ending, signal);
    ::pthread_sigmask(SIG_BLOCK, &ending, &before_);
  }
  ~SignalsWait() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;

 private:
  sigset_t before_{};
};

// The folder of path, which nobody else who writes so writes into meanwhile: of two that write
// one file, each would rename what the other has only begun. Where folders cannot be locked, as
// over NFS, they are not.
FileDescriptor LockedFolder(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  FileDescriptor locked(
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (locked && ::flock(locked.get(), LOCK_EX) != 0 && errno == EINTR) {
  }
  return locked;
}

bool WriteAll(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) return false;
    if (written > 0) bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Not through a link that somebody else has put there.
bool WriteFresh(const std::string& path, std::string_view bytes) {
  ::unlink(path.c_str());
  const FileDescriptor file(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
  return file && WriteAll(file.get(), bytes) && ::fsync(file.get()) == 0;
}

}  // namespace

Status WriteWholeFile(const std::string& path, std::string_view bytes) {
  const FileDescriptor folder = LockedFolder(path);
  const SignalsWait wait;
  const std::string fresh = path + ".new";
  const bool written = WriteFresh(fresh, bytes);
  FaultPoint("command.before-rename");
  if (written && std::rename(fresh.c_str(), path.c_str()) == 0) return {};
  const std::string why = std::strerror(errno);
  ::unlink(fresh.c_str());
  return Error{ErrorKind::kInvalid, fmt::format("{}: {}", path, why)};
}

}  // namespace clawback
