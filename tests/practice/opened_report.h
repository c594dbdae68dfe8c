// SPDX-License-Identifier: Apache-2.0
// A ready-made journal report looked into, so that its message can be put where its
// recipients would have it. For reports of our own tests only: nothing is checked.
#ifndef CLAWBACK_TESTS_PRACTICE_OPENED_REPORT_H_
#define CLAWBACK_TESTS_PRACTICE_OPENED_REPORT_H_

#include <string>
#include <string_view>
#include <vector>

namespace clawback::practice {

struct OpenedReport {
  std::string message;                  // "": there is none, or it cannot be found
  std::vector<std::string> recipients;  // the first address of each line
};

OpenedReport OpenReport(std::string_view report);

}  // namespace clawback::practice

#endif  // CLAWBACK_TESTS_PRACTICE_OPENED_REPORT_H_
