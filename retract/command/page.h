// SPDX-License-Identifier: Apache-2.0
// A page of headings and lines for people; what comes from mail is escaped here.
#ifndef CLAWBACK_RETRACT_COMMAND_PAGE_H_
#define CLAWBACK_RETRACT_COMMAND_PAGE_H_

#include <fmt/format.h>

#include <ostream>
#include <string_view>
#include <vector>

#include "policy/base/log.h"

namespace clawback {

// Lists longer than this are cut with a line that says how many more there are.
inline constexpr std::size_t kMostLines = 200;

class Page {
 public:
  explicit Page(std::ostream& out) : out_(out) {}

  void Heading(std::string_view title) { out_ << '\n' << EscapeForTerminal(title) << '\n'; }
  // Nothing where there is no value.
  void Line(std::string_view name, std::string_view value) {
    if (!value.empty()) out_ << fmt::format("  {:<14}{}\n", name, EscapeForTerminal(value));
  }
  void Item(std::string_view text) { out_ << "  " << EscapeForTerminal(text) << '\n'; }
  void Detail(std::string_view text) {
    if (!text.empty()) out_ << "      " << EscapeForTerminal(text) << '\n';
  }
  template <typename T, typename Print>
  void List(const std::vector<T>& items, Print print) {
    for (std::size_t i = 0; i < items.size() && i < kMostLines; ++i) print(items[i]);
    if (items.size() > kMostLines) Item(fmt::format("... {} more", items.size() - kMostLines));
  }

 private:
  std::ostream& out_;
};

}  // namespace clawback

#endif  // CLAWBACK_RETRACT_COMMAND_PAGE_H_
