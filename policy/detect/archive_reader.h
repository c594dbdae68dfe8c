// SPDX-License-Identifier: Apache-2.0
// How libarchive is asked for what is in an archive. Only the files archive*.cc and
// seven_zip.cc of this folder know it.
#ifndef CLAWBACK_POLICY_DETECT_ARCHIVE_READER_H_
#define CLAWBACK_POLICY_DETECT_ARCHIVE_READER_H_

#include <archive.h>

#include <string_view>

#include "policy/base/c_handle.h"

struct archive_entry;

namespace clawback {

using ArchiveReader = CHandle<struct archive, archive_read_free>;

struct OpenedArchive {
  ArchiveReader reader;                   // null: it cannot be read at all
  int result = ARCHIVE_FATAL;             // of reading the first header, which is done, ...
  struct archive_entry* entry = nullptr;  // ... and is this one's; valid until the next
  // A ZIP archive read by its directory: files are passed over without being unpacked.
  bool zip_by_directory = false;
};

// bytes outlive what is returned.
OpenedArchive OpenArchive(std::string_view bytes);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_DETECT_ARCHIVE_READER_H_
