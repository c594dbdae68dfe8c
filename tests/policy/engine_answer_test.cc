// SPDX-License-Identifier: Apache-2.0
#include "policy/engine_answer.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <limits>
#include <string>
#include <vector>

#include "policy/judge/judgement.h"

namespace clawback {
namespace {

EngineAnswer Found(std::vector<std::string> signatures) {
  EngineAnswer answer{.engine = std::string(kClamd), .outcome = EngineOutcome::kAnswered};
  answer.version = "ClamAV 1.0.9/1";
  answer.signatures = std::move(signatures);
  return answer;
}

EngineAnswer Scored(std::string action, std::vector<EngineSymbol> symbols = {}) {
  EngineAnswer answer{.engine = std::string(kRspamd), .outcome = EngineOutcome::kAnswered};
  answer.action = std::move(action);
  answer.score = 6.5;
  answer.threshold = 15;
  answer.symbols = std::move(symbols);
  return answer;
}

EngineAnswer Silent(std::string_view engine, bool required,
                    EngineOutcome outcome = EngineOutcome::kUnavailable) {
  EngineAnswer answer{.engine = std::string(engine), .outcome = outcome, .required = required};
  answer.detail = "no answer within 100 ms";
  return answer;
}

Disposition DispositionOf(const std::vector<EngineAnswer>& answers) {
  return WithEngines(WeighFindings({}), answers).disposition;
}

Finding OnlyFinding(const EngineAnswer& answer) {
  const auto findings = FindingsOfEngines({answer});
  BOOST_REQUIRE_EQUAL(findings.size(), 1U);
  return findings.front();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(engine_answer)

BOOST_AUTO_TEST_CASE(a_signature_is_malware_for_certain_and_named) {
  const Finding finding = OnlyFinding(Found({"Win.Test.EICAR_HDB-1"}));
  BOOST_TEST(finding.reason == "clamd-found");
  BOOST_TEST(finding.evidence == "Win.Test.EICAR_HDB-1");
  BOOST_TEST((DispositionOf({Found({"Win.Test.EICAR_HDB-1"})}) == Disposition::kMalicious));
}

BOOST_AUTO_TEST_CASE(an_answer_is_told_in_words_though_it_finds_nothing) {
  BOOST_TEST(InWords(Found({})) == "answered (ClamAV 1.0.9/1): nothing found");
  BOOST_TEST(InWords(Found({"A.B", "C"})) == "answered (ClamAV 1.0.9/1): A.B, C");
  BOOST_TEST(InWords(Scored("no action")) == "answered: score 6.50 of 15.00: no action");
  BOOST_TEST(InWords(Silent(kClamd, false)) == "unavailable: no answer within 100 ms");
}

BOOST_AUTO_TEST_CASE(a_program_that_sends_spam_is_no_spam) {
  for (const char* name : {"Win.Trojan.Spambot-72", "Win.Spyware.Junkie-1", "Trojan.Spammer-4",
                           "Unix.Trojan.Phisher-1", "Email.Worm.Scamp-2"}) {
    BOOST_TEST(OnlyFinding(Found({name})).reason == "clamd-found", name);
  }
}

BOOST_AUTO_TEST_CASE(what_is_less_than_a_signature_is_never_malicious_by_itself) {
  struct Case {
    std::string name, reason;
    Disposition disposition;
  };
  const Case cases[] = {
      {"Heuristics.Encrypted.Zip", "clamd-encrypted", Disposition::kUnscannable},
      {"Heuristics.Limits.Exceeded.MaxFileSize", "clamd-limit", Disposition::kUnscannable},
      {"Heuristics.Structured.CreditCardNumber", "clamd-personal-data", Disposition::kNone},
      {"Heuristics.Broken.Executable", "clamd-broken-file", Disposition::kNone},
      {"Heuristics.OLE2.ContainsMacros.VBA", "clamd-macros", Disposition::kNone},
      {"Heuristics.Phishing.Email.SpoofedDomain", "clamd-phishing", Disposition::kSuspicious},
      {"Heuristics.W32.Parite.B", "clamd-heuristic", Disposition::kSuspicious},
      {"PUA.Win.Packer.UPX", "clamd-unwanted-program", Disposition::kNone},
      {"Sanesecurity.Phishing.Bank.1.UNOFFICIAL", "clamd-phishing", Disposition::kSuspicious},
      {"Sanesecurity.SpamImg.3.UNOFFICIAL", "clamd-spam", Disposition::kSpam},
      {"Sanesecurity.Junk.7.UNOFFICIAL", "clamd-spam", Disposition::kSpam},
  };
  for (const Case& each : cases) {
    BOOST_TEST_CONTEXT(each.name) {
      BOOST_TEST(OnlyFinding(Found({each.name})).reason == each.reason);
      BOOST_TEST((DispositionOf({Found({each.name})}) == each.disposition));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_engine_that_found_nothing_moves_nothing) {
  BOOST_TEST(FindingsOfEngines({Found({}), Scored("no action"), Scored("greylist")}).empty());
}

BOOST_AUTO_TEST_CASE(an_engine_without_an_answer_is_a_limit_only_where_it_is_required) {
  for (const std::string_view engine : {kClamd, kRspamd}) {
    const Finding told = OnlyFinding(Silent(engine, false));
    BOOST_TEST(told.reason == std::string(engine) + "-unavailable");
    BOOST_TEST((told.indication == Indication::kInformation));
    BOOST_TEST((DispositionOf({Silent(engine, false)}) == Disposition::kNone));
    BOOST_TEST((DispositionOf({Silent(engine, true)}) == Disposition::kUnscannable));
  }
  const EngineAnswer refused = Silent(kClamd, true, EngineOutcome::kRefused);
  BOOST_TEST(OnlyFinding(refused).reason == "clamd-refused");
  BOOST_TEST((DispositionOf({refused}) == Disposition::kUnscannable));
}

BOOST_AUTO_TEST_CASE(a_required_engine_away_does_not_hide_what_the_judge_saw) {
  const Verdict judged = WeighFindings({{"eicar-test-file", Indication::kMalware, 1, ""}});
  const Verdict verdict = WithEngines(judged, {Silent(kClamd, true)});
  BOOST_TEST((verdict.disposition == Disposition::kMalicious));
}

BOOST_AUTO_TEST_CASE(a_symbol_that_speaks_for_the_message_is_no_phishing) {
  BOOST_TEST(FindingsOfEngines({Scored("no action", {{"PHISHING", -1}})}).empty());
  BOOST_TEST(OnlyFinding(Scored("no action", {{"PHISHING", 4}})).evidence == "PHISHING");
}

// Every rule at once, in every action: what rspamd says is never enough by itself.
BOOST_AUTO_TEST_CASE(rspamd_alone_never_makes_malicious) {
  const std::vector<EngineSymbol> everything = {
      {"PHISHED_OPENPHISH", 7},  {"PHISHED_PHISHTANK", 7}, {"PHISHED_GENERIC_SERVICE", 7},
      {"HACKED_WP_PHISHING", 4}, {"URIBL_PHISH", 7},       {"PH_SURBL_MULTI", 7},
      {"DBL_PHISH", 7},          {"PHISHING", 4},          {"CLAM_VIRUS", 10},
      {"VIRUS_FOUND", 10},       {"DBL_MALWARE", 7},       {"MW_SURBL_MULTI", 7},
      {"URIBL_MALWARE", 7}};
  for (const char* action : {"reject", "quarantine", "discard", "add header", "rewrite subject",
                             "soft reject", "greylist", "no action"}) {
    const EngineAnswer answer = Scored(action, everything);
    BOOST_TEST((DispositionOf({answer}) == Disposition::kSuspicious), action);
    BOOST_TEST((DispositionOf({answer, answer}) == Disposition::kSuspicious), action);
  }
  BOOST_TEST((DispositionOf({Scored("reject")}) == Disposition::kSpam));
  BOOST_TEST((DispositionOf({Scored("add header")}) == Disposition::kNone));
}

BOOST_AUTO_TEST_CASE(a_score_of_hundreds_of_digits_is_cut) {
  for (const double score : {1e300, -1e300, std::numeric_limits<double>::infinity()}) {
    EngineAnswer answer = Scored("reject");
    answer.score = answer.threshold = score;
    const std::string most = score < 0 ? "-1000000.00" : "1000000.00";
    BOOST_TEST(OnlyFinding(answer).evidence == "score " + most + " of " + most + ": reject");
    BOOST_TEST(OnlyFinding(Recorded(answer)).evidence == OnlyFinding(answer).evidence);
  }
}

BOOST_AUTO_TEST_CASE(words_from_outside_are_cut_and_repaired) {
  EngineAnswer answer = Scored("reject\xFF");
  answer.version = std::string(100'000, 'v');
  answer.score = std::numeric_limits<double>::infinity();
  answer.signatures.assign(1000, std::string(5000, 's'));
  for (int i = 0; i < 5000; ++i) answer.symbols.push_back({"S" + std::to_string(i), i * 1.0});
  answer.symbols.push_back({"NAN", std::numeric_limits<double>::quiet_NaN()});
  const EngineAnswer kept = Recorded(answer);
  BOOST_TEST(kept.action == "reject\xEF\xBF\xBD");
  BOOST_TEST(kept.version.size() == EngineAnswerLimits::kText);
  BOOST_TEST(kept.score == 1e6);
  BOOST_TEST(kept.signatures.size() == EngineAnswerLimits::kSignatures);
  BOOST_TEST(kept.signatures.front().size() == EngineAnswerLimits::kText);
  BOOST_TEST(kept.symbols.size() == EngineAnswerLimits::kSymbols);
  BOOST_TEST(kept.symbols.front().name == "S4999");
}

// What `explain` leans on: the recorded answers and the judge's findings are enough.
BOOST_AUTO_TEST_CASE(the_verdict_comes_again_from_what_is_recorded) {
  const Verdict judged = WeighFindings({{"a", Indication::kPhishing, 0.45, "x"},
                                        {"b", Indication::kBulk, 0.4, "y"},
                                        {"c", Indication::kPhishing, 0.3, "z"}});
  Judgement judgement;
  judgement.message_offset = 4711;
  judgement.message_bytes = 17;
  judgement.engines = {Recorded(Scored("reject", {{"PHISHING", 4}, {"X", -0.1}})),
                       Recorded(Found({"Heuristics.Encrypted.Zip"})),
                       Recorded(Silent(kClamd, true))};
  judgement.verdict = WithEngines(judged, judgement.engines);

  const auto read = JudgementFromJson(ToJson(judgement));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST((read->engines == judgement.engines));
  BOOST_TEST((read->message_offset == judgement.message_offset));
  const Verdict again = WithEngines(judged, read->engines);
  BOOST_TEST((again.disposition == judgement.verdict.disposition));
  BOOST_TEST(again.score == judgement.verdict.score);
  BOOST_REQUIRE_EQUAL(again.findings.size(), judgement.verdict.findings.size());
  for (std::size_t i = 0; i < again.findings.size(); ++i) {
    BOOST_TEST(again.findings[i].reason == judgement.verdict.findings[i].reason);
  }
}

BOOST_AUTO_TEST_CASE(an_unknown_outcome_is_an_error_that_names_its_place) {
  Judgement judgement;
  judgement.engines = {Found({})};
  std::string json = ToJson(judgement);
  const std::string word = "\"answered\"";
  json.replace(json.find(word), word.size(), "\"perhaps\"");
  const auto read = JudgementFromJson(json);
  BOOST_REQUIRE(!read.ok());
  BOOST_TEST(read.error().what.find("outcome") != std::string::npos, read.error().what);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
