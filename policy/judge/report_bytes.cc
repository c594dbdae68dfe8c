// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/report_bytes.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace clawback {
namespace {

// libmilter hands over bodies in pieces of at most 64 KiB, header lines in far
// smaller ones: what is below this is gathered before it is written.
constexpr std::size_t kGather = 256UL << 10;
constexpr unsigned kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;

Error Failed(std::string_view what) {
  return {ErrorKind::kTransient,
          fmt::format("report in memory: {}: {}", what, std::strerror(errno))};
}

Status WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return Failed("write");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

}  // namespace

Status ReportBytes::OpenFile() {
  if (fd_) return {};
  fd_.Reset(::memfd_create("clawback-report", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  return fd_ ? Status() : Failed("memfd_create");
}

Status ReportBytes::Append(std::string_view bytes) {
  if (sealed_) return Error{ErrorKind::kRefused, "report in memory: sealed already"};
  if (buffer_.size() + bytes.size() < kGather) {
    buffer_.append(bytes);
    size_ += bytes.size();
    return {};
  }
  if (Status flushed = Flush(); !flushed) return flushed;
  if (Status written = WriteAll(fd_.get(), bytes); !written) return written;
  size_ += bytes.size();
  return {};
}

Status ReportBytes::Flush() {
  if (Status opened = OpenFile(); !opened) return opened;
  Status written = WriteAll(fd_.get(), buffer_);
  if (written) buffer_ = std::string();
  return written;
}

Result<std::string_view> ReportBytes::View() const {
  if (buffer_.size() == size_) return std::string_view(buffer_);
  if (!sealed_) return Error{ErrorKind::kRefused, "report in memory: not sealed yet"};
  if (mapped_ != size_) {
    // Private, because older kernels refuse a shared mapping of a file with a write seal.
    void* mapping = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, fd_.get(), 0);
    if (mapping == MAP_FAILED) return Failed("mmap");
    mapping_ = mapping;
    mapped_ = size_;
  }
  return std::string_view(static_cast<const char*>(mapping_), mapped_);
}

Status ReportBytes::Seal(Place place) {
  if (fd_ || size_ > kFew || place == Place::kFile) {
    if (Status flushed = Flush(); !flushed) return flushed;
    if (::fcntl(fd_.get(), F_ADD_SEALS, kSeals) != 0) return Failed("seal");
  }
  sealed_ = true;
  return {};
}

void ReportBytes::Unmap() const {
  if (mapping_ != nullptr) ::munmap(mapping_, mapped_);
  mapping_ = nullptr;
  mapped_ = 0;
}

ReportBytes::ReportBytes(ReportBytes&& other) noexcept { *this = std::move(other); }

ReportBytes& ReportBytes::operator=(ReportBytes&& other) noexcept {
  if (this == &other) return *this;
  Unmap();
  fd_ = std::move(other.fd_);
  buffer_ = std::move(other.buffer_);
  size_ = std::exchange(other.size_, 0);
  sealed_ = std::exchange(other.sealed_, false);
  mapping_ = std::exchange(other.mapping_, nullptr);
  mapped_ = std::exchange(other.mapped_, 0);
  return *this;
}

ReportBytes::~ReportBytes() { Unmap(); }

}  // namespace clawback
