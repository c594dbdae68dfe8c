// SPDX-License-Identifier: Apache-2.0
#include "policy/base/secret.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "policy/base/c_handle.h"

namespace clawback {
namespace {

constexpr off_t kMaxSecretBytes = off_t{64} * 1024;
constexpr std::string_view kFile = "file:";
constexpr std::string_view kCredential = "credential:";

// A short string keeps its bytes inside the object, and a move leaves them there:
// all of the capacity is wiped, not the length.
void WipeString(std::string* bytes) noexcept {
  bytes->resize(bytes->capacity());
  OPENSSL_cleanse(bytes->data(), bytes->size());
  bytes->clear();
}

bool StartsWith(std::string_view text, std::string_view prefix) {
  return text.substr(0, prefix.size()) == prefix;
}

std::string SystemText(int error) { return std::generic_category().message(error); }

Error OpenError(const std::string& path, int error) {
  if (error == ENOENT) return {ErrorKind::kNotFound, path + ": no such file"};
  if (error == ELOOP) {
    return {ErrorKind::kRefused, path + ": is a symbolic link, expected a regular file"};
  }
  return {ErrorKind::kRefused, path + ": " + SystemText(error)};
}

// Who may read or change the file besides us decides whether it is a secret.
Status CheckFile(const std::string& path, const struct stat& status) {
  if (!S_ISREG(status.st_mode)) {
    return Error{ErrorKind::kRefused, path + ": expected a regular file"};
  }
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return Error{ErrorKind::kRefused, fmt::format("{}: owned by uid {}, expected root or uid {}",
                                                  path, status.st_uid, ::geteuid())};
  }
  if ((status.st_mode & 0037U) != 0) {
    return Error{ErrorKind::kRefused, fmt::format("{}: mode {:04o} is too open; chmod 0640 {}",
                                                  path, status.st_mode & 07777U, path)};
  }
  if (status.st_size == 0) return Error{ErrorKind::kInvalid, path + ": is empty"};
  if (status.st_size > kMaxSecretBytes) {
    return Error{ErrorKind::kInvalid, fmt::format("{}: {} bytes, expected at most {}", path,
                                                  status.st_size, kMaxSecretBytes)};
  }
  return {};
}

// Reads into memory taken once, so that no outgrown copy stays on the heap.
Result<Secret> ReadSecret(const std::string& path, int fd, std::size_t size) {
  std::string bytes(size + 1, '\0');
  std::size_t got = 0;
  while (got < bytes.size()) {
    const ssize_t count = ::read(fd, bytes.data() + got, bytes.size() - got);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) {
      const int error = errno;
      WipeString(&bytes);
      return Error{ErrorKind::kTransient, path + ": " + SystemText(error)};
    }
    if (count == 0) break;
    got += static_cast<std::size_t>(count);
  }
  if (got > size) {
    WipeString(&bytes);
    return Error{ErrorKind::kTransient, path + ": changed while it was read"};
  }
  if (got > 0 && bytes[got - 1] == '\n') --got;
  if (got > 0 && bytes[got - 1] == '\r') --got;
  bytes.resize(got);
  if (bytes.empty()) return Error{ErrorKind::kInvalid, path + ": is empty"};
  return Secret(std::move(bytes));
}

Result<Secret> LoadFile(const std::string& path, Links links) {
  const int link_flag = links == Links::kRefused ? O_NOFOLLOW : 0;
  const FileDescriptor file(
      ::open(path.c_str(), O_RDONLY | link_flag | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return OpenError(path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return OpenError(path, errno);
  if (Status checked = CheckFile(path, status); !checked.ok()) return checked.error();
  return ReadSecret(path, file.get(), static_cast<std::size_t>(status.st_size));
}

}  // namespace

Secret::Secret(std::string bytes) : bytes_(std::move(bytes)) { WipeString(&bytes); }

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { other.Wipe(); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe();
    bytes_ = std::move(other.bytes_);
    other.Wipe();
  }
  return *this;
}

Secret::~Secret() { Wipe(); }

void Secret::Wipe() noexcept { WipeString(&bytes_); }

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

Status CheckSecretReference(std::string_view reference) {
  if (reference.find('\0') != std::string_view::npos) {
    return Error{ErrorKind::kInvalid, "secret reference holds a NUL byte"};
  }
  if (StartsWith(reference, kFile)) {
    const std::string_view path = reference.substr(kFile.size());
    if (!path.empty() && path.front() == '/') return {};
    return Error{ErrorKind::kInvalid, "expected an absolute path after \"file:\""};
  }
  if (StartsWith(reference, kCredential)) {
    const std::string_view name = reference.substr(kCredential.size());
    if (!name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos) {
      return {};
    }
    return Error{ErrorKind::kInvalid, "expected a systemd credential's name after \"credential:\""};
  }
  // The text is not repeated: it may be the secret itself.
  return Error{ErrorKind::kInvalid,
               "expected a reference, file:/path or credential:NAME, never the secret itself"};
}

Result<Secret> LoadSecret(std::string_view reference, Links links) {
  if (Status checked = CheckSecretReference(reference); !checked.ok()) return checked.error();
  if (StartsWith(reference, kFile)) {
    return LoadFile(std::string(reference.substr(kFile.size())), links);
  }
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr || *folder == '\0') {
    return Error{ErrorKind::kNotFound,
                 std::string(reference) +
                     ": $CREDENTIALS_DIRECTORY is not set; add LoadCredential= to the unit"};
  }
  return LoadFile(std::string(folder) + "/" + std::string(reference.substr(kCredential.size())),
                  links);
}

}  // namespace clawback
