// SPDX-License-Identifier: Apache-2.0
#include "policy/message/open/finder_pattern.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace clawback {
namespace {

constexpr int kSwing = 16;  // of 255: smaller steps of brightness are noise
constexpr int kRows = 2;    // of a square, whose middle is three modules high
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
constexpr std::size_t kMost = 64;  // of which a further row may come

class Search {
 public:
  explicit Search(const GrayPicture& picture)
      : pixels_(reinterpret_cast<const unsigned char*>(picture.pixels.data())),
        width_(static_cast<int>(picture.width)),
        height_(static_cast<int>(picture.height)) {}

  std::size_t Run() {
    for (int y = 0; y < height_ && whole_ < kMostPatterns; ++y) Row(y);
    return found_ < kPatternsOfACode ? 0 : std::max(whole_, kPatternsOfACode);
  }

  // Pixels, columns and squares looked at.
  std::uint64_t Done() const {
    constexpr std::uint64_t kPixel = 4, kColumn = 40;
    const auto pixels = static_cast<std::uint64_t>(width_) * static_cast<std::uint64_t>(height_);
    return kPixel * pixels + kColumn * columns_ + compared_;
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
    ++columns_;
    if (IsPatternInColumn(middle, y, size, border)) Count({middle, y, size, 1}, border);
  }

  // A row of one of the squares that are there already, or of a new one.
  void Count(const Square& row, int border) {
    for (Square& square : squares_) {
      ++compared_;
      const int near = square.size / 4 + 1;
      if (row.y - square.y > near || std::abs(row.x - square.x) > near) continue;
      if (row.size > 2 * square.size || square.size > 2 * row.size) continue;
      found_ += ++square.rows == kRows ? 1 : 0;
      if (square.rows == WholeAt(square.size) && IsSquare(row, border)) ++whole_;
      square.y = row.y;
      return;
    }
    if (squares_.size() == kMost) DropThoseAbove(row.y);
    if (squares_.size() < kMost) {
      squares_.push_back(row);
    } else {  // more than is worth sorting out
      found_ = std::max(found_, kPatternsOfACode);
    }
  }

  // Most of the rows that the middle of a square has.
  static int WholeAt(int size) { return std::max(3, 2 * size / 7); }

  // A module to both sides of the middle, too.
  bool IsSquare(const Square& row, int border) const {
    const int module = std::max(1, row.size / 7);
    return row.x >= module && row.x + module < width_ &&
           IsPatternInColumn(row.x - module, row.y, row.size, border) &&
           IsPatternInColumn(row.x + module, row.y, row.size, border);
  }

  // No further row will be one of theirs.
  void DropThoseAbove(int y) {
    std::erase_if(squares_,
                  [y](const Square& square) { return y - square.y > square.size / 4 + 1; });
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
  std::uint64_t columns_ = 0, compared_ = 0;
  std::size_t found_ = 0;  // of them with rows enough to be one
  std::size_t whole_ = 0;  // and with so many that zbar will take them for one
};

}  // namespace

std::size_t FinderPatternsIn(const GrayPicture& picture, Work* work) {
  Search search(picture);
  const std::size_t patterns = search.Run();
  work->Do(search.Done());
  return patterns;
}

}  // namespace clawback
