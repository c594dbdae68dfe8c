// SPDX-License-Identifier: Apache-2.0
// A PNG, JPEG or GIF as shades of grey, small enough to look for a QR code in. The
// libraries behind it (libpng, libjpeg-turbo, giflib) do not show here.
#ifndef CLAWBACK_POLICY_MESSAGE_OPEN_PICTURE_H_
#define CLAWBACK_POLICY_MESSAGE_OPEN_PICTURE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "policy/message/open/work.h"

namespace clawback {

struct PictureLimits {
  std::size_t pixels = 9'000'000;        // of a PNG or GIF, and of a JPEG in several scans
  std::size_t jpeg_pixels = 64'000'000;  // of a JPEG in one scan, which is shrunk as it is read
  std::size_t shown = 1'000'000;         // about what is left for looking
};

struct GrayPicture {
  std::size_t width = 0, height = 0;
  std::string pixels;  // a byte each, row by row, 0 is black
};

enum class PictureReading { kRead, kTooLarge, kUnreadable };

// Total. Of a GIF the first frame. Memory: a byte for each pixel. What it does is counted.
PictureReading ReadPicture(std::string_view bytes, const PictureLimits& limits, Work* work,
                           GrayPicture* picture);

// By whole factors, until at most `shown` pixels and half as many again are left.
void Shrink(std::size_t shown, GrayPicture* picture);

// What its QR codes say (zbar). Linear in the pixels but for the squares that look like a
// code's corners: all of them are tried in threes, up to a bound of zbar's. Counted too.
std::vector<std::string> ReadQrCodes(const GrayPicture& picture, Work* work);

}  // namespace clawback

#endif  // CLAWBACK_POLICY_MESSAGE_OPEN_PICTURE_H_
