// SPDX-License-Identifier: Apache-2.0
#include "policy/message/open/finder_pattern.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace clawback {
namespace {

constexpr int kSwing = 16;   // of 255: smaller steps of brightness are noise
constexpr int kSquares = 3;  // that a code has
constexpr int kRows = 2;     // of a square, whose middle is three modules high
constexpr std::size_t kRuns = 5;

// Lengths of five stretches, in pixels: dark, light, dark, light, dark.
using Runs = std::array<int, kRuns>;

int SumOf(const Runs& runs) { return runs[0] + runs[1] + runs[2] + runs[3] + runs[4]; }

// Two stretches that stand side by side are compared, not each: where ink runs or a camera
// blurs, what one gains the other loses.
bool IsPattern(const Runs& runs) {
  constexpr std::array<int, kRuns - 1> kModules = {2, 4, 4, 2};
  constexpr int kAll = 7;
  const int sum = SumOf(runs);
  const int slack = sum * 4 / 5 + kAll;  // 0.8 modules and a pixel
  for (std::size_t i = 0; i + 1 < kRuns; ++i) {
    const int off = kAll * (runs[i] + runs[i + 1]) - kModules[i] * sum;
    if (off > slack || off < -slack) return false;
  }
  return true;
}

// What may be one of a code's corners.
struct Square {
  int x, y;  // the middle, in the row that was seen last
  int size;
  int rows;
};
constexpr std::size_t kMost = 200;

class Search {
 public:
  explicit Search(const GrayPicture& picture)
      : pixels_(reinterpret_cast<const unsigned char*>(picture.pixels.data())),
        width_(static_cast<int>(picture.width)),
        height_(static_cast<int>(picture.height)) {}

  bool Run() {
    for (int y = 0; y < height_ && found_ < kSquares; ++y) Row(y);
    return found_ >= kSquares;
  }

 private:
  int At(int x, int y) const {
    return pixels_[static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) +
                   static_cast<std::size_t>(x)];
  }

  // Follows the row's brightness up and down; a turn by kSwing is where a stretch ends.
  void Row(int y) {
    Runs runs{};
    int begin = 0;      // of the stretch that x stands in
    bool light = true;  // that one
    int extreme = At(0, y);
    for (int x = 1; x < width_; ++x) {
      const int now = At(x, y);
      const int turned = light ? extreme - now : now - extreme;
      if (turned <= 0) {
        extreme = now;
        x = AfterSame(x, y, now);
        continue;
      }
      if (turned < kSwing) continue;
      runs = {runs[1], runs[2], runs[3], runs[4], x - begin};
      begin = x;
      light = !light;
      extreme = now;
      if (light) Look(runs, x, y);
    }
    // A square may stand at the very edge.
    runs = {runs[1], runs[2], runs[3], runs[4], width_ - begin};
    if (!light) Look(runs, width_, y);
  }

  // The last of the eights of pixels behind x that are as bright as now, else x.
  int AfterSame(int x, int y, int now) const {
    const unsigned char* row =
        pixels_ + static_cast<std::size_t>(y) * static_cast<std::size_t>(width_);
    const std::uint64_t same = 0x0101010101010101U * static_cast<unsigned>(now);
    std::uint64_t eight = same;
    while (x + 8 < width_) {
      std::memcpy(&eight, row + x + 1, sizeof eight);
      if (eight != same) break;
      x += 8;
    }
    return x;
  }

  // runs end before x.
  void Look(const Runs& runs, int x, int y) {
    if (runs[0] == 0 || !IsPattern(runs)) return;
    const int middle = x - runs[4] - runs[3] - (runs[2] + 1) / 2;
    const int beside = x - runs[4] - (runs[3] + 1) / 2;
    const int border = (At(middle, y) + At(beside, y)) / 2;
    const int size = SumOf(runs);
    if (IsPatternInColumn(middle, y, size, border)) Count({middle, y, size, 1});
  }

  // A row of one of the squares that are there already, or of a new one.
  void Count(const Square& row) {
    for (Square& square : squares_) {
      const int near = square.size / 4 + 1;
      if (row.y - square.y > near || std::abs(row.x - square.x) > near) continue;
      if (row.size > 2 * square.size || square.size > 2 * row.size) continue;
      found_ += ++square.rows == kRows ? 1 : 0;
      square.y = row.y;
      return;
    }
    squares_.push_back(row);
    if (squares_.size() > kMost) found_ = kSquares;  // more than is worth sorting out
  }

  bool IsPatternInColumn(int x, int y, int size, int border) const {
    Runs runs{};
    if (!Follow(x, y, -1, size, border, {&runs[2], &runs[1], &runs[0]})) return false;
    if (!Follow(x, y, 1, size, border, {&runs[2], &runs[3], &runs[4]})) return false;
    --runs[2];  // the pixel where both began
    const int sum = SumOf(runs);
    return 2 * sum >= size && sum <= 2 * size && IsPattern(runs);
  }

  // Adds up the lengths of a dark, a light and a dark stretch from (x, y) up or down; none
  // is longer than a whole square.
  bool Follow(int x, int y, int step, int size, int border,
              const std::array<int*, 3>& lengths) const {
    bool dark = true;
    for (int* const length : lengths) {
      const int before = *length;
      while (y >= 0 && y < height_ && (At(x, y) <= border) == dark && *length - before <= size) {
        ++*length;
        y += step;
      }
      if (*length == before || *length - before > size) return false;
      dark = !dark;
    }
    return true;
  }

  const unsigned char* const pixels_;
  const int width_, height_;
  std::vector<Square> squares_;
  int found_ = 0;  // of them with rows enough
};

}  // namespace

bool HasFinderPatterns(const GrayPicture& picture) { return Search(picture).Run(); }

}  // namespace clawback
