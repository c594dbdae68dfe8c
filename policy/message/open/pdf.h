// SPDX-License-Identifier: Apache-2.0
// What a PDF document can do to who opens it: its links, scripts, launch actions,
// the files in it, and its pictures. qpdf stands behind it and does not show here.
#ifndef CLAWBACK_POLICY_MESSAGE_OPEN_PDF_H_
#define CLAWBACK_POLICY_MESSAGE_OPEN_PDF_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "policy/message/open/picture.h"

namespace clawback {

struct PdfLimits {
  std::size_t objects = 20'000;
  std::size_t unpacked = 16UL << 20;  // of all streams that hold objects
  std::size_t depth = 20;             // of values in one object
  std::size_t links = 2'000;
  std::size_t files = 50;
  std::size_t file_bytes = 4UL << 20;  // of one file in it
  std::size_t pictures = 20;           // the first ones; others are not looked at
};

struct PdfFile {
  std::string name;
  std::string content;
};

struct PdfContent {
  std::vector<std::string> links;    // of URI and form actions
  std::vector<std::string> scripts;  // each cut at 64 KiB
  std::vector<std::string> launches;
  std::vector<PdfFile> files;
  std::vector<std::string> qr_codes;  // what the codes in its pictures say
  bool encrypted = false;             // with a password that the reader must know
  bool whole = true;                  // false: damaged, or a limit was hit
  std::string_view hidden;            // then, and for people: what is not seen, or why
};

// Total. Links are looked for in all objects, whether a page shows them or not.
// Where work is used up, the rest of it is not looked at.
PdfContent ReadPdf(std::string_view bytes, const PdfLimits& limits, const PictureLimits& pictures,
                   Work* work);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_OPEN_PDF_H_
