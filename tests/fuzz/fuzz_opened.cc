// SPDX-License-Identifier: Apache-2.0
// Any bytes as a PDF document and as a picture: read without a crash, and within the
// bounds that the caller gave.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "policy/judge/prepare.h"
#include "policy/message/open/pdf.h"
#include "policy/message/open/pdf_streams.h"
#include "policy/message/open/picture.h"

namespace {

void Require(bool promise) {
  if (!promise) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  clawback::PrepareJudging();
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  clawback::PictureLimits pictures;
  pictures.pixels = 1'000'000;
  pictures.jpeg_pixels = 1'000'000;
  pictures.shown = 100'000;
  clawback::GrayPicture picture;
  clawback::Work work;
  if (clawback::ReadPicture(bytes, pictures, &work, &picture) == clawback::PictureReading::kRead) {
    Require(picture.pixels.size() == picture.width * picture.height);
    Require(picture.pixels.size() <= 150'000);
    static_cast<void>(clawback::ReadQrCodes(picture, &work));
  }
  clawback::PdfLimits limits;
  limits.unpacked = 1UL << 20;
  limits.file_bytes = 4096;
  const clawback::PdfContent content = clawback::ReadPdf(bytes, limits, pictures, &work);
  Require(content.links.size() <= limits.links && content.files.size() <= limits.files);
  for (const clawback::PdfFile& file : content.files) Require(file.content.size() <= 4096);
  return 0;
}
