// SPDX-License-Identifier: Apache-2.0
#include "policy/verdict.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <limits>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "policy/verdict_rules.h"

namespace clawback {

std::ostream& operator<<(std::ostream& out, Disposition disposition) {
  return out << ToString(disposition);
}

namespace {

using enum Indication;

Finding Make(Indication indication, double weight, std::string reason = "") {
  if (reason.empty()) reason = std::string(ToString(indication));
  return {reason, indication, weight, "evidence"};
}

struct Case {
  std::vector<Finding> findings;
  Disposition expected;
};

// Mildest to worst, as the rules order them.
int SeverityOf(Disposition disposition) {
  constexpr Disposition kOrder[] = {Disposition::kNone,        Disposition::kBulk,
                                    Disposition::kSpam,        Disposition::kSpoof,
                                    Disposition::kUnscannable, Disposition::kSuspicious,
                                    Disposition::kMalicious};
  for (int i = 0; i < 7; ++i) {
    if (kOrder[i] == disposition) return i;
  }
  return -1;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(verdict)

BOOST_AUTO_TEST_CASE(the_rules_hold_at_their_edges) {
  const Case cases[] = {
      {{}, Disposition::kNone},
      {{Make(kInformation, 1)}, Disposition::kNone},
      {{Make(kMalware, 0.9)}, Disposition::kMalicious},
      {{Make(kMalware, 0.89)}, Disposition::kSuspicious},
      {{Make(kMalware, 0.5)}, Disposition::kSuspicious},
      {{Make(kMalware, 0.49)}, Disposition::kNone},
      {{Make(kMalware, 0.8, "a"), Make(kMalware, 0.8, "b")}, Disposition::kSuspicious},
      {{Make(kPhishing, 1)}, Disposition::kSuspicious},
      {{Make(kPhishing, 0.5)}, Disposition::kSuspicious},
      {{Make(kPhishing, 0.49)}, Disposition::kNone},
      {{Make(kPhishing, 0.8, "a"), Make(kPhishing, 0.5, "b")}, Disposition::kMalicious},
      {{Make(kPhishing, 0.8, "a"), Make(kPhishing, 0.49, "b")}, Disposition::kSuspicious},
      {{Make(kPhishing, 0.9, "a"), Make(kPhishing, 0.9, "a")}, Disposition::kSuspicious},
      {{Make(kPhishing, 0.9, "a"), Make(kPhishing, 0, "b")}, Disposition::kSuspicious},
      {{Make(kPhishing, 0.5), Make(kSpoof, 0.8)}, Disposition::kMalicious},
      {{Make(kPhishing, 0.49), Make(kSpoof, 0.9)}, Disposition::kSpoof},
      {{Make(kSpoof, 0.9, "a"), Make(kSpoof, 0.9, "b")}, Disposition::kSpoof},
      {{Make(kSpoof, 0.5)}, Disposition::kSpoof},
      {{Make(kSpoof, 0.49)}, Disposition::kNone},
      {{Make(kSpam, 0.5)}, Disposition::kSpam},
      {{Make(kSpam, 0.3, "a"), Make(kSpam, 0.3, "b")}, Disposition::kSpam},
      {{Make(kSpam, 0.2, "a"), Make(kSpam, 0.3, "b")}, Disposition::kNone},
      {{Make(kPhishing, 0.3), Make(kSpam, 0.3)}, Disposition::kSpam},
      {{Make(kMalware, 0.2), Make(kSpoof, 0.2), Make(kSpam, 0.21)}, Disposition::kNone},
      {{Make(kMalware, 0.2), Make(kSpoof, 0.2), Make(kSpam, 0.25)}, Disposition::kSpam},
      {{Make(kPhishing, 0.4), Make(kBulk, 0.9)}, Disposition::kBulk},
      {{Make(kBulk, 0.5)}, Disposition::kBulk},
      {{Make(kBulk, 1), Make(kSpam, 0.5)}, Disposition::kSpam},
      {{Make(kLimit, 0)}, Disposition::kUnscannable},
      {{Make(kLimit, 1), Make(kSpoof, 1), Make(kSpam, 1)}, Disposition::kUnscannable},
      {{Make(kLimit, 1), Make(kPhishing, 0.5)}, Disposition::kSuspicious},
      {{Make(kLimit, 1), Make(kMalware, 0.9)}, Disposition::kMalicious},
      {{Make(kMalware, std::numeric_limits<double>::quiet_NaN())}, Disposition::kNone},
      {{Make(kMalware, 7)}, Disposition::kMalicious},
      {{Make(kMalware, -7)}, Disposition::kNone},
  };
  for (size_t i = 0; i < std::size(cases); ++i) {
    BOOST_TEST_CONTEXT("case " << i) {
      BOOST_TEST(WeighFindings(cases[i].findings).disposition == cases[i].expected);
    }
  }
}

BOOST_AUTO_TEST_CASE(one_more_finding_never_makes_it_milder) {
  std::mt19937 random(11);
  std::uniform_real_distribution<double> weight(0, 1);
  for (int round = 0; round < 2000; ++round) {
    std::vector<Finding> findings;
    Verdict before = WeighFindings(findings);
    for (int i = 0; i < 6; ++i) {
      const auto indication = static_cast<Indication>(random() % 7);
      findings.push_back(Make(indication, weight(random), std::string(1, "abcd"[random() % 4])));
      const Verdict after = WeighFindings(findings);
      BOOST_TEST(SeverityOf(after.disposition) >= SeverityOf(before.disposition));
      BOOST_TEST(after.score >= before.score - 1e-12);
      BOOST_TEST((after.score >= 0 && after.score <= 1));
      before = after;
    }
  }
}

BOOST_AUTO_TEST_CASE(a_reason_counts_once_however_often_it_is_found) {
  const double once = WeighFindings({Make(kPhishing, 0.4)}).score;
  const double often = WeighFindings(std::vector<Finding>(50, Make(kPhishing, 0.4))).score;
  BOOST_TEST(once == often);
}

BOOST_AUTO_TEST_CASE(the_score_orders_the_indications) {
  double last = 0;
  for (const Indication indication : {kBulk, kLimit, kSpam, kSpoof, kPhishing, kMalware}) {
    const double score = WeighFindings({Make(indication, 0.9)}).score;
    BOOST_TEST(score > last);
    last = score;
  }
}

BOOST_AUTO_TEST_CASE(the_main_reason_stands_first_and_none_is_lost) {
  const Verdict verdict =
      WeighFindings({Make(kInformation, 1), Make(kBulk, 1), Make(kMalware, 0.9), Make(kSpam, 0.9)});
  BOOST_REQUIRE_EQUAL(verdict.findings.size(), 4U);
  BOOST_TEST(verdict.findings[0].reason == "malware");
  BOOST_TEST(verdict.findings[1].reason == "spam");
  BOOST_TEST(verdict.findings[3].reason == "information");
}

BOOST_AUTO_TEST_CASE(words_read_back) {
  for (const Disposition disposition : kAllDispositions) {
    BOOST_TEST((DispositionFrom(ToString(disposition)) == disposition));
  }
  for (const Indication i : {kInformation, kBulk, kSpam, kSpoof, kPhishing, kMalware, kLimit}) {
    BOOST_TEST((IndicationFrom(ToString(i)) == i));
  }
  BOOST_TEST(!DispositionFrom("malicious"));
  BOOST_TEST(!IndicationFrom(""));
}

BOOST_AUTO_TEST_CASE(a_tenants_thresholds_say_how_much_is_needed) {
  const Thresholds strict{.malicious = 99, .suspicious = 70, .spoof = 60, .spam = 80, .bulk = 95};
  const Thresholds loose{.malicious = 80, .suspicious = 30, .spoof = 30, .spam = 30, .bulk = 30};
  using D = Disposition;
  struct Row {
    std::vector<Finding> findings;
    Disposition as_shipped, as_strict, as_loose;
  };
  const Row rows[] = {
      {{Make(kMalware, 0.95)}, D::kMalicious, D::kSuspicious, D::kMalicious},
      {{Make(kPhishing, 0.6), Make(kSpoof, 0.6)}, D::kSuspicious, D::kSpoof, D::kMalicious},
      {{Make(kPhishing, 0.4)}, D::kNone, D::kNone, D::kSuspicious},
      {{Make(kSpoof, 0.55)}, D::kSpoof, D::kNone, D::kSpoof},
      {{Make(kSpam, 0.6)}, D::kSpam, D::kNone, D::kSpam},
      {{Make(kBulk, 0.9)}, D::kBulk, D::kNone, D::kBulk},
      {{Make(kBulk, 0.3)}, D::kNone, D::kNone, D::kBulk}};
  for (const Row& row : rows) {
    BOOST_TEST(WeighFindings(row.findings).disposition == row.as_shipped);
    BOOST_TEST(WeighFindings(row.findings, strict).disposition == row.as_strict);
    BOOST_TEST(WeighFindings(row.findings, loose).disposition == row.as_loose);
    BOOST_TEST((WeighFindings(row.findings, loose).thresholds == loose));
    // How bad it is does not depend on what a tenant makes of it.
    BOOST_TEST(WeighFindings(row.findings, strict).score == WeighFindings(row.findings).score);
  }
}

BOOST_AUTO_TEST_CASE(attributes_follow_from_reasons_and_move_nothing) {
  const Verdict verdict = WeighFindings({{"own-domain", kInformation, 0, "e"},
                                         {"new-domain-link", kPhishing, 0.2, "e"},
                                         {"new-domain-link", kPhishing, 0.2, "again"}});
  BOOST_TEST((verdict.attributes ==
              std::vector<Attribute>{Attribute::kNewDomainLink, Attribute::kOwnDomain}));
  BOOST_TEST(verdict.Has(Attribute::kOwnDomain));
  BOOST_TEST(!verdict.Has(Attribute::kBec));
  BOOST_TEST(verdict.disposition == Disposition::kNone);
  BOOST_TEST(WeighFindings({Make(kPhishing, 0.3)}).attributes.empty());
  for (const Attribute attribute : kAllAttributes) {
    BOOST_TEST((AttributeFrom(ToString(attribute)) == attribute));
  }
  BOOST_TEST(!AttributeFrom("BEC"));
}

BOOST_AUTO_TEST_CASE(the_main_reason_weighs_most_of_what_speaks_for_the_disposition) {
  const Verdict bad = WeighFindings(
      {Make(kSpam, 0.2, "mild"), Make(kMalware, 0.95, "grave"), Make(kInformation, 1, "fact")});
  BOOST_TEST(MainReason(bad) == "grave");
  BOOST_TEST(MainReason(WeighFindings(
                 {Make(kLimit, 0, "limit-depth"), Make(kSpam, 0.9, "spam")})) == "limit-depth");
  BOOST_TEST(MainReason(WeighFindings({Make(kSpam, 0.3, "model-spam")})) == "");
  BOOST_TEST(MainReason(Verdict{}) == "");
}

BOOST_AUTO_TEST_CASE(the_rule_that_held_is_told_with_what_the_milder_ones_saw) {
  const std::vector<Rule> rules =
      RulesOver({Make(kPhishing, 0.6, "a"), Make(kSpoof, 0.6, "b"), Make(kSpoof, 0.6, "b")});
  BOOST_TEST(RuleThatHeld(rules).name == "likely-phishing");
  const auto several = std::find_if(
      rules.begin(), rules.end(), [](const Rule& rule) { return rule.name == "several-deceits"; });
  BOOST_REQUIRE((several != rules.end()));
  BOOST_REQUIRE(several->conditions.size() == 3U);
  BOOST_TEST(several->conditions[0].Met());
  BOOST_TEST(several->conditions[1].seen == 0.84, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(!several->conditions[1].Met());
  BOOST_TEST(several->conditions[2].Met());
  BOOST_TEST(RuleThatHeld(RulesOver({})).name == "nothing-above");
}

// Every rule can be the one that decides; a name that stood twice could not be told apart.
BOOST_AUTO_TEST_CASE(each_rule_has_findings_by_which_it_holds) {
  const std::vector<std::vector<Finding>> deciding = {{Make(kMalware, 0.9)},
                                                      {Make(kPhishing, 0.8), Make(kSpoof, 0.8)},
                                                      {Make(kMalware, 0.5)},
                                                      {Make(kPhishing, 0.5)},
                                                      {Make(kLimit, 0)},
                                                      {Make(kSpoof, 0.5)},
                                                      {Make(kSpam, 0.5)},
                                                      {Make(kBulk, 0.5)},
                                                      {}};
  const std::vector<Rule> order = RulesOver({});
  BOOST_REQUIRE(order.size() == deciding.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::vector<Rule> rules = RulesOver(deciding[i]);
    BOOST_TEST(RuleThatHeld(rules).name == order[i].name);
    BOOST_TEST(WeighFindings(deciding[i]).disposition == order[i].disposition);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
