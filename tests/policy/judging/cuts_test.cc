// SPDX-License-Identifier: Apache-2.0
// Malformed reports that end anywhere: CLAWBACK_CUTS places in each, at most every byte; with
// CLAWBACK_CUTS_OF only those files whose name begins so, that long runs can stand side by side.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <charconv>
#include <cstdlib>
#include <memory>

#include "policy/base/text.h"
#include "policy/decide.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

std::size_t CutsOfEach() {
  constexpr std::size_t kOfCi = 40;
  const char* given = std::getenv("CLAWBACK_CUTS");
  if (given == nullptr) return kOfCi;
  const std::string_view text = given;
  std::size_t cuts = 0;
  std::from_chars(text.data(), text.data() + text.size(), cuts);
  BOOST_REQUIRE_MESSAGE(cuts > 0, "CLAWBACK_CUTS is no number above 0");
  return cuts;
}

// From a copy that ends where its bytes end, so that a sanitizer sees one byte too many.
Judgement JudgeExactly(std::string_view bytes) {
  const auto copy = std::make_unique<char[]>(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.get());
  return Judge({copy.get(), bytes.size()});
}

std::vector<std::filesystem::path> Malformed() {
  const char* given = std::getenv("CLAWBACK_CUTS_OF");
  const std::string only = given == nullptr ? "m" : given;
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(JournalSamples())) {
    const std::string name = entry.path().filename().string();
    if (name[0] == 'm' && name.starts_with(only) && name.ends_with(".eml")) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool Names(const JournalReport& report, const Recipient& recipient) {
  return std::any_of(report.recipients.begin(), report.recipients.end(),
                     [&](const auto& each) { return each.address == recipient.address; });
}

// What a report that was cut off may say: less than the whole, and nothing else.
void CheckCut(const Judgement& cut, const Judgement& whole) {
  if (cut.report.kind == ReportKind::kMalformed) {
    BOOST_REQUIRE(cut.report.recipients.empty());
    BOOST_REQUIRE((cut.verdict.disposition == Disposition::kUnscannable));
  }
  if (cut.report.kind != ReportKind::kJournalReport) return;
  BOOST_REQUIRE_EQUAL(cut.report.message_id, whole.report.message_id);
  for (const Recipient& recipient : cut.report.recipients) {
    BOOST_REQUIRE(Names(whole.report, recipient));
  }
}

BOOST_AUTO_TEST_SUITE(cuts)

BOOST_AUTO_TEST_CASE(a_malformed_report_may_end_at_any_byte) {
  std::size_t cuts = 0;
  const bool all = std::getenv("CLAWBACK_CUTS_OF") == nullptr;
  BOOST_TEST(Malformed().size() >= (all ? 17U : 1U));
  for (const auto& path : Malformed()) {
    BOOST_TEST_CONTEXT(path.filename().string()) {
      const std::string bytes = ReadFile(path);
      const std::size_t stride = std::max<std::size_t>(1, bytes.size() / CutsOfEach());
      const Judgement whole = JudgeExactly(bytes);
      // Backwards, so that what came before always was longer: nothing of it may stay.
      for (std::size_t size = bytes.size() - bytes.size() % stride;; size -= stride) {
        const std::string_view cut = std::string_view(bytes).substr(0, size);
        const Judgement judgement = JudgeExactly(cut);
        BOOST_REQUIRE_EQUAL(ToJson(judgement), ToJson(Judge(cut)));
        CheckCut(judgement, whole);
        ++cuts;
        if (size < stride) break;
      }
      BOOST_TEST(ToJson(JudgeExactly(bytes)) == ToJson(whole));
    }
  }
  BOOST_TEST_MESSAGE("cuts: " << cuts);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
