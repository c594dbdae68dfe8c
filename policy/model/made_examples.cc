// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>

#include "policy/base/log.h"
#include "policy/model/embedded.h"
#include "policy/model/examples.h"

CLAWBACK_EMBED(made_examples, CLAWBACK_MADE_EXAMPLES);

namespace clawback {

// A build with damaged examples in it is no build: that is found by its first test.
std::vector<Example> MadeExamples() {
  auto read = ReadExamples(Embedded(clawback_made_examples, clawback_made_examples_end));
  if (!read) {
    Log(Severity::kError, "made-examples-damaged", {{"why", read.error().what}});
    std::abort();
  }
  return std::move(*read);
}

}  // namespace clawback
