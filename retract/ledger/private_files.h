// SPDX-License-Identifier: Apache-2.0
// Folders and files that only their owner (and a group that may read) sees: made
// with their modes, and refused when somebody loosened them.
#ifndef CLAWBACK_RETRACT_LEDGER_PRIVATE_FILES_H_
#define CLAWBACK_RETRACT_LEDGER_PRIVATE_FILES_H_

#include <sys/types.h>

#include <string>
#include <string_view>

#include "policy/base/c_handle.h"
#include "policy/base/result.h"

namespace clawback {

// The modes of a folder that others read by group, and of one that nobody else
// enters.
struct FolderModes {
  mode_t folder;
  mode_t file;
};
inline constexpr FolderModes kGroupReads{02750, 0640};
inline constexpr FolderModes kOwnerOnly{0700, 0600};

Error SystemError(std::string_view what, int error_number);

// Makes the folder if absent (its parent must be there). kRefused for a symbolic
// link, another owner, or a mode looser than modes; what says which chmod mends it.
Status PrepareFolder(const std::string& path, FolderModes modes);

// Makes an empty file if absent; kRefused as above for one that is there.
Status PrepareFile(const std::string& path, FolderModes modes);

// Held until it is closed, by this process alone; kRefused if another holds it.
Result<FileDescriptor> LockFile(const std::string& path);
// kTransient unless the open file is the one at path: a folder that was unmounted or moved
// away, with whatever stands in its place, is not the one that was opened.
Status CheckInPlace(int file, const std::string& path);

// Flushes a file, or the entries of a folder.
Status SyncPath(const std::string& path);

// Replaces path with bytes so that a reader sees the old or the new whole, and a
// power cut afterwards the new.
Status ReplaceFile(const std::string& path, std::string_view bytes, mode_t mode);

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_LEDGER_PRIVATE_FILES_H_
