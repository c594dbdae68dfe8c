// SPDX-License-Identifier: Apache-2.0
// Lists that an operator keeps in files of their own, because they are long or come from
// elsewhere: one entry a line, read anew when a file changes.
#ifndef CLAWBACK_POLICY_LISTS_LIST_FILES_H_
#define CLAWBACK_POLICY_LISTS_LIST_FILES_H_

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "policy/base/yaml.h"
#include "policy/lists/list_index.h"

namespace clawback {

// The path of each list, by ListKind; empty: there is none.
struct ListFiles {
  std::array<std::string, kListKinds> paths{};
  auto operator<=>(const ListFiles&) const = default;
  bool empty() const { return *this == ListFiles{}; }
};

// Reads the keys blocked_hosts, blocked_hashes and new_domains as paths.
void ReadListFilePaths(YamlMap& map, const std::string& file, ListFiles* files);

// The lines of one file: entries in any case, "#" begins a comment, empty lines count for
// nothing. A file of at most 64 MiB and two million entries; one bad line refuses it all,
// with line and column, for what cannot be read in part may be cut off.
struct ListLines {
  std::vector<std::string> entries;  // lower case
  std::vector<ConfigFault> faults;   // the first one
};
ListLines ReadListText(ListKind kind, std::string_view text, const std::string& file);

struct ListFilesRead {
  ListEntries entries;
  std::vector<ConfigFault> faults;  // none: entries may be used
};
ListFilesRead ReadListFiles(const ListFiles& files);

// By what it is told that a file is another one than it was; all zero: there is none.
struct FileStamp {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t seconds = 0, nanoseconds = 0;
  bool operator==(const FileStamp&) const = default;
};
using ListStamps = std::array<FileStamp, kListKinds>;
ListStamps StampsOf(const ListFiles& files);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_LISTS_LIST_FILES_H_
