// SPDX-License-Identifier: Apache-2.0
// The one file that knows zbar.
#include <zbar.h>

#include <algorithm>

#include "policy/base/c_handle.h"
#include "policy/message/open/finder_pattern.h"
#include "policy/message/open/picture.h"

namespace clawback {
namespace {

using Scanner = CHandle<zbar::zbar_image_scanner_t, zbar::zbar_image_scanner_destroy>;
using Image = CHandle<zbar::zbar_image_t, zbar::zbar_image_destroy>;

constexpr unsigned long kGrey = 0x30303859;  // "Y800"
constexpr std::size_t kSmallest = 21;        // modules of the smallest QR code

Scanner NewScanner() {
  Scanner scanner(zbar::zbar_image_scanner_create());
  if (!scanner) return scanner;
  // Every other kind of code is off: bar codes carry no links.
  zbar::zbar_image_scanner_set_config(scanner.get(), zbar::ZBAR_NONE, zbar::ZBAR_CFG_ENABLE, 0);
  zbar::zbar_image_scanner_set_config(scanner.get(), zbar::ZBAR_QRCODE, zbar::ZBAR_CFG_ENABLE, 1);
  return scanner;
}

// zbar tries each three of the squares that it finds, until so many of them were no code. It
// finds some more than were counted, at edges.
std::uint64_t ScanningOf(std::size_t pixels, std::size_t patterns) {
  constexpr std::uint64_t kPixel = 15, kThree = 40'000, kTried = 5'000;
  constexpr std::size_t kMore = 4;
  const std::uint64_t all = patterns + kMore;
  return kPixel * pixels + kThree * std::min(all * (all - 1) * (all - 2) / 6, kTried);
}

std::vector<std::string> Scan(const GrayPicture& picture) {
  std::vector<std::string> codes;
  const Scanner scanner = NewScanner();
  const Image image(zbar::zbar_image_create());
  if (!scanner || !image) return codes;
  zbar::zbar_image_set_format(image.get(), kGrey);
  zbar::zbar_image_set_size(image.get(), static_cast<unsigned>(picture.width),
                            static_cast<unsigned>(picture.height));
  zbar::zbar_image_set_data(image.get(), picture.pixels.data(), picture.pixels.size(), nullptr);
  zbar::zbar_scan_image(scanner.get(), image.get());
  for (const auto* symbol = zbar::zbar_image_first_symbol(image.get()); symbol != nullptr;
       symbol = zbar::zbar_symbol_next(symbol)) {
    codes.emplace_back(zbar::zbar_symbol_get_data(symbol),
                       zbar::zbar_symbol_get_data_length(symbol));
  }
  return codes;
}

}  // namespace

std::vector<std::string> ReadQrCodes(const GrayPicture& picture, Work* work) {
  if (picture.width < kSmallest || picture.height < kSmallest) return {};
  const std::size_t patterns = FinderPatternsIn(picture, work);
  if (patterns < kPatternsOfACode) return {};
  work->Do(ScanningOf(picture.pixels.size(), patterns));
  return Scan(picture);
}

}  // namespace clawback
