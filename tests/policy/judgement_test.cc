// SPDX-License-Identifier: Apache-2.0
#include "policy/judge/judgement.h"

#include <boost/test/unit_test.hpp>
#include <limits>
#include <random>
#include <string>

#include "policy/base/text.h"

namespace clawback {
namespace {

Judgement Example() {
  Judgement judgement;
  JournalReport& report = judgement.report;
  report.kind = ReportKind::kJournalReport;
  report.problem = "none";
  report.report_id = "<r@journal.report.generator>";
  report.sender = "<>";
  report.on_behalf_of = "boss@contoso.example";
  report.subject =
      "Gr\xC3\xBC\xC3\x9F"
      "e \"quoted\" \n \x01";
  report.message_id = "<caf\xE9 \xFF\x00@evil>";
  report.message_id += std::string("\0tail", 5);
  report.network_message_id = "0d5c5f4e-0000-4000-8000-000000000001";
  report.recipients = {
      {RecipientType::kBcc, "a@contoso.example", Redirect::kExpanded, "all@contoso.example"},
      {RecipientType::kTo, "b@contoso.example", std::nullopt, ""}};
  report.inner_messages = 2;
  report.marks = {"org", "guid-1", "guid-2"};
  Fingerprint& fingerprint = judgement.fingerprint;
  fingerprint.message_id = report.message_id;
  fingerprint.from = "\xFE@evil.example";
  fingerprint.subject = "s";
  fingerprint.date = -5;
  fingerprint.text = {0, 1, std::numeric_limits<std::uint64_t>::max()};
  fingerprint.text_triples = 4'000'000'000U;
  fingerprint.attachments = {"aa", "bb"};
  judgement.hunt = {{"a.example", "b.example"},
                    {"example"},
                    {0, std::numeric_limits<std::uint64_t>::max()},
                    {"cc"},
                    "rechnung # gr\xC3\xBC\xC3\x9F"
                    "e",
                    true};
  judgement.verdict = {Disposition::kSpoof,
                       0.7312345678901234,
                       {{"r", Indication::kSpoof, 0.1, "why", "header From"}}};
  judgement.from = "Boss <boss@contoso.example>";
  judgement.message_bytes = std::numeric_limits<std::uint64_t>::max();
  judgement.model = "0123456789ab";
  judgement.hunt.hosts = {"a.example", "xn--b.example"};
  judgement.hunt.urls = {0, 7, std::numeric_limits<std::uint64_t>::max()};
  judgement.hunt.subject_key = "invoice #";
  judgement.hunt.more = true;
  judgement.features = {{0, 7}, {std::numeric_limits<std::uint32_t>::max()}};
  return judgement;
}

// One valid judgement's JSON with a part of it replaced.
std::string Broken(std::string_view from, std::string_view to) {
  std::string json = ToJson(Example());
  const size_t at = json.find(from);
  BOOST_REQUIRE_NE(at, std::string::npos);
  return json.replace(at, from.size(), to);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(judgement)

// Of the message as a whole, and as records of earlier releases have it.
BOOST_AUTO_TEST_CASE(a_finding_without_a_place_is_written_without_one_and_read) {
  Judgement judgement = Example();
  judgement.verdict.findings[0].place.clear();
  const std::string json = ToJson(judgement);
  BOOST_TEST(json.find("place") == std::string::npos);
  const auto read = JudgementFromJson(json);
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(read->verdict.findings.at(0).place.empty());
  BOOST_TEST(read->verdict.findings.at(0).evidence == "why");
}

BOOST_AUTO_TEST_CASE(a_judgement_survives_json_byte_for_byte) {
  const Judgement wanted = Example();
  const std::string json = ToJson(wanted);
  BOOST_TEST(IsUtf8(json));
  BOOST_TEST(json.find('\n') == std::string::npos);
  const auto read = JudgementFromJson(json);
  BOOST_REQUIRE(read.ok());
  BOOST_TEST((read->report.kind == wanted.report.kind));
  BOOST_TEST(read->report.message_id == wanted.report.message_id);
  BOOST_TEST((read->hunt == wanted.hunt));
  BOOST_TEST(read->report.report_id == wanted.report.report_id);
  BOOST_TEST(read->report.sender == "<>");
  BOOST_TEST(read->report.on_behalf_of == wanted.report.on_behalf_of);
  BOOST_TEST(read->report.subject == wanted.report.subject);
  BOOST_TEST(read->report.problem == wanted.report.problem);
  BOOST_TEST(read->report.network_message_id == wanted.report.network_message_id);
  BOOST_TEST(read->report.inner_messages == 2);
  BOOST_TEST(read->report.marks.originator_org == "org");
  BOOST_TEST(read->report.marks.processed_tenant == "guid-1");
  BOOST_TEST(read->report.marks.organization_id == "guid-2");
  BOOST_TEST((read->fingerprint == wanted.fingerprint));
  BOOST_TEST((read->verdict.disposition == Disposition::kSpoof));
  BOOST_TEST(read->verdict.score == wanted.verdict.score);
  BOOST_TEST(read->verdict.findings.at(0).weight == 0.1);
  BOOST_TEST(read->verdict.findings.at(0).place == "header From");
  BOOST_TEST(read->from == wanted.from);
  BOOST_TEST(read->message_bytes == wanted.message_bytes);
  BOOST_TEST(read->model == wanted.model);
  BOOST_TEST((read->features == wanted.features));
  BOOST_TEST(ToJson(*read) == json);
}

BOOST_AUTO_TEST_CASE(redirections_survive_json) {
  const auto read = JudgementFromJson(ToJson(Example()));
  BOOST_REQUIRE(read.ok());
  const auto& recipients = read->report.recipients;
  BOOST_REQUIRE_EQUAL(recipients.size(), 2U);
  BOOST_TEST((recipients[0].type == RecipientType::kBcc));
  BOOST_TEST((recipients[0].redirect == Redirect::kExpanded));
  BOOST_TEST(recipients[0].original == "all@contoso.example");
  BOOST_TEST(!recipients[1].redirect);
  BOOST_TEST(recipients[1].original.empty());
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_utf8_are_repaired_for_people_and_kept_beside) {
  const std::string json = ToJson(Example());
  BOOST_TEST(json.find("\"message_id\":\"<caf\xEF\xBF\xBD ") != std::string::npos);
  BOOST_TEST(json.find("\"message_id_hex\":\"3c636166e920ff") != std::string::npos);
  Judgement plain = Example();
  plain.report.message_id = plain.fingerprint.message_id = "<a@b>";
  BOOST_TEST(ToJson(plain).find("message_id_hex") == std::string::npos);
  plain.report.subject = "\xFF";
  const auto read = JudgementFromJson(ToJson(plain));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST(read->report.subject == "\xEF\xBF\xBD");
}

BOOST_AUTO_TEST_CASE(any_message_id_survives) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    Judgement judgement;
    for (size_t i = random() % 40; i > 0; --i) {
      judgement.report.message_id.push_back(static_cast<char>(random() % 256));
    }
    const auto read = JudgementFromJson(ToJson(judgement));
    BOOST_REQUIRE(read.ok());
    BOOST_REQUIRE(read->report.message_id == judgement.report.message_id);
  }
}

BOOST_AUTO_TEST_CASE(what_a_judge_must_not_say_is_refused_with_its_place) {
  struct Case {
    std::string json, fault;
  };
  const Case cases[] = {
      {"", "judgement: not JSON: incomplete JSON"},
      {"[]", "judgement: expected an object"},
      {"{}", "judgement: report: is missing"},
      {Broken("\"journal-report\"", "\"x\""), "judgement: report.kind: unknown word"},
      {Broken("\"journal-report\"", "7"), "judgement: report.kind: expected a string"},
      {Broken("\"inner_messages\":2", "\"inner_messages\":4294967296"),
       "judgement: report.inner_messages: expected an integer in range"},
      {Broken("\"inner_messages\":2", "\"inner_messages\":2.5"),
       "judgement: report.inner_messages: expected an integer in range"},
      {Broken("\"text_triples\":4000000000", "\"text_triples\":-1"),
       "judgement: fingerprint.text_triples: expected an integer in range"},
      {Broken("\"text\":\"0", "\"text\":\""),
       "judgement: fingerprint.text: expected 16 hexadecimal digits a hash"},
      {Broken("\"text\":\"0", "\"text\":\"x"),
       "judgement: fingerprint.text: expected 16 hexadecimal digits a hash"},
      {Broken("\"attachments\":[\"aa\"", "\"attachments\":[1"),
       "judgement: fingerprint.attachments: expected an array of strings"},
      {Broken("\"disposition\":\"SPOOF\"", "\"disposition\":\"OK\""),
       "judgement: verdict.disposition: unknown word"},
      {Broken("\"score\":", "\"score\":1e3,\"x\":"), "judgement: verdict.score: expected 0 to 1"},
      {Broken("\"indication\":\"spoof\"", "\"indication\":null"),
       "judgement: verdict.findings.indication: expected a string"},
      {Broken("\"type\":\"Bcc\",", ""), "judgement: report.recipients.type: is missing"},
      {Broken("\"message_id_hex\":\"3c", "\"message_id_hex\":\"3"),
       "judgement: report.message_id_hex: expected hexadecimal digits"},
  };
  for (const Case& test : cases) {
    const auto read = JudgementFromJson(test.json);
    BOOST_REQUIRE(!read.ok());
    BOOST_TEST(read.error().what.substr(0, test.fault.size()) == test.fault);
    BOOST_TEST((read.error().kind == ErrorKind::kInvalid));
  }
}

BOOST_AUTO_TEST_CASE(json_cut_anywhere_is_an_error_and_nothing_worse) {
  const std::string json = ToJson(Example());
  for (size_t length = 0; length < json.size(); ++length) {
    BOOST_REQUIRE(!JudgementFromJson(json.substr(0, length)).ok());
  }
  std::mt19937 random(5);
  for (int round = 0; round < 5000; ++round) {
    std::string bent = json;
    bent[random() % bent.size()] = static_cast<char>(random() % 256);
    (void)JudgementFromJson(bent);
  }
}

BOOST_AUTO_TEST_CASE(a_request_survives_json) {
  const std::vector<Person> people = {{"Zoë Ångström", {"z@a.example", "z@b.example"}},
                                      {"A B", {}}};
  const JudgeRequest wanted{
      Question::kFingerprint, ChannelTrust::kProven, {"contoso", {"a.example"}, people}};
  const auto read = JudgeRequestFromJson(ToJson(wanted));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST((read->question == wanted.question));
  BOOST_TEST((read->trust == wanted.trust));
  BOOST_TEST((read->tenant == wanted.tenant));
  BOOST_TEST(!JudgeRequestFromJson("{}").ok());
  BOOST_TEST(!JudgeRequestFromJson(R"({"question":"judge","trust":"proven",)"
                                   R"("tenant":{"people":[{"name":1}]}})")
                  .ok());
}

BOOST_AUTO_TEST_CASE(a_fingerprint_survives_json) {
  const Fingerprint wanted = Example().fingerprint;
  const auto read = FingerprintFromJson(ToJson(wanted));
  BOOST_REQUIRE(read.ok());
  BOOST_TEST((*read == wanted));
}

BOOST_AUTO_TEST_CASE(every_word_reads_back) {
  for (int i = 0; i <= static_cast<int>(ReportKind::kUnsupported); ++i) {
    const auto kind = static_cast<ReportKind>(i);
    BOOST_TEST((ReportKindFrom(ToString(kind)) == kind));
  }
  for (const RecipientType type :
       {RecipientType::kTo, RecipientType::kCc, RecipientType::kBcc, RecipientType::kRecipient}) {
    BOOST_TEST((RecipientTypeFrom(ToString(type)) == type));
  }
  for (const Redirect redirect : {Redirect::kExpanded, Redirect::kForwarded}) {
    BOOST_TEST((RedirectFrom(ToString(redirect)) == redirect));
  }
  BOOST_TEST(!ReportKindFrom("Journal-Report"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace clawback
