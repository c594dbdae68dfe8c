// SPDX-License-Identifier: Apache-2.0
// Rows for people, in columns. The one place where text from outside reaches a
// terminal: every cell is escaped here.
#ifndef CLAWBACK_RETRACT_COMMAND_TABLE_H_
#define CLAWBACK_RETRACT_COMMAND_TABLE_H_

#include <cstddef>
#include <iosfwd>
#include <string>
#include <vector>

namespace clawback {

class Table {
 public:
  explicit Table(std::vector<std::string> header) { Add(std::move(header)); }
  bool empty() const { return rows_.size() == 1; }  // but for the header
  // As many cells as the header has.
  void Add(std::vector<std::string> cells);
  // Columns as wide as their widest cell, at most kWidest characters (longer cells
  // are cut and end in "…"); the last column is never cut.
  void Print(std::ostream& out) const;

  static constexpr std::size_t kWidest = 60;

 private:
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_TABLE_H_
