// SPDX-License-Identifier: Apache-2.0
#include "policy/message/open/picture.h"

#include <gif_lib.h>
#include <png.h>
#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "policy/base/c_handle.h"

namespace clawback {
namespace {

unsigned Byte(std::string_view bytes, std::size_t at) {
  return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0U;
}

const unsigned char* Unsigned(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

void Make(std::size_t width, std::size_t height, GrayPicture* picture) {
  picture->width = width;
  picture->height = height;
  picture->pixels.assign(width * height, '\xFF');
}

// As it is packed: a pixel of a palette is one byte, or less.
std::size_t PngPixelBytes(const png_image& image) {
  if ((image.format & PNG_FORMAT_FLAG_COLORMAP) != 0) return 1;
  return PNG_IMAGE_SAMPLE_SIZE(image.format);
}

PictureReading ReadPng(std::string_view bytes, const PictureLimits& limits, Work* work,
                       GrayPicture* picture) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const CHandle<png_image, png_image_free> freed(&image);
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) {
    return PictureReading::kUnreadable;
  }
  const std::size_t area = std::size_t{image.width} * image.height;
  if (area > limits.pixels) return PictureReading::kTooLarge;
  work->Do(area * (3 * PngPixelBytes(image) + 2));
  image.format = PNG_FORMAT_GRAY;
  Make(image.width, image.height, picture);
  const png_color white{255, 255, 255};
  if (png_image_finish_read(&image, &white, picture->pixels.data(), 0, nullptr) == 0) {
    return PictureReading::kUnreadable;
  }
  return PictureReading::kRead;
}

// A progressive picture goes over all of its coefficients in each scan.
std::size_t ScansOf(std::string_view jpeg) {
  std::size_t scans = 0;
  for (std::size_t at = jpeg.find("\xFF\xDA"); at != std::string_view::npos;
       at = jpeg.find("\xFF\xDA", at + 2)) {
    ++scans;
  }
  return scans;
}

// libjpeg keeps every coefficient of a picture whose components come in several scans.
bool IsInOneScan(std::string_view jpeg) {
  unsigned components = 0;
  bool progressive = false;
  for (std::size_t at = 2; at + 4 < jpeg.size();) {
    if (Byte(jpeg, at) != 0xFF) return false;
    const unsigned marker = Byte(jpeg, at + 1);
    if (marker == 0xFF) {
      ++at;
      continue;
    }
    if (marker == 0xDA) return !progressive && components == Byte(jpeg, at + 4);
    const bool frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (frame) {
      progressive = marker != 0xC0 && marker != 0xC1;
      components = Byte(jpeg, at + 9);
    }
    at += 2 + (Byte(jpeg, at + 2) << 8U) + Byte(jpeg, at + 3);
  }
  return false;
}

PictureReading ReadJpeg(std::string_view bytes, const PictureLimits& limits, Work* work,
                        GrayPicture* picture) {
  const CHandle<void, tjDestroy> reader(tjInitDecompress());
  int width = 0, height = 0, sampling = 0, colours = 0;
  if (!reader || tjDecompressHeader3(reader.get(), Unsigned(bytes), bytes.size(), &width, &height,
                                     &sampling, &colours) != 0) {
    return PictureReading::kUnreadable;
  }
  const auto area = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  // Six bytes a pixel, of which the process has a few dozen million.
  const bool one_scan = IsInOneScan(bytes);
  const bool fits = one_scan ? area <= limits.jpeg_pixels : area <= limits.pixels / 2;
  if (!fits) return PictureReading::kTooLarge;
  work->Do(one_scan ? 6 * bytes.size() + area / 3 : 25 * bytes.size() + ScansOf(bytes) * area / 3);
  int factor = 1;
  while (factor < 8 && area / static_cast<std::size_t>(factor * factor) > limits.shown) factor *= 2;
  const int shown_width = (width + factor - 1) / factor;
  const int shown_height = (height + factor - 1) / factor;
  Make(static_cast<std::size_t>(shown_width), static_cast<std::size_t>(shown_height), picture);
  const int result = tjDecompress2(reader.get(), Unsigned(bytes), bytes.size(),
                                   reinterpret_cast<unsigned char*>(picture->pixels.data()),
                                   shown_width, shown_width, shown_height, TJPF_GRAY,
                                   TJFLAG_FASTDCT | TJFLAG_FASTUPSAMPLE | TJFLAG_LIMITSCANS);
  // A warning is a picture with its end missing, which mail readers show.
  const bool read = result == 0 || tjGetErrorCode(reader.get()) == TJERR_WARNING;
  return read ? PictureReading::kRead : PictureReading::kUnreadable;
}

int ReadGifBytes(GifFileType* gif, GifByteType* out, int size) {
  auto* rest = static_cast<std::string_view*>(gif->UserData);
  const std::string_view taken = rest->substr(0, static_cast<std::size_t>(size));
  std::memcpy(out, taken.data(), taken.size());
  rest->remove_prefix(taken.size());
  return static_cast<int>(taken.size());
}

void CloseGif(GifFileType* gif) { DGifCloseFile(gif, nullptr); }

// Past extensions, to the first frame.
bool FindFrame(GifFileType* gif) {
  for (;;) {
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    if (DGifGetRecordType(gif, &record) == GIF_ERROR) return false;
    if (record == IMAGE_DESC_RECORD_TYPE) return DGifGetImageDesc(gif) != GIF_ERROR;
    if (record != EXTENSION_RECORD_TYPE) return false;
    int code = 0;
    GifByteType* extension = nullptr;
    if (DGifGetExtension(gif, &code, &extension) == GIF_ERROR) return false;
    while (extension != nullptr) {
      if (DGifGetExtensionNext(gif, &extension) == GIF_ERROR) return false;
    }
  }
}

// Green is most of what the eye takes for brightness, and codes are black on white.
std::array<char, 256> ShadesOf(const GifFileType& gif) {
  std::array<char, 256> shades{};
  const ColorMapObject* map = gif.Image.ColorMap != nullptr ? gif.Image.ColorMap : gif.SColorMap;
  for (std::size_t i = 0; map != nullptr && i < static_cast<std::size_t>(map->ColorCount); ++i) {
    shades[i] = static_cast<char>(map->Colors[i].Green);
  }
  return shades;
}

// The n-th row to come stands here.
std::vector<std::size_t> RowsOf(const GifImageDesc& frame) {
  constexpr std::array<std::array<std::size_t, 2>, 4> kPasses = {{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  const auto height = static_cast<std::size_t>(frame.Height);
  std::vector<std::size_t> rows;
  if (!frame.Interlace) {
    for (std::size_t row = 0; row < height; ++row) rows.push_back(row);
    return rows;
  }
  for (const auto& [first, step] : kPasses) {
    for (std::size_t row = first; row < height; row += step) rows.push_back(row);
  }
  return rows;
}

PictureReading ReadGif(std::string_view bytes, const PictureLimits& limits, Work* work,
                       GrayPicture* picture) {
  std::string_view rest = bytes;
  const CHandle<GifFileType, CloseGif> gif(DGifOpen(&rest, ReadGifBytes, nullptr));
  if (!gif || !FindFrame(gif.get())) return PictureReading::kUnreadable;
  const GifImageDesc& frame = gif->Image;
  if (frame.Width <= 0 || frame.Height <= 0) return PictureReading::kUnreadable;
  const auto width = static_cast<std::size_t>(frame.Width);
  const auto height = static_cast<std::size_t>(frame.Height);
  if (width * height > limits.pixels) return PictureReading::kTooLarge;
  work->Do(7 * width * height);
  Make(width, height, picture);
  const std::array<char, 256> shades = ShadesOf(*gif);
  for (const std::size_t row : RowsOf(frame)) {
    char* pixels = picture->pixels.data() + row * width;
    if (DGifGetLine(gif.get(), reinterpret_cast<GifPixelType*>(pixels), frame.Width) == GIF_ERROR) {
      return PictureReading::kRead;  // its end is missing; readers show the rest
    }
    std::transform(pixels, pixels + width, pixels,
                   [&](char index) { return shades[static_cast<unsigned char>(index)]; });
  }
  return PictureReading::kRead;
}

}  // namespace

void Shrink(std::size_t shown, GrayPicture* picture) {
  std::size_t factor = 1;
  while (picture->pixels.size() / (factor * factor) > shown + shown / 2) ++factor;
  if (factor == 1) return;
  GrayPicture small;
  Make(picture->width / factor, picture->height / factor, &small);
  const auto* from = reinterpret_cast<const unsigned char*>(picture->pixels.data());
  for (std::size_t y = 0; y < small.height; ++y) {
    for (std::size_t x = 0; x < small.width; ++x) {
      std::size_t sum = 0;
      for (std::size_t i = 0; i < factor * factor; ++i) {
        sum += from[(y * factor + i / factor) * picture->width + x * factor + i % factor];
      }
      small.pixels[y * small.width + x] = static_cast<char>(sum / (factor * factor));
    }
  }
  *picture = std::move(small);
}

PictureReading ReadPicture(std::string_view bytes, const PictureLimits& limits, Work* work,
                           GrayPicture* picture) {
  constexpr std::uint64_t kBegin = 10'000;  // and a little for each byte that is passed over
  work->Do(kBegin + bytes.size());
  PictureReading reading = PictureReading::kUnreadable;
  if (bytes.substr(0, 4) == "\x89PNG") reading = ReadPng(bytes, limits, work, picture);
  if (bytes.substr(0, 2) == "\xFF\xD8") reading = ReadJpeg(bytes, limits, work, picture);
  if (bytes.substr(0, 4) == "GIF8") reading = ReadGif(bytes, limits, work, picture);
  if (reading == PictureReading::kRead) Shrink(limits.shown, picture);
  return reading;
}

}  // namespace clawback
