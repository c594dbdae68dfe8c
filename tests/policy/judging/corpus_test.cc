// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE unit_judging
#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "policy/journal/unwrap.h"
#include "policy/message/message.h"
#include "tests/policy/judging/samples.h"

namespace clawback {
namespace {

using boost::json::object;
using boost::json::value;

std::string Text(const object& from, std::string_view key) {
  const value* found = from.if_contains(key);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : std::string();
}

// "kind" of the manifest's expectation: a name, several, or true and false.
std::vector<std::string> KindsIn(const object& expect) {
  std::vector<std::string> kinds;
  if (const value* listed = expect.if_contains("kind")) {
    for (const value& kind : listed->as_array()) kinds.emplace_back(kind.as_string());
    return kinds;
  }
  const value& is_report = expect.at("is_journal_report");
  if (is_report.is_string()) return {std::string(is_report.as_string())};
  if (is_report.as_bool()) return {"journal-report"};
  if (expect.contains("contains_journal_report")) return {"undeliverable-report"};
  if (expect.contains("smtp")) return {"connector-validation"};
  return {"message"};
}

void CheckRecipients(const JournalReport& report, const object& expect) {
  if (const value* count = expect.if_contains("recipient_count")) {
    BOOST_TEST(static_cast<std::int64_t>(report.recipients.size()) == count->as_int64());
    BOOST_TEST(report.recipients.front().address == Text(expect, "first_recipient"));
    BOOST_TEST(report.recipients.back().address == Text(expect, "last_recipient"));
    BOOST_TEST(report.recipients.back().original == Text(expect, "all_orig"));
  }
  const value* listed = expect.if_contains("recipients");
  if (listed == nullptr) return;
  const auto& expected = listed->as_array();
  BOOST_REQUIRE_EQUAL(report.recipients.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const object& one = expected[i].as_object();
    const Recipient& recipient = report.recipients[i];
    BOOST_TEST(ToString(recipient.type) == Text(one, "type"));
    BOOST_TEST(recipient.address == Text(one, "addr"));
    BOOST_TEST((recipient.redirect ? ToString(*recipient.redirect) : "") == Text(one, "redirect"));
    BOOST_TEST(recipient.original == Text(one, "orig"));
  }
}

void CheckText(const object& expect, std::string_view key, const std::string& found) {
  if (expect.contains(key)) BOOST_TEST(found == Text(expect, key));
}

void CheckStamps(const ExchangeStamps& stamps, const object& expect) {
  if (const value* results = expect.if_contains("authres")) {
    const object& authres = results->as_object();
    CheckText(authres, "spf", stamps.spf);
    CheckText(authres, "dkim", stamps.dkim);
    CheckText(authres, "dmarc", stamps.dmarc);
    CheckText(authres, "compauth", stamps.compauth);
    CheckText(authres, "reason", stamps.compauth_reason);
  }
  if (const value* report = expect.if_contains("far")) {
    const object& far = report->as_object();
    CheckText(far, "SCL", stamps.scl);
    CheckText(far, "CAT", stamps.category);
    CheckText(far, "SFV", stamps.filter_verdict);
    CheckText(far, "DIR", stamps.direction);
  }
}

void CheckSample(const std::filesystem::path& folder, const object& sample) {
  const std::string name = Text(sample, "file");
  BOOST_TEST_CONTEXT(name) {
    const object& expect = sample.at("expect").as_object();
    const std::string bytes = ReadFile(folder / name);
    const Judgement judgement = Judge(bytes);
    const JournalReport& report = judgement.report;
    const auto kinds = KindsIn(expect);
    BOOST_TEST((std::find(kinds.begin(), kinds.end(), ToString(report.kind)) != kinds.end()),
               "is " << ToString(report.kind) << " " << report.problem);
    CheckRecipients(report, expect);
    CheckText(expect, "sender", report.sender);
    CheckText(expect, "on_behalf_of", report.on_behalf_of);
    CheckText(expect, "subject", report.subject);
    CheckText(expect, "message_id", report.message_id);
    CheckText(expect, "tenant_id", report.marks.organization_id);
    if (const value* count = expect.if_contains("inner_messages")) {
      BOOST_TEST(report.inner_messages == count->as_int64());
    }
    if (expect.contains("must_not_act_on")) {
      BOOST_TEST(report.message_id != Text(expect, "must_not_act_on"));
    }
    if (report.kind == ReportKind::kMalformed) {
      BOOST_TEST(ToString(judgement.verdict.disposition) == "UNSCANNABLE");
      BOOST_TEST(report.recipients.empty());
      BOOST_TEST(!report.problem.empty());
    }
    CheckStamps(ParseMessage(Unwrap(bytes).message).stamps, expect);
  }
}

void CheckManifest(const std::filesystem::path& folder) {
  const value manifest = boost::json::parse(ReadFile(folder / "manifest.json"));
  const auto& files = manifest.at("files").as_array();
  BOOST_TEST(files.size() >= 18U);
  for (const value& sample : files) CheckSample(folder, sample.as_object());
}

BOOST_AUTO_TEST_SUITE(corpus)

BOOST_AUTO_TEST_CASE(every_sample_is_read_as_its_manifest_says) { CheckManifest(JournalSamples()); }

BOOST_AUTO_TEST_CASE(every_report_of_the_large_corpus_is_read_as_its_manifest_says) {
  const auto corpus = LargeCorpus();
  if (!corpus) {
    BOOST_TEST_MESSAGE("SKIPPED: no large corpus; set CLAWBACK_CORPUS to its folder");
    return;
  }
  CheckManifest(*corpus / "journal");
}

BOOST_AUTO_TEST_CASE(the_real_reports_hold_no_finding_that_moves_a_verdict) {
  for (const char* name : {"r01", "r02", "r03"}) {
    BOOST_TEST(ToString(Judge(JournalSample(name)).verdict.disposition) == "NONE");
  }
}

BOOST_AUTO_TEST_CASE(forged_verdicts_do_not_hide_a_spoof) {
  const Judgement judgement = Judge(JournalSample("s25"));
  BOOST_TEST(ToString(judgement.verdict.disposition) == "SPOOF");
}

BOOST_AUTO_TEST_CASE(exchange_is_not_believed_over_an_unproven_channel) {
  JudgeRequest request = ProvenRequest();
  request.trust = ChannelTrust::kUnproven;
  const Judgement judgement = JudgeBytes(JournalSample("s25"), request);
  BOOST_TEST(ToString(judgement.verdict.disposition) == "NONE");
}

BOOST_AUTO_TEST_CASE(of_a_decrypted_double_the_clear_part_is_classified) {
  const std::string bytes = JournalSample("s08");
  const Unwrapped unwrapped = Unwrap(bytes);
  BOOST_TEST(unwrapped.message.find("Clear text of the protected") != std::string_view::npos);
  BOOST_TEST(unwrapped.report.inner_messages == 2);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace clawback
