// SPDX-License-Identifier: Apache-2.0
// policy/model/shipped.model as a part of the program; docs/detection.md says how that
// file is made.
#include <fmt/format.h>

#include <cstdlib>

#include "policy/base/log.h"
#include "policy/model/embedded.h"
#include "policy/model/linear_model.h"

CLAWBACK_EMBED(shipped_model, CLAWBACK_SHIPPED_MODEL);

namespace clawback {

// A build with a damaged model in it is no build: that is found by its first test.
const LinearModel& LinearModel::Shipped() {
  static const LinearModel model = [] {
    Result<LinearModel> opened = Open(Embedded(clawback_shipped_model, clawback_shipped_model_end));
    if (!opened) {
      Log(Severity::kError, "shipped-model-damaged", {{"why", opened.error().what}});
      std::abort();
    }
    return *opened;
  }();
  return model;
}

}  // namespace clawback
