// SPDX-License-Identifier: Apache-2.0
#include "retract/command/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

namespace clawback {

void Progress::Tell(std::string_view doing, std::size_t done, std::size_t of,
                    std::string_view what) {
  if (!shows_) return;
  const std::size_t hundredths = 100 * done / std::max<std::size_t>(of, 1);
  if (doing == doing_ && hundredths == hundredths_) return;
  doing_ = doing;
  hundredths_ = hundredths;
  err_ << fmt::format("\r\x1b[K{} {} of {} {}", doing, done, of, what) << std::flush;
}

void Progress::Clear() {
  if (doing_.empty()) return;
  doing_.clear();
  err_ << "\r\x1b[K" << std::flush;
}

}  // namespace clawback
