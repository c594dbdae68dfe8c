// SPDX-License-Identifier: Apache-2.0
// The written cases of tests/data/cases: a folder for each detector, small messages, and in
// expected.tsv what is to be found in each: NAME, disposition, reasons in order ("-": none).
// Near misses stand there too: wanted mail that looks alike and must stay silent. Judged
// without the learned model, so that a new one changes nothing here. Of some, places.tsv says
// where in the message a finding is to stand: FOLDER/NAME, reason, place.
#include <fmt/format.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "policy/base/digest.h"
#include "policy/detect/detector.h"
#include "policy/detect/place.h"
#include "policy/model/linear_model.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

namespace fs = std::filesystem;

struct Case {
  std::string folder, name, disposition;
  std::set<std::string> reasons;
};

fs::path Cases() { return fs::path(CLAWBACK_SOURCE_DIR) / "tests/data/cases"; }

std::vector<Case> CasesOf(const fs::path& folder) {
  std::vector<Case> cases;
  std::istringstream lines(ReadFile(folder / "expected.tsv"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream fields(line);
    Case one{folder.filename().string(), {}, {}, {}};
    fields >> one.name >> one.disposition;
    for (std::string reason; fields >> reason;) {
      if (reason != "-") one.reasons.insert(reason);
    }
    cases.push_back(std::move(one));
  }
  return cases;
}

std::vector<Case> AllCases() {
  std::vector<Case> all;
  for (const auto& entry : fs::directory_iterator(Cases())) {
    if (!entry.is_directory()) continue;
    for (Case& one : CasesOf(entry.path())) all.push_back(std::move(one));
  }
  return all;
}

// The tenant that all cases are sent to, and what its operator lists.
JudgeRequest Asking() {
  JudgeRequest request = ProvenRequest();
  request.tenant = {
      "contoso",
      {"contoso.example", "adatum.example", "woodgrovebank.com", "xn--bcher-firma-thb.de"}};
  request.tenant.people = {{"Alice Moreau", {"alice@contoso.example", "alice.moreau@gmail.com"}},
                           {"Bernd Vogel", {"bernd@adatum.example"}}};
  request.tenant.brands = {{"Contoso Pay", {"contosopay.example"}}};
  ListEntries lists;
  lists[static_cast<std::size_t>(ListKind::kBlockedHosts)] = {"blocked.example"};
  lists[static_cast<std::size_t>(ListKind::kBlockedHashes)] = {ToHex(Sha256Of("listed file\n"))};
  lists[static_cast<std::size_t>(ListKind::kNewDomains)] = {"fresh.example"};
  Result<JudgeLists> shared = ShareLists(lists);
  BOOST_REQUIRE(shared.ok());
  request.lists = {std::move(*shared)};
  return request;
}

// A model that no message passes.
const LinearModel& Silent() {
  static const std::string bytes = [] {
    const std::vector<float> none(1U << 10);
    ModelParts parts{10, {}, {&none, &none}, {}};
    for (Calibration& calibration : parts.calibrations) calibration = {1e6F, 1};
    return WriteModel(parts);
  }();
  static const Result<LinearModel> model = LinearModel::Open(bytes);
  BOOST_REQUIRE(model.ok());
  return *model;
}

// Exchange's stamps count in its journal reports only, and internal mail is told by them.
Judgement JudgeCase(const Case& one, const JudgeRequest& request) {
  const std::string mail = ReadFile(Cases() / one.folder / (one.name + ".eml"));
  Judgement judgement = JudgeBytes(mail, request, Silent());
  const std::set<std::string> stamped = {"exchange-stamps", "internal-mail"};
  if (!stamped.contains(one.folder)) return judgement;
  return JudgeBytes(ReportAbout(mail, judgement.report.message_id), request, Silent());
}

std::string LineOf(const Case& one) {
  std::string reasons;
  for (const std::string& reason : one.reasons) reasons += (reasons.empty() ? "" : " ") + reason;
  return one.name + '\t' + one.disposition + '\t' + (reasons.empty() ? "-" : reasons);
}

Case Found(const Case& one, const Judgement& judgement) {
  Case found{one.folder, one.name, std::string(ToString(judgement.verdict.disposition)), {}};
  for (const Finding& finding : judgement.verdict.findings) found.reasons.insert(finding.reason);
  return found;
}

std::string Told(const Judgement& judgement) {
  std::string text;
  for (const Finding& finding : judgement.verdict.findings) {
    text += fmt::format("\n  {} {} {}: {}", ToString(finding.indication), finding.weight,
                        finding.reason, finding.evidence);
    if (!finding.place.empty()) text += " (at " + finding.place + ")";
  }
  return text;
}

// The grammar of policy/detect/place.h.
bool IsPlace(const std::string& text) {
  static const std::regex grammar = [] {
    const std::string quoted = R"("[^"]*")";
    const std::string name = "( " + quoted + ")?";
    const std::string within = R"((part \d+)" + name + " > )?";
    const std::string part = within + R"(part \d+ [a-z0-9/.+_?-]+)" + name;
    const std::string inside = "( > (" + quoted + "|link|qr-code))?";
    const std::string spot = "(header [!-9;-~]+|envelope|text|" + part + inside + ")";
    return std::regex(spot + "(; " + spot + ")*");
  }();
  return text.size() <= kMostPlace && std::regex_match(text, grammar);
}

// Of the message as a whole: it passed a limit while it was read.
bool NeedsNoPlace(const Finding& finding) { return finding.reason.starts_with("limit-"); }

struct WrittenPlace {
  Case of;
  std::string reason, place;
};

std::vector<WrittenPlace> WrittenPlaces() {
  std::vector<WrittenPlace> places;
  std::istringstream lines(ReadFile(Cases() / "places.tsv"));
  for (std::string line; std::getline(lines, line);) {
    WrittenPlace written;
    std::istringstream fields(line);
    std::getline(fields, written.of.folder, '/');
    std::getline(fields, written.of.name, '\t');
    std::getline(fields, written.reason, '\t');
    std::getline(fields, written.place);
    places.push_back(std::move(written));
  }
  return places;
}

std::set<std::string> ReasonsOf(const Detector& detector) {
  return {detector.reasons().begin(), detector.reasons().end()};
}

bool Share(const std::set<std::string>& some, const std::set<std::string>& others) {
  return std::any_of(some.begin(), some.end(),
                     [&](const std::string& one) { return others.count(one) != 0; });
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cases)

BOOST_AUTO_TEST_CASE(each_gives_what_is_written_and_nothing_else) {
  const JudgeRequest request = Asking();
  for (const Case& one : AllCases()) {
    const Judgement judgement = JudgeCase(one, request);
    const std::string found = LineOf(Found(one, judgement));
    BOOST_TEST(found == LineOf(one), one.folder << ": written  " << LineOf(one) << "\nfound    "
                                                << found << Told(judgement));
  }
}

BOOST_AUTO_TEST_CASE(every_finding_says_where_it_stands) {
  const JudgeRequest request = Asking();
  for (const Case& one : AllCases()) {
    for (const Finding& finding : JudgeCase(one, request).verdict.findings) {
      const bool well = IsPlace(finding.place) || (finding.place.empty() && NeedsNoPlace(finding));
      BOOST_TEST(well,
                 one.folder << '/' << one.name << " " << finding.reason << " at " << finding.place);
    }
  }
}

BOOST_AUTO_TEST_CASE(each_detector_finds_it_where_it_is_written_to_stand) {
  const JudgeRequest request = Asking();
  std::set<std::string> told;
  for (const WrittenPlace& written : WrittenPlaces()) {
    const Judgement judgement = JudgeCase(written.of, request);
    const auto& findings = judgement.verdict.findings;
    const bool found = std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
      return finding.reason == written.reason && finding.place == written.place;
    });
    BOOST_TEST(found, written.of.folder << '/' << written.of.name << ": no " << written.reason
                                        << " at " << written.place << Told(judgement));
    told.insert(written.of.folder);
  }
  for (const auto& detector : AllDetectors()) BOOST_TEST(told.count(std::string(detector->name())));
}

BOOST_AUTO_TEST_CASE(every_file_is_written_about_and_every_line_has_its_file) {
  std::size_t count = 0;
  for (const auto& folder : fs::directory_iterator(Cases())) {
    if (!folder.is_directory()) continue;
    std::set<std::string> files, lines;
    for (const auto& entry : fs::directory_iterator(folder.path())) {
      if (entry.path().extension() == ".eml") files.insert(entry.path().stem().string());
    }
    for (const Case& one : CasesOf(folder.path())) {
      BOOST_TEST(lines.insert(one.name).second, one.name << " stands twice");
    }
    BOOST_TEST(files == lines, boost::test_tools::per_element());
    count += files.size();
  }
  BOOST_TEST(count >= 300U);
}

BOOST_AUTO_TEST_CASE(every_detector_has_cases_that_it_finds_and_near_misses_that_it_does_not) {
  const std::vector<Case> all = AllCases();
  std::map<std::string, int> silent, found;
  std::set<std::string> reasons;
  const auto detectors = AllDetectors();
  for (const Case& one : all) {
    reasons.insert(one.reasons.begin(), one.reasons.end());
    for (const auto& detector : detectors) {
      if (detector->name() != one.folder) continue;
      ++(Share(one.reasons, ReasonsOf(*detector)) ? found : silent)[one.folder];
    }
  }
  // Reasons that a small file cannot give; tests of their own do.
  const std::set<std::string> elsewhere = {"archive-ratio", "archive-too-large",
                                           "archive-too-many-entries"};
  for (const auto& detector : detectors) {
    const std::string name(detector->name());
    BOOST_TEST(found[name] >= 3, name << " is found in " << found[name]);
    BOOST_TEST(silent[name] >= 3, name << " is silent in " << silent[name]);
    for (const std::string& reason : ReasonsOf(*detector)) {
      BOOST_TEST(reasons.count(reason) + elsewhere.count(reason) > 0U,
                 "no case gives " << reason << " of " << name);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
