// SPDX-License-Identifier: Apache-2.0
// docs/policy.md against the detectors: each reason that one can give has its word there.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <iterator>
#include <string>

#include "policy/detect/registry.h"

namespace clawback {
namespace {

BOOST_AUTO_TEST_CASE(every_reason_of_a_detector_is_in_the_document) {
  std::ifstream stream(CLAWBACK_SOURCE_DIR "/docs/policy.md");
  const std::string text{std::istreambuf_iterator<char>(stream), {}};
  BOOST_REQUIRE(!text.empty());
  for (const auto& detector : AllDetectors()) {
    for (const std::string_view reason : detector->reasons()) {
      const std::string word(reason);
      const bool told = text.find("`" + word + "`") != std::string::npos ||
                        text.find("**" + word + "**") != std::string::npos;
      BOOST_TEST(told, detector->name() << ": docs/policy.md does not tell of " << reason);
    }
  }
}

}  // namespace
}  // namespace clawback
