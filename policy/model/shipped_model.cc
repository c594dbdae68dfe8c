// SPDX-License-Identifier: Apache-2.0
// policy/model/shipped.model as a part of the program; docs/detection.md says how that
// file is made.
#include <fmt/format.h>

#include <cstdlib>

#include "policy/base/log.h"
#include "policy/model/linear_model.h"

asm(".section .rodata\n"
    ".balign 16\n"
    ".hidden clawback_shipped_model\n"
    ".hidden clawback_shipped_model_end\n"
    ".global clawback_shipped_model\n"
    ".global clawback_shipped_model_end\n"
    "clawback_shipped_model:\n"
    ".incbin \"" CLAWBACK_SHIPPED_MODEL
    "\"\n"
    "clawback_shipped_model_end:\n"
    ".byte 0\n"
    ".previous\n");
extern "C" const char clawback_shipped_model[], clawback_shipped_model_end[];

namespace clawback {

// A build with a damaged model in it is no build: that is found by its first test.
const LinearModel& LinearModel::Shipped() {
  static const LinearModel model = [] {
    const auto size = static_cast<std::size_t>(clawback_shipped_model_end - clawback_shipped_model);
    Result<LinearModel> opened = Open({clawback_shipped_model, size});
    if (!opened) {
      Log(Severity::kError, "shipped-model-damaged", {{"why", opened.error().what}});
      std::abort();
    }
    return *opened;
  }();
  return model;
}

}  // namespace clawback
