// SPDX-License-Identifier: Apache-2.0
#include "retract/command/table.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "policy/base/log.h"

namespace clawback {
namespace {

bool BeginsCharacter(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; }

std::size_t Characters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), BeginsCharacter));
}

// At most so many characters of text, the last of them "…" where it was cut.
std::string Cut(const std::string& text, std::size_t most) {
  if (Characters(text) <= most) return text;
  std::size_t end = 0, characters = 0;
  for (; end < text.size(); ++end) {
    if (BeginsCharacter(text[end]) && ++characters == most) break;
  }
  return text.substr(0, end) + "…";
}

}  // namespace

void Table::Add(std::vector<std::string> cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    cells[i] = EscapeForTerminal(cells[i]);
    if (i + 1 < cells.size()) cells[i] = Cut(cells[i], kWidest);
  }
  rows_.push_back(std::move(cells));
}

void Table::Print(std::ostream& out) const {
  std::vector<std::size_t> widths(rows_.front().size());
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], Characters(row[i]));
  }
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out << row[i];
      if (i + 1 < row.size()) out << std::string(widths[i] - Characters(row[i]) + 2, ' ');
    }
    out << '\n';
  }
}

}  // namespace clawback
