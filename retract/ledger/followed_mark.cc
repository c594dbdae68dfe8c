// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>

#include "retract/ledger/decision_queue.h"
#include "retract/ledger/private_files.h"
#include "retract/ledger/segment_file.h"

namespace clawback {

std::string FollowedMarkBeside(const std::string& sidecar_socket) {
  return sidecar_socket + ".followed";
}

Status WriteFollowedMark(const std::string& path, const SegmentPosition& position) {
  const std::string line = position.segment + " " + std::to_string(position.sequence) + "\n";
  return ReplaceFile(path, line, 0644);  // the milter is another user; it says no secret
}

Result<SegmentPosition> ReadFollowedMark(const std::string& path) {
  const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return SystemError(path, errno);
  std::array<char, 128> buffer{};
  const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
  if (size < 0) return SystemError(path, errno);
  const std::string_view line(buffer.data(), static_cast<std::size_t>(size));
  const std::size_t space = line.find(' ');
  const Error invalid{ErrorKind::kInvalid, path + ": expected a segment's name and a number"};
  if (space == std::string_view::npos || !SegmentDay(line.substr(0, space))) return invalid;
  SegmentPosition position{std::string(line.substr(0, space)), 0};
  const char* begin = line.data() + space + 1;
  const auto [end, error] = std::from_chars(begin, line.data() + line.size(), position.sequence);
  if (error != std::errc() || end == line.data() + line.size() || *end != '\n') return invalid;
  return position;
}

}  // namespace clawback
