// SPDX-License-Identifier: Apache-2.0
// Only formats and filters that read memory are switched on: never "all", which starts
// programs for some of them, nor xar, which reads XML, nor mtree, whose text may name any
// file of this machine.
#include "policy/detect/archive_reader.h"

#include <utility>

namespace clawback {
namespace {

OpenedArchive Opened(ArchiveReader reader, std::string_view bytes) {
  OpenedArchive opened{std::move(reader)};
  struct archive* a = opened.reader.get();
  // A wrong checksum keeps no unpacker of users from opening what is there.
  archive_read_set_option(a, "zip", "ignorecrc32", "1");
  if (archive_read_open_memory(a, bytes.data(), bytes.size()) < 0) return {};
  opened.result = archive_read_next_header(a, &opened.entry);
  return opened;
}

OpenedArchive OpenZipByDirectory(std::string_view bytes) {
  ArchiveReader reader(archive_read_new());
  if (!reader) return {};
  archive_read_support_format_zip_seekable(reader.get());
  OpenedArchive opened = Opened(std::move(reader), bytes);
  opened.zip_by_directory = true;
  return opened;
}

}  // namespace

OpenedArchive OpenArchive(std::string_view bytes) {
  if (bytes.starts_with("PK")) {
    OpenedArchive zip = OpenZipByDirectory(bytes);
    if (zip.result >= ARCHIVE_WARN && zip.result != ARCHIVE_EOF) return zip;
  }
  ArchiveReader reader(archive_read_new());
  if (!reader) return {};
  for (const auto support : {archive_read_support_filter_gzip, archive_read_support_filter_bzip2,
                             archive_read_support_filter_xz,   archive_read_support_filter_lzma,
                             archive_read_support_filter_lzip, archive_read_support_filter_zstd,
                             archive_read_support_filter_lz4,  archive_read_support_filter_compress,
                             archive_read_support_filter_rpm,  archive_read_support_filter_uu,
                             archive_read_support_format_zip,  archive_read_support_format_tar,
                             archive_read_support_format_7zip, archive_read_support_format_rar,
                             archive_read_support_format_rar5, archive_read_support_format_cab,
                             archive_read_support_format_lha,  archive_read_support_format_cpio,
                             archive_read_support_format_ar,   archive_read_support_format_iso9660,
                             archive_read_support_format_warc, archive_read_support_format_raw}) {
    support(reader.get());
  }
  return Opened(std::move(reader), bytes);
}

}  // namespace clawback
