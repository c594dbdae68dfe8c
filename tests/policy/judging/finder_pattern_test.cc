// SPDX-License-Identifier: Apache-2.0
#include "policy/message/open/finder_pattern.h"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <filesystem>
#include <string>

#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

GrayPicture Code() {
  const auto path = std::filesystem::path(CLAWBACK_SOURCE_DIR) / "tests/data/opened/qr.png";
  GrayPicture picture;
  Work work;
  BOOST_REQUIRE(ReadPicture(ReadFile(path), PictureLimits{}, &work, &picture) ==
                PictureReading::kRead);
  return picture;
}

template <typename Shade>
GrayPicture Drawn(std::size_t size, Shade shade) {
  GrayPicture picture{size, size, std::string(size * size, '\0')};
  for (std::size_t i = 0; i < size * size; ++i) {
    picture.pixels[i] =
        static_cast<char>(shade(static_cast<int>(i % size), static_cast<int>(i / size)));
  }
  return picture;
}

// On white, turned about its middle.
GrayPicture Turned(const GrayPicture& picture, double degrees, double scale) {
  const double angle = degrees * std::acos(-1.0) / 180;
  const auto width = static_cast<double>(picture.width),
             height = static_cast<double>(picture.height);
  const auto size = static_cast<std::size_t>(std::hypot(width, height) * scale) + 8;
  return Drawn(size, [&](int x, int y) {
    const double right = x - static_cast<double>(size) / 2,
                 down = y - static_cast<double>(size) / 2;
    const double from_x = (std::cos(angle) * right + std::sin(angle) * down) / scale + width / 2;
    const double from_y = (std::cos(angle) * down - std::sin(angle) * right) / scale + height / 2;
    if (from_x < 0 || from_y < 0 || from_x >= width || from_y >= height) return 255;
    const auto at =
        static_cast<std::size_t>(from_y) * picture.width + static_cast<std::size_t>(from_x);
    return static_cast<int>(static_cast<unsigned char>(picture.pixels[at]));
  });
}

bool HasFinderPatterns(const GrayPicture& picture) {
  Work work;
  return FinderPatternsIn(picture, &work) >= kPatternsOfACode;
}

std::size_t CodesIn(const GrayPicture& picture) {
  Work work;
  return ReadQrCodes(picture, &work).size();
}

BOOST_AUTO_TEST_SUITE(finder_patterns)

BOOST_AUTO_TEST_CASE(a_code_has_them_however_it_is_turned_and_sized) {
  const GrayPicture code = Code();
  for (const double degrees : {0, 7, 30, 45, 60, 90, 137, 180, 270}) {
    for (const double scale : {0.7, 1.0, 1.7, 3.0}) {
      BOOST_TEST(HasFinderPatterns(Turned(code, degrees, scale)), degrees << " " << scale);
      BOOST_TEST(CodesIn(Turned(code, degrees, 2)) > 0, degrees);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_faint_code_has_them_and_one_with_noise) {
  GrayPicture faint = Code(), noisy = Code();
  unsigned random = 1;
  for (std::size_t i = 0; i < faint.pixels.size(); ++i) {
    const auto shade = static_cast<unsigned char>(faint.pixels[i]);
    random = random * 1664525 + 1013904223;
    faint.pixels[i] = static_cast<char>(100 + shade / 8);
    noisy.pixels[i] = static_cast<char>(40 + shade / 2 + random / (1U << 27U));
  }
  BOOST_TEST(HasFinderPatterns(faint));
  BOOST_TEST(HasFinderPatterns(noisy));
  BOOST_TEST(CodesIn(faint) == 1U);
}

BOOST_AUTO_TEST_CASE(other_pictures_have_none) {
  BOOST_TEST(!HasFinderPatterns(Drawn(300, [](int, int) { return 255; })));
  BOOST_TEST(!HasFinderPatterns(Drawn(300, [](int x, int y) { return (x + y) * 255 / 600; })));
  BOOST_TEST(!HasFinderPatterns(Drawn(300, [](int x, int) { return x % 20 < 9 ? 0 : 255; })));
  BOOST_TEST(
      !HasFinderPatterns(Drawn(300, [](int x, int y) { return (x / 9 + y / 7) % 2 * 255; })));
  // Half of a code: two squares.
  GrayPicture half = Code();
  half.pixels.resize(half.width * (half.height /= 2));
  BOOST_TEST(!HasFinderPatterns(half));
}

BOOST_AUTO_TEST_CASE(pictures_of_any_size_are_looked_at) {
  for (const std::size_t size : {1UL, 2UL, 7UL, 8UL, 9UL, 21UL}) {
    BOOST_TEST(!HasFinderPatterns(Drawn(size, [](int x, int y) { return (x + y / 4) % 4 * 85; })));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
