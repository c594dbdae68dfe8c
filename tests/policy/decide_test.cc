// SPDX-License-Identifier: Apache-2.0
#include "policy/decide.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

namespace clawback {
namespace {

constexpr std::string_view kTenantId = "7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1";

Tenant Contoso() {
  Tenant tenant;
  tenant.name = "contoso";
  tenant.tenant_id = kTenantId;
  tenant.domains = {"contoso.example", "sub.contoso.example"};
  tenant.demands.originator_org = "contoso.onmicrosoft.com";
  tenant.mode = Mode::kEnforce;
  tenant.settings_version = "0123456789abcdef";
  tenant.actions.Set(Disposition::kMalicious, Action::kSoftDelete);
  tenant.actions.Set(Disposition::kSpam, Action::kJunk);
  return tenant;
}

Judgement Report(Disposition disposition, const std::vector<std::string>& addresses) {
  Judgement judgement;
  judgement.report.kind = ReportKind::kJournalReport;
  judgement.report.marks = {"Contoso.onmicrosoft.com", std::string(kTenantId),
                            std::string(kTenantId)};
  judgement.verdict.disposition = disposition;
  for (const std::string& address : addresses) {
    judgement.report.recipients.push_back({RecipientType::kRecipient, address, std::nullopt, ""});
  }
  return judgement;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decide)

// Who sends to a mailbox chooses how its address is written.
BOOST_AUTO_TEST_CASE(an_exempt_mailbox_is_exempt_however_it_is_written) {
  Tenant tenant = Contoso();
  tenant.lists[ListName::kExemptRecipients] = {"boss@contoso.example", "team+a@contoso.example"};
  const std::vector<std::string> exempt = {
      "boss@contoso.example",       "BOSS@Contoso.Example",      "\"boss\"@contoso.example",
      "\"b\\oss\"@contoso.example", "boss+news@contoso.example", "\"Boss+x\"@contoso.example",
      "team+a@contoso.example",     "\"team+a\"@contoso.example"};
  const std::vector<std::string> others = {"team@contoso.example",     "team+b@contoso.example",
                                           "+boss@contoso.example",    "boss@sub.contoso.example",
                                           "bosss+@contoso.example",   "\"+boss\"@contoso.example",
                                           "\"bo ss\"@contoso.example"};
  for (const auto& [addresses, action] :
       {std::pair(exempt, Action::kNone), std::pair(others, Action::kSoftDelete)}) {
    for (const std::string& address : addresses) {
      const Decision decision = Decide(tenant, Report(Disposition::kMalicious, {address}));
      BOOST_TEST((decision.recipients.at(0).action == action), address);
      BOOST_TEST((tenant.EntryFor(ListName::kExemptRecipients, address) != nullptr) ==
                     (action == Action::kNone),
                 address);
    }
  }
}

BOOST_AUTO_TEST_CASE(each_recipient_gets_the_action_of_the_disposition) {
  struct Case {
    Disposition disposition;
    Action action;
  };
  for (const Case test :
       {Case{Disposition::kMalicious, Action::kSoftDelete}, Case{Disposition::kSpam, Action::kJunk},
        Case{Disposition::kSuspicious, Action::kNone},
        Case{Disposition::kUnscannable, Action::kNone}, Case{Disposition::kNone, Action::kNone}}) {
    const Decision decision =
        Decide(Contoso(), Report(test.disposition, {"a@contoso.example", "b@SUB.contoso.example"}));
    BOOST_TEST((decision.handling == Handling::kDecided));
    BOOST_TEST((decision.mode == Mode::kEnforce));
    BOOST_TEST(decision.settings_version == "0123456789abcdef");
    BOOST_REQUIRE_EQUAL(decision.recipients.size(), 2U);
    for (const RecipientDecision& recipient : decision.recipients) {
      BOOST_TEST((recipient.action == test.action));
      BOOST_TEST(recipient.reason == "disposition");
    }
  }
}

BOOST_AUTO_TEST_CASE(unscannable_follows_the_table_like_any_other) {
  Tenant tenant = Contoso();
  tenant.actions.Set(Disposition::kUnscannable, Action::kTrash);
  const Decision decision =
      Decide(tenant, Report(Disposition::kUnscannable, {"a@contoso.example"}));
  BOOST_TEST((decision.recipients.at(0).action == Action::kTrash));
}

BOOST_AUTO_TEST_CASE(lists_change_what_is_done_and_are_named_where_they_do) {
  struct Case {
    Disposition disposition;
    std::string sender;
    bool authenticated;
    std::string recipient;
    Action action;
    std::string reason;
  };
  const std::string boss = "Boss@contoso.example", ana = "ana@contoso.example";
  const Case cases[] = {
      // Exempt: nothing automatic, whatever it is and whoever sent it.
      {Disposition::kMalicious, "x@other.example", false, boss, Action::kNone, "exempt-recipient"},
      {Disposition::kNone, "x@bad.example", false, boss, Action::kNone, "exempt-recipient"},
      {Disposition::kNone, "x@other.example", false, boss, Action::kNone, "disposition"},
      {Disposition::kMalicious, "x@other.example", false, ana, Action::kSoftDelete, "disposition"},
      // Trusted: only if authenticated, never for MALICIOUS.
      {Disposition::kSpam, "News@partner.example", true, ana, Action::kNone, "trusted-sender"},
      {Disposition::kSpam, "x@friend.example", true, ana, Action::kNone, "trusted-sender"},
      {Disposition::kSpam, "y@partner.example", true, ana, Action::kJunk, "disposition"},
      {Disposition::kSpam, "news@partner.example", false, ana, Action::kJunk, "disposition"},
      {Disposition::kMalicious, "news@partner.example", true, ana, Action::kSoftDelete,
       "disposition"},
      {Disposition::kNone, "news@partner.example", true, ana, Action::kNone, "disposition"},
      // Blocked: at least as SPAM, before trust, authenticated or not.
      {Disposition::kNone, "x@bad.example", false, ana, Action::kJunk, "blocked-sender"},
      {Disposition::kNone, "x@both.example", true, ana, Action::kJunk, "blocked-sender"},
      {Disposition::kSpam, "x@both.example", true, ana, Action::kJunk, "disposition"},
      {Disposition::kMalicious, "x@bad.example", false, ana, Action::kSoftDelete, "disposition"},
      {Disposition::kNone, "x@sub.bad.example", false, ana, Action::kNone, "disposition"},
      {Disposition::kSpam, "", true, ana, Action::kJunk, "disposition"},
  };
  Tenant tenant = Contoso();
  tenant.lists[ListName::kExemptRecipients] = {"boss@contoso.example"};
  tenant.lists[ListName::kTrustedSenders] = {"news@partner.example", "friend.example",
                                             "both.example"};
  tenant.lists[ListName::kBlockedSenders] = {"bad.example", "both.example"};
  for (const Case& test : cases) {
    Judgement judgement = Report(test.disposition, {test.recipient});
    judgement.sender = {test.sender, test.authenticated};
    const Decision decision = Decide(tenant, judgement);
    const std::string what = test.sender + " " + std::string(ToString(test.disposition));
    BOOST_TEST((decision.recipients.at(0).action == test.action), what);
    BOOST_TEST(decision.recipients.at(0).reason == test.reason, what);
  }
  Judgement bounced = Report(Disposition::kNone, {ana});
  bounced.report.sender = "bounce@bad.example";
  BOOST_TEST(Decide(tenant, bounced).recipients.at(0).reason == "blocked-sender");
}

BOOST_AUTO_TEST_CASE(who_is_not_the_tenants_is_never_acted_on) {
  struct Case {
    std::string address, reason;
  };
  const Case cases[] = {
      {"a@fabrikam.example", "outside-accepted-domains"},
      {"a@contoso.example.evil.example", "outside-accepted-domains"},
      {"a@notcontoso.example", "outside-accepted-domains"},
      {"a@other.contoso.example", "outside-accepted-domains"},
      {"a@contoso.example@evil.example", "not-an-address"},
      {"a@evil.example@contoso.example", "not-an-address"},
      {"@contoso.example", "not-an-address"},
      {"a@evil.example, b@contoso.example", "not-an-address"},
      {"a b@contoso.example", "not-an-address"},
      {"x\"y, Expanded: b@contoso.example", "not-an-address"},
      {"<a@evil.example> b@contoso.example", "not-an-address"},
      {"\"a@contoso.example", "not-an-address"},
      {"\"a\"b@contoso.example", "not-an-address"},
      {"\"b@contoso.example\"@evil.example", "outside-accepted-domains"},
      {"IMCEAEX-_o=x_cn=a@contoso.example", "distinguished-name"},
      {"IMCEAINVALID-a+2Eb@contoso.example", "distinguished-name"},
      {"/cn=a@contoso.example", "distinguished-name"},
      {"/o=First Organization/ou=x/cn=Recipients/cn=a", "distinguished-name"},
      {"/O=x/cn=a@contoso.example", "distinguished-name"},
      {"EX:/o=x/cn=a", "distinguished-name"},
      {"contoso.example", "not-an-address"},
      {"", "not-an-address"},
  };
  for (const Case& test : cases) {
    const Decision decision = Decide(Contoso(), Report(Disposition::kMalicious, {test.address}));
    BOOST_REQUIRE_EQUAL(decision.recipients.size(), 1U);
    BOOST_TEST((decision.recipients[0].action == Action::kNone), test.address);
    BOOST_TEST(decision.recipients[0].reason == test.reason, test.address);
  }
}

BOOST_AUTO_TEST_CASE(odd_addresses_of_the_tenant_are_addresses) {
  for (const std::string address :
       {"o'brien+tag@contoso.example", "\"odd, Expanded: name\"@contoso.example",
        "\"a\\\"b\"@contoso.example", "j\xC3\xBCrgen@contoso.example", "a/b=c@CONTOSO.example"}) {
    const Decision decision = Decide(Contoso(), Report(Disposition::kMalicious, {address}));
    BOOST_TEST((decision.recipients.at(0).action == Action::kSoftDelete), address);
  }
}

BOOST_AUTO_TEST_CASE(a_mailbox_named_twice_is_decided_once) {
  const Decision decision =
      Decide(Contoso(), Report(Disposition::kMalicious,
                               {"A@contoso.example", "b@contoso.example", "a@Contoso.Example"}));
  BOOST_REQUIRE_EQUAL(decision.recipients.size(), 2U);
  BOOST_TEST(decision.recipients[0].address == "A@contoso.example");
  BOOST_TEST(decision.recipients[1].address == "b@contoso.example");
}

BOOST_AUTO_TEST_CASE(a_report_of_another_tenant_is_unauthentic_whatever_it_says) {
  Judgement judgement = Report(Disposition::kMalicious, {"a@contoso.example"});
  judgement.report.marks.organization_id = "00000000-0000-0000-0000-000000000000";
  const Decision decision = Decide(Contoso(), judgement);
  BOOST_TEST((decision.handling == Handling::kUnauthentic));
  BOOST_TEST(decision.recipients.empty());
  BOOST_TEST(decision.reason ==
             "tenant id: \"7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1 and "
             "00000000-0000-0000-0000-000000000000\", expected "
             "\"7f3c1a52-9d0e-4b7a-8c11-5e2f90a4d6b1\" in X-LD-Processed or "
             "X-MS-Exchange-Organization-Id");
}

BOOST_AUTO_TEST_CASE(only_a_usable_report_is_decided) {
  struct Case {
    ReportKind kind;
    Handling handling;
  };
  for (const Case test : {Case{ReportKind::kMessage, Handling::kPlainMessage},
                          Case{ReportKind::kMalformed, Handling::kMalformed},
                          Case{ReportKind::kConnectorValidation, Handling::kConnectorValidation},
                          Case{ReportKind::kUndeliverableReport, Handling::kUndeliverableReport},
                          Case{ReportKind::kUnsupported, Handling::kUnsupported}}) {
    Judgement judgement = Report(Disposition::kMalicious, {"a@contoso.example"});
    judgement.report.kind = test.kind;
    const Decision decision = Decide(Contoso(), judgement);
    BOOST_TEST((decision.handling == test.handling));
    BOOST_TEST(decision.recipients.empty());
    BOOST_TEST(!decision.reason.empty());
    judgement.report.problem = "why";
    BOOST_TEST(Decide(Contoso(), judgement).reason == "why");
  }
}

BOOST_AUTO_TEST_CASE(a_parked_report_keeps_the_reason_and_names_nobody) {
  const Decision decision = ParkedDecision(Contoso(), "judge killed: cpu time over 1 s");
  BOOST_TEST((decision.handling == Handling::kParked));
  BOOST_TEST(decision.reason == "judge killed: cpu time over 1 s");
  BOOST_TEST(decision.recipients.empty());
}

BOOST_AUTO_TEST_CASE(a_decision_survives_json) {
  Decision decision = Decide(
      Contoso(), Report(Disposition::kMalicious, {"a@contoso.example", "\xFF@contoso.example"}));
  decision.reason = "gr\xC3\xBC\xC3\x9F \"quoted\"\n";
  const auto read = DecisionFromJson(ToJson(decision));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST((read->handling == decision.handling));
  BOOST_TEST(read->reason == decision.reason);
  BOOST_TEST((read->mode == decision.mode));
  BOOST_TEST(read->settings_version == decision.settings_version);
  BOOST_REQUIRE_EQUAL(read->recipients.size(), 2U);
  BOOST_TEST(read->recipients[1].address == "\xFF@contoso.example");
  BOOST_TEST((read->recipients[1].action == Action::kSoftDelete));
  BOOST_TEST(read->recipients[1].reason == "disposition");
}

BOOST_AUTO_TEST_CASE(json_that_is_no_decision_is_refused) {
  for (const std::string_view json :
       {"", "[]", "{}", "{\"handling\":\"decided\"}", "{\"handling\":\"x\",\"mode\":\"observe\"}",
        "{\"handling\":\"decided\",\"mode\":\"observe\",\"recipients\":[{\"action\":\"eat\"}]}",
        "{\"handling\":\"decided\",\"mode\":\"observe\",\"recipients\":[1]}",
        "{\"handling\":\"decided\",\"mode\":\"observe\"} x"}) {
    BOOST_TEST(!DecisionFromJson(json).ok(), json);
  }
}

BOOST_AUTO_TEST_CASE(every_handling_reads_back) {
  for (int i = 0; i <= static_cast<int>(Handling::kUnsupported); ++i) {
    const auto handling = static_cast<Handling>(i);
    BOOST_TEST((HandlingFrom(ToString(handling)) == handling));
  }
}

BOOST_AUTO_TEST_CASE(a_listed_host_or_file_blocks_whoever_is_trusted) {
  Tenant tenant = Contoso();
  tenant.lists[ListName::kTrustedSenders] = {"partner.example"};
  Judgement judgement = Report(Disposition::kBulk, {"a@contoso.example"});
  judgement.sender = {"a@partner.example", true};
  BOOST_TEST((Decide(tenant, judgement).recipients.at(0).action == Action::kNone));
  for (const char* reason : {"blocked-host", "blocked-hash"}) {
    judgement.verdict.findings = {{reason, Indication::kPhishing, 0.6, "listed", "part 2"}};
    const RecipientDecision decided = Decide(tenant, judgement).recipients.at(0);
    BOOST_TEST((decided.action == Action::kJunk));  // that of SPAM
    BOOST_TEST(decided.reason == reason);
    BOOST_TEST(decided.entry == "part 2: listed");
  }
  judgement.verdict.findings = {{"new-domain-link", Indication::kPhishing, 0.2, "listed"}};
  BOOST_TEST((Decide(tenant, judgement).recipients.at(0).action == Action::kNone));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
