// SPDX-License-Identifier: Apache-2.0
// What every Detector promises, over every report of tests/data: only declared
// reasons, weights from 0 to 1, evidence that can be shown, and the same every time.
#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "policy/base/text.h"
#include "policy/detect/detector.h"
#include "policy/journal/unwrap.h"
#include "policy/judge/prepare.h"

namespace clawback {
namespace {

std::vector<Finding> FindingsOf(const Detector& detector, const Message& message) {
  const TenantProfile tenant{"contoso", {"contoso.example", "company.example"}};
  const std::vector<JudgeLists> lists;
  std::vector<Finding> findings;
  FileDigests digests(message);
  detector.Inspect(message,
                   {tenant, ChannelTrust::kProven, "billing@sender.example", lists, digests},
                   &findings);
  return findings;
}

std::vector<Message> EveryMessage() {
  PrepareJudging();
  std::vector<Message> messages(1);  // the first is empty
  for (const auto& entry :
       std::filesystem::directory_iterator(CLAWBACK_SOURCE_DIR "/tests/data/journal")) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    messages.push_back(ParseMessage(Unwrap(bytes).message));
    messages.push_back(ParseMessage(bytes));
  }
  return messages;
}

bool Same(const Finding& a, const Finding& b) {
  return std::tie(a.reason, a.indication, a.weight, a.evidence, a.place) ==
         std::tie(b.reason, b.indication, b.weight, b.evidence, b.place);
}

void CheckFinding(const Finding& finding, const Detector& detector) {
  const auto reasons = detector.reasons();
  BOOST_TEST((std::find(reasons.begin(), reasons.end(), finding.reason) != reasons.end()),
             finding.reason);
  BOOST_TEST((finding.weight >= 0 && finding.weight <= 1), finding.reason);
  BOOST_TEST(finding.evidence.size() <= 512U, finding.reason);
  BOOST_TEST(IsUtf8(finding.evidence), finding.reason);
  BOOST_TEST(!finding.evidence.empty(), finding.reason);
  BOOST_TEST(IsUtf8(finding.place), finding.reason);
  BOOST_TEST(!finding.place.empty(), finding.reason);
}

BOOST_AUTO_TEST_SUITE(detector_contract)

BOOST_AUTO_TEST_CASE(names_and_reasons_are_stable_words_and_each_is_said_once) {
  const std::string_view letters = "abcdefghijklmnopqrstuvwxyz0123456789-";
  std::set<std::string_view> words;
  for (const auto& detector : AllDetectors()) {
    BOOST_TEST(words.insert(detector->name()).second, detector->name());
    BOOST_TEST(!detector->reasons().empty());
    for (const std::string_view reason : detector->reasons()) {
      BOOST_TEST(reason.find_first_not_of(letters) == std::string_view::npos, reason);
      BOOST_TEST((reason == detector->name() || words.insert(reason).second), reason);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_empty_message_has_no_finding) {
  for (const auto& detector : AllDetectors()) {
    BOOST_TEST(FindingsOf(*detector, Message{}).empty(), detector->name());
  }
}

BOOST_AUTO_TEST_CASE(findings_are_well_formed_and_the_same_every_time) {
  const auto detectors = AllDetectors();
  std::size_t found = 0;
  for (const Message& message : EveryMessage()) {
    for (const auto& detector : detectors) {
      const auto findings = FindingsOf(*detector, message);
      const auto again = FindingsOf(*detector, message);
      BOOST_TEST(std::equal(findings.begin(), findings.end(), again.begin(), again.end(), Same));
      for (const Finding& finding : findings) CheckFinding(finding, *detector);
      found += findings.size();
    }
  }
  BOOST_TEST(found > 0U);  // else nothing was tested
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
