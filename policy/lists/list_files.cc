// SPDX-License-Identifier: Apache-2.0
#include "policy/lists/list_files.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "policy/base/text.h"
#include "policy/config_checks.h"

namespace clawback {
namespace {

constexpr std::uint64_t kMostBytes = 64UL << 20;
constexpr std::size_t kMostEntries = 2'000'000;

Result<std::string> ReadWhole(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    return Error{ErrorKind::kNotFound, std::strerror(errno)};
  }
  if (!S_ISREG(status.st_mode)) return Error{ErrorKind::kInvalid, "is no file"};
  if (static_cast<std::uint64_t>(status.st_size) > kMostBytes) {
    return Error{ErrorKind::kInvalid, fmt::format("{} bytes, expected at most {} MiB",
                                                  status.st_size, kMostBytes >> 20U)};
  }
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return Error{ErrorKind::kNotFound, std::strerror(errno)};
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

std::string_view WithoutComment(std::string_view line) {
  return Trim(line.substr(0, line.find('#')));
}

ConfigFault BadLine(ListKind kind, std::string_view line, std::string_view entry, int number,
                    const std::string& file) {
  const auto column = static_cast<int>(line.find(entry)) + 1;
  return {file, number, column,
          fmt::format("\"{}\": expected {}", RepairUtf8(CutUtf8(entry, 80)), FormOf(kind))};
}

}  // namespace

void ReadListFilePaths(YamlMap& map, const std::string& file, ListFiles* files) {
  for (const ListKind kind : kAllListKinds) {
    ReadPath(map, ToString(kind), file, &files->paths[static_cast<std::size_t>(kind)]);
  }
}

ListLines ReadListText(ListKind kind, std::string_view text, const std::string& file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // editors write one
  ListLines lines;
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::string_view written = WithoutComment(line);
    if (written.empty()) continue;
    std::string entry = LowerAscii(written);
    if (!FitsList(kind, entry)) {
      lines.faults.push_back(BadLine(kind, line, written, number, file));
      return lines;
    }
    if (lines.entries.size() == kMostEntries) {
      lines.faults.push_back(
          {file, number, 1, fmt::format("expected at most {} entries", kMostEntries)});
      return lines;
    }
    lines.entries.push_back(std::move(entry));
  }
  return lines;
}

ListFilesRead ReadListFiles(const ListFiles& files) {
  ListFilesRead read;
  for (const ListKind kind : kAllListKinds) {
    const auto at = static_cast<std::size_t>(kind);
    const std::string& path = files.paths[at];
    if (path.empty()) continue;
    const Result<std::string> text = ReadWhole(path);
    if (!text) {
      read.faults.push_back({path, 0, 0,
                             fmt::format("{}, expected the file of {}, one entry a line",
                                         text.error().what, ToString(kind))});
      continue;
    }
    ListLines lines = ReadListText(kind, *text, path);
    read.faults.insert(read.faults.end(), lines.faults.begin(), lines.faults.end());
    read.entries[at] = std::move(lines.entries);
  }
  return read;
}

ListStamps StampsOf(const ListFiles& files) {
  ListStamps stamps;
  for (std::size_t i = 0; i < kListKinds; ++i) {
    struct stat status {};
    if (files.paths[i].empty() || ::stat(files.paths[i].c_str(), &status) != 0) continue;
    stamps[i] = {status.st_dev, status.st_ino, static_cast<std::uint64_t>(status.st_size),
                 status.st_mtim.tv_sec, status.st_mtim.tv_nsec};
  }
  return stamps;
}

}  // namespace clawback
