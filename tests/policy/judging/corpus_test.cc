// SPDX-License-Identifier: Apache-2.0
#define BOOST_TEST_MODULE unit_judging
#include <algorithm>
#include <boost/json.hpp>
#include <boost/test/unit_test.hpp>

#include "policy/decide.h"
#include "policy/journal/parse/classify_kind.h"
#include "policy/journal/parse/outer_parts.h"
#include "policy/journal/unwrap.h"
#include "policy/message/message.h"
#include "policy/source_checks.h"
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

// --- what is decided ------------------------------------------------------------------

// The tenant that the manifest's envelope leads to, with what a new tenant demands.
Tenant TenantFor(const std::string& service_address) {
  Tenant tenant;
  tenant.name = "contoso";
  tenant.tenant_id = "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1";
  tenant.domains = {"contoso.example", "subdomain.contoso.example", "onprem.example"};
  tenant.demands.originator_org = "contosotest.onmicrosoft.com";
  if (service_address.rfind("company@", 0) == 0) {
    tenant.tenant_id = "6e1e3a0a-cb5b-4699-9a6a-595e9ef289e9";
    tenant.domains = {"company.example"};
    tenant.demands.originator_org = "teamcompany-test.onmicrosoft.com";
  } else if (service_address.rfind("receiver@", 0) == 0) {
    tenant.tenant_id = "d278989d-1867-4992-aefc-07283e73df94";
    tenant.domains = {"receiver.example"};
    tenant.demands.originator_org = "receiverorg-test.onmicrosoft.com";
  }
  tenant.demands.certificate_subject = "mail.protection.outlook.com";
  tenant.demands.networks = {"192.0.2.0/24"};
  for (const Disposition disposition : kAllDispositions) {
    tenant.actions.Set(disposition, Action::kJunk);  // so that nobody is spared by a verdict
  }
  return tenant;
}

std::string HandlingOf(const std::string& name, ReportKind kind) {
  if (name.rfind("r08", 0) == 0) return "unauthentic";  // on-premises: no X-OriginatorOrg
  switch (kind) {
    case ReportKind::kJournalReport:
      return "decided";
    case ReportKind::kMessage:
      return "plain-message";
    default:
      return std::string(ToString(kind));
  }
}

// Only mailboxes of the tenant are acted on, each as the report names it.
void CheckActions(const Decision& decision, const Tenant& tenant, const JournalReport& report) {
  for (const RecipientDecision& recipient : decision.recipients) {
    if (recipient.action == Action::kNone) continue;
    BOOST_TEST(tenant.Accepts(recipient.address));
    BOOST_TEST(std::any_of(report.recipients.begin(), report.recipients.end(),
                           [&](const auto& named) { return named.address == recipient.address; }));
  }
}

void CheckDecision(const object& sample, const Judgement& judgement) {
  const object& envelope = sample.at("envelope").as_object();
  const Tenant tenant = TenantFor(Text(envelope, "rcpt_to"));
  const Decision decision = Decide(tenant, judgement);
  BOOST_TEST(ToString(decision.handling) ==
             HandlingOf(Text(sample, "file"), judgement.report.kind));
  if (decision.handling != Handling::kDecided) {
    BOOST_TEST(decision.recipients.empty());
    BOOST_TEST(!decision.reason.empty());
  }
  CheckActions(decision, tenant, judgement.report);
  for (const RecipientDecision& recipient : decision.recipients) {
    BOOST_TEST(recipient.address != "ceo@contoso.example");  // s26: the subject says so
  }
  const object& expect = sample.at("expect").as_object();
  if (const value* authentic = expect.if_contains("authentic")) {
    // s24: imitated to the last byte; what is missing is the connection's proof.
    BOOST_TEST(!authentic->as_bool());
    Channel channel;
    channel.client_address = "203.0.113.66";
    BOOST_TEST(UnmetByChannel(tenant.demands, channel).has_value());
  }
}

void CheckInnerIds(std::string_view bytes, const object& expect) {
  const value* ids = expect.if_contains("inner_message_ids");
  if (ids == nullptr) return;
  const Wrapper wrapper = ReadWrapper(bytes);
  const std::string boundary = Parameter(*wrapper.content_type.value, "boundary");
  std::vector<std::string> found;
  for (const OuterPart& part : DirectParts(bytes.substr(wrapper.body), boundary, 64)) {
    if (part.type != "message/rfc822") continue;
    found.push_back(FindField(part.body, "Message-ID").value_or(""));
  }
  BOOST_REQUIRE_EQUAL(found.size(), ids->as_array().size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    BOOST_TEST(found[i] == std::string_view(ids->as_array()[i].as_string()));
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
    CheckInnerIds(bytes, expect);
    CheckDecision(sample, judgement);
  }
}

void CheckManifest(const std::filesystem::path& folder) {
  const value manifest = boost::json::parse(ReadFile(folder / "manifest.json"));
  const auto& files = manifest.at("files").as_array();
  BOOST_TEST(files.size() >= 50U);
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

BOOST_AUTO_TEST_CASE(nothing_hostile_or_hidden_is_found_clean) {
  for (const char* name : {"m06", "m09", "m11", "m14", "s19", "s20"}) {
    BOOST_TEST(ToString(Judge(JournalSample(name)).verdict.disposition) == "UNSCANNABLE", name);
  }
}

BOOST_AUTO_TEST_CASE(the_decision_names_the_form_that_is_not_supported) {
  const Tenant tenant = TenantFor("");
  BOOST_TEST(Decide(tenant, Judge(JournalSample("s19"))).reason.find("Exchange 2003") !=
             std::string::npos);
  BOOST_TEST(Decide(tenant, Judge(JournalSample("s20"))).reason.find("WorkMail") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(names_inside_exchange_are_recorded_and_not_acted_on) {
  const Decision decision = Decide(TenantFor(""), Judge(JournalSample("s18")));
  BOOST_REQUIRE_EQUAL(decision.recipients.size(), 3U);
  BOOST_TEST(decision.recipients[0].reason == "distinguished-name");
  BOOST_TEST(decision.recipients[1].reason == "distinguished-name");
  BOOST_TEST((decision.recipients[2].action == Action::kJunk));
}

BOOST_AUTO_TEST_CASE(odd_recipient_lines_name_whom_they_name_and_nobody_else) {
  const Decision decision = Decide(TenantFor(""), Judge(JournalSample("m18")));
  std::vector<std::string> acted;
  for (const RecipientDecision& each : decision.recipients) {
    if (each.action != Action::kNone) acted.push_back(each.address);
  }
  const std::vector<std::string> expected = {
      "alice@contoso.example", "bob@contoso.example",
      "carol@contoso.example", "\"odd, Expanded: name\"@contoso.example",
      "angle@contoso.example", "disp@contoso.example",
      "upper@contoso.example"};
  BOOST_TEST(acted == expected, boost::test_tools::per_element());
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
